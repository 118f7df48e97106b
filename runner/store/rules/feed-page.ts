import type { FeedEvent, OperationalEvent } from '@sureping/engine';
import type { EventPage, Feed } from '../contract/feed.ts';
import { type Broken, readEach } from '../rows/broken-row.ts';
import type { Row } from '../rows/columns.ts';
import { type AboutRules, TELLS_ALL, toEvent } from '../rows/event.ts';
import { deliveryEvents, OPERATIONAL_EVENTS, type TypeFilter } from '../rows/type-filter.ts';
import { cursorAt, type FeedCursor, isPruned, readCursor } from './feed-cursor.ts';

/** A page ends at this size, so that large events neither fill memory nor block other requests. */
export const MOST_PAGE_BYTES = 8 * 1024 * 1024;

/** A page of the feed to read from the database. */
export interface PageQuery {
	readonly from: FeedCursor;
	readonly limit: number;
	readonly filter: TypeFilter;
}

/** The rows of a page, with `position`, `id` and the columns of `toEvent`, and the ends of the feed at the same moment. */
export interface PageRows {
	readonly rows: readonly Row[];
	/** There may be more rows. */
	readonly goesOn: boolean;
	/** The position of the newest event. */
	readonly newest: number;
	/** The position up to which events may have been removed. */
	readonly pruned: number;
}

/**
 * Reads both feeds of a store by its query. Events that are not JSON any more are passed over; `onBroken` makes them dead
 * letters. Pages are undefined for a cursor that is not one of ours, or that lies beyond the end of the feed.
 */
export function feedReaders(
	query: (page: PageQuery) => Promise<PageRows>,
	about: AboutRules,
	onBroken: (broken: readonly Broken[]) => Promise<unknown>,
): Pick<Feed, 'read' | 'readOperational'> {
	const read = async <Event>(
		cursor: string | undefined,
		limit: number,
		filter: TypeFilter,
		rules: AboutRules,
	): Promise<EventPage<Event> | undefined> => {
		const from = readCursor(cursor);
		if (!from) return undefined;
		const { rows, goesOn, newest, pruned } = await query({ from, limit, filter });
		if (from.after > newest) return undefined;
		if (isPruned(from, pruned)) return { events: [], nextCursor: '0', isPruned: true };
		const { items: events, broken } = readEach(rows, (row) => toEvent<Event>(row, rules));
		await onBroken(broken);
		// At the end of the feed the cursor moves past events that did not match, so that they are not looked at again.
		const last = goesOn ? Number(rows.at(-1)?.position) : newest;
		return { events, nextCursor: cursorAt(last, from, pruned) };
	};
	return {
		read: (cursor, limit, types) => read<FeedEvent>(cursor, limit, deliveryEvents(types), about),
		readOperational: (cursor, limit) =>
			read<OperationalEvent>(cursor, limit, OPERATIONAL_EVENTS, TELLS_ALL),
	};
}
