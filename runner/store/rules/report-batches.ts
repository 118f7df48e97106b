import type { Notification } from '@sureping/engine';
import type { TakenReports } from '../contract/reports.ts';

/** Reports per transaction, so that others do not wait for a request that holds thousands. */
const REPORTS_TOGETHER = 200;

/**
 * Takes the reports of a request part by part. If a later part cannot be stored, the provider sends the request again, and
 * reports that are stored already count once.
 */
export async function takeInParts<Report>(
	reports: readonly Report[],
	take: (some: readonly Report[]) => Promise<TakenReports>,
): Promise<TakenReports> {
	const parts: TakenReports[] = [];
	for (let i = 0; i < reports.length; i += REPORTS_TOGETHER) {
		parts.push(await take(reports.slice(i, i + REPORTS_TOGETHER)));
	}
	return sumOf(parts);
}

/** The results of several parts together. */
export function sumOf(parts: readonly TakenReports[]): TakenReports {
	const sum = (name: 'matched' | 'unmatched' | 'forwarded' | 'repeated'): number =>
		parts.reduce((total, part) => total + part[name], 0);
	return {
		matched: sum('matched'),
		unmatched: sum('unmatched'),
		forwarded: sum('forwarded'),
		repeated: sum('repeated'),
		events: parts.flatMap(({ events }) => events),
		delivered: parts.flatMap(({ delivered }) => delivered),
	};
}

/** Reports that are forwarded per transaction. */
export const REPORTS_FORWARDED_TOGETHER = 100;

/** A message of ours whose id the service's answer has just given. */
export interface KnownMessage {
	readonly deliveryId: string;
	readonly connection: string;
	readonly messageId: string;
}

/** The messages whose ids a step made known. */
export function newMessageIds(before: Notification, after: Notification): readonly KnownMessage[] {
	const earlier = new Map(before.deliveries.map(({ id, messageId }) => [id, messageId]));
	return after.deliveries.flatMap(({ id: deliveryId, connection, messageId }) =>
		messageId === undefined || messageId === earlier.get(deliveryId)
			? []
			: [{ deliveryId, connection, messageId }],
	);
}
