import { isObject } from './json.ts';
import type { Draft, Unread } from '../provider.ts';
import type { ReceivedEvent } from '../../received-event.ts';

/** Number of unreadable entries of a list after which the rest is taken as one event. */
export const MOST_UNREAD = 1_000;

/**
 * Reads a list whose entries stand for themselves: one that cannot be read is an event of its own, and the others are
 * not lost with it. Undefined for an empty list, which says nothing.
 *
 * After a thousand that cannot be read the rest of the list is one event: a list of nothing else must not become as many
 * as it has entries.
 */
export function readBatch(
	list: readonly unknown[],
	read: (raw: Record<string, unknown>) => ReceivedEvent | undefined,
): Draft | undefined {
	if (list.length === 0) return undefined;
	const events: (ReceivedEvent | Unread)[] = [];
	let unread = 0;
	for (const [i, raw] of list.entries()) {
		const event = isObject(raw) ? read(raw) : undefined;
		if (event) events.push(event);
		else if (unread++ < MOST_UNREAD) events.push({ unread: raw });
		else return { events: [...events, { unread: list.slice(i) }] };
	}
	return { events };
}

/** A list whose rest is one entry where it is longer than any that its provider sends. */
export function withRestAsOne(list: readonly unknown[]): readonly unknown[] {
	if (list.length <= MOST_UNREAD) return list;
	return [...list.slice(0, MOST_UNREAD), list.slice(MOST_UNREAD)];
}
