import { isObject } from './json.ts';
import type { ReceivedEvent, Reading } from './received.ts';

/**
 * Reads a list whose entries stand for themselves: those that are no events are counted, and the others are not lost
 * with them. Undefined when there is no event in it.
 */
export function readBatch(
	list: readonly unknown[],
	read: (raw: Record<string, unknown>) => ReceivedEvent | undefined,
): Reading | undefined {
	return gathered(list.map((raw) => (isObject(raw) ? read(raw) : undefined)));
}

/** The same for entries that were read already; those that were no events are undefined. */
export function gathered(entries: readonly (ReceivedEvent | undefined)[]): Reading | undefined {
	const events = entries.filter((event) => event !== undefined);
	if (events.length === 0) return undefined;
	const malformed = entries.length - events.length;
	return { events, ...(malformed > 0 ? { malformed } : {}) };
}
