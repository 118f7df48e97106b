import type { Notification } from '@sureping/engine';
import type { TakenReports } from '../contract/reports.ts';

/**
 * One transaction's share of a request that holds thousands, so that others do not wait for all of them. A request whose
 * later part is not stored is sent again, and what is there already counts once.
 */
export const REPORTS_TOGETHER = 200;

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

/** One transaction's share of what is to be passed on. */
export const REPORTS_FORWARDED_TOGETHER = 100;

/** A message of ours whose service has just said by which id it knows it. */
export interface KnownMessage {
	readonly deliveryId: string;
	readonly connection: string;
	readonly messageId: string;
}

/** The messages that a step gave their ids. */
export function newMessageIds(before: Notification, after: Notification): readonly KnownMessage[] {
	const earlier = new Map(before.deliveries.map(({ id, messageId }) => [id, messageId]));
	return after.deliveries.flatMap(({ id: deliveryId, connection, messageId }) =>
		messageId === undefined || messageId === earlier.get(deliveryId)
			? []
			: [{ deliveryId, connection, messageId }],
	);
}
