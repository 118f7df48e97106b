import type { Facts } from './facts.ts';
import { histories, killedWith } from './history.ts';

/** Time that due work waited although it could have been taken up; milliseconds. */
export interface Wait {
	readonly id: string;
	/** The worker that had it before was killed. */
	readonly isOrphaned: boolean;
	/** A worker and the database were there. */
	readonly ms: number;
}

/** Longer than any delay of the runs, and than what a sink asks for. */
const LONGEST_DELAY_MS = 1_100;

/** When the database has come back, who lives gets so long to say so, before its work counts as a dead one's. */
const GRACE_MS = 5_000;

/**
 * The time before each request in which nothing stood in its way: since the one before it had ended, or its sender had
 * been killed; since the send was acknowledged, for the first. What a retry may take, and what clocks that are put back
 * may add to it, is not counted.
 */
export function* waitsOf(facts: Facts, which: 'channel' | 'endpoint'): Iterable<Wait> {
	const { lives, load } = facts;
	const acknowledgedAt = new Map<string, number>();
	for (const line of load) {
		if (line.kind !== 'acknowledged' || acknowledgedAt.has(line.id)) continue;
		const isLater = facts.notifications.get(line.id)?.sendAt !== undefined;
		const at = line.at + (isLater ? LONGEST_DELAY_MS : 0);
		for (const delivery of line.deliveries) acknowledgedAt.set(delivery, at);
	}
	for (const { id, exchanges } of histories(facts, which)) {
		for (const [i, { request }] of exchanges.entries()) {
			const before = exchanges[i - 1];
			const requests = exchanges.map((one) => one.request);
			const death =
				before && !before.attempt ? killedWith(before.request, requests, lives)?.diedAt : undefined;
			const from = before
				? (death ?? before.request.endedAt + LONGEST_DELAY_MS)
				: acknowledgedAt.get(id);
			if (from === undefined || from >= request.at) continue;
			const graceMs = death === undefined ? 0 : lives.outagesBetween(from, request.at) * GRACE_MS;
			const ms = lives.workableMs(from, request.at) - lives.putBackMs(from, request.at) - graceMs;
			yield { id, isOrphaned: death !== undefined, ms: Math.max(0, ms) };
		}
	}
}
