import { isObject } from './json.ts';
import type { Draft, ReceivedEvent } from './received.ts';

/**
 * Reads a list whose entries stand for themselves: one that cannot be read is an event of its own, and the others are
 * not lost with it. Undefined for an empty list, which says nothing.
 */
export function readBatch(
	list: readonly unknown[],
	read: (raw: Record<string, unknown>) => ReceivedEvent | undefined,
): Draft | undefined {
	if (list.length === 0) return undefined;
	return { events: list.map((raw) => (isObject(raw) ? read(raw) : undefined) ?? { unread: raw }) };
}
