import { CLEAN, REFUSALS } from '../misbehaviour.ts';
import type { StoredAttempt } from '../store/stored.ts';
import type { Facts, SinkRequest } from './facts.ts';
import type { Lives, PastLife } from './lives.ts';
import { matchAttempts } from './match.ts';

/** A request and the stored attempt that it was, if its outcome was stored. */
export interface Exchange {
	readonly request: SinkRequest;
	readonly attempt: StoredAttempt | undefined;
	/** Number of attempts that were stored before it came. */
	readonly before: number;
}

/** All requests about one thing, in the order in which they came. */
export function exchangesOf(
	attempts: readonly StoredAttempt[],
	requests: readonly SinkRequest[],
	lives: Lives,
): readonly Exchange[] {
	const isExcused = (request: SinkRequest): boolean =>
		killedWith(request, requests, lives) !== undefined;
	let before = 0;
	return matchAttempts(attempts, requests, lives, isExcused).map((number, i) => {
		// As many as were matched.
		const request = requests[i] as SinkRequest;
		if (number === undefined) return { request, attempt: undefined, before };
		const exchange = { request, attempt: attempts[number], before: number };
		before = number + 1;
		return exchange;
	});
}

/**
 * The life that was killed with this exchange under way or not stored yet; undefined when there is none, and so no excuse.
 */
export function killedWith(
	request: SinkRequest,
	all: readonly SinkRequest[],
	lives: Lives,
): PastLife | undefined {
	return lives.sendersOf(request).find((life) => {
		const { wasKilled, diedAt, name } = life;
		if (!wasKilled) return false;
		// It would not have begun another attempt before the outcome of this one was stored.
		const later = all.slice(all.indexOf(request) + 1);
		if (later.some((other) => other.life === name)) return false;
		return lives.unstoredAtDeath(life, Math.min(request.endedAt, diedAt)) !== undefined;
	});
}

/** The exchanges that are not stored although nobody killed the runner then. */
export function unexcused(all: readonly Exchange[], lives: Lives): readonly SinkRequest[] {
	const requests = all.map(({ request }) => request);
	return all
		.filter(({ attempt, request }) => !attempt && !killedWith(request, requests, lives))
		.map(({ request }) => request);
}

/** Why something that may have arrived was sent again. */
export type RepeatReason =
	| 'no answer in time (hang)'
	| 'connection reset'
	| 'answered too late'
	| 'killed before the answer'
	| 'killed between answer and commit'
	| 'killed while the disk was full'
	| 'killed while the database was away';

const WITHOUT_ANSWER = {
	hang: 'no answer in time (hang)',
	reset: 'connection reset',
} as const satisfies Record<string, RepeatReason>;

export interface Repeat {
	readonly exchange: Exchange;
	/** Undefined: there is no excuse for it. */
	readonly reason: RepeatReason | undefined;
}

/** Repeats of requests that may have arrived before, each with the reason. */
export function repeatsIn(all: readonly Exchange[], lives: Lives): readonly Repeat[] {
	const requests = all.map(({ request }) => request);
	return all.flatMap((exchange, i) => {
		const taken = all.slice(0, i).findLast((one) => !REFUSALS.has(one.request.behaviour));
		return taken ? [{ exchange, reason: reasonToRepeat(taken, requests, lives) }] : [];
	});
}

function reasonToRepeat(
	{ request, attempt }: Exchange,
	all: readonly SinkRequest[],
	lives: Lives,
): RepeatReason | undefined {
	if (!attempt) {
		const life = killedWith(request, all, lives);
		if (!life) return undefined;
		if (!request.isAnswered) return 'killed before the answer';
		const hindrance = lives.unstoredAtDeath(life, request.endedAt)?.hindrance;
		if (hindrance === 'disk') return 'killed while the disk was full';
		if (hindrance === 'database') return 'killed while the database was away';
		return 'killed between answer and commit';
	}
	// A stored success is not sent again.
	if (!attempt.error) return undefined;
	const { behaviour } = request;
	if (!CLEAN.has(behaviour))
		return Object.entries(WITHOUT_ANSWER).find(([b]) => b === behaviour)?.[1];
	return attempt.error.code === 'TIMEOUT' ? 'answered too late' : undefined;
}

/** Every delivery's exchanges, and every webhook delivery's, with the name that a violation gives them. */
export function* histories(
	facts: Facts,
	which: 'channel' | 'endpoint',
): Iterable<{
	readonly id: string;
	readonly attempts: readonly StoredAttempt[];
	readonly isDelivered: boolean;
	readonly exchanges: readonly Exchange[];
}> {
	const { stored, lives } = facts;
	const items =
		which === 'channel'
			? stored.deliveries.map((one) => ({ one, requests: facts.requestsOf(one) }))
			: stored.webhooks.map((one) => ({ one, requests: facts.requestsFor(one) }));
	for (const { one, requests } of items) {
		const { id, attempts, state } = one;
		const exchanges = exchangesOf(attempts, requests, lives);
		yield { id, attempts, isDelivered: state === 'delivered', exchanges };
	}
}
