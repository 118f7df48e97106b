import { type Broken, readEach } from '../rows/broken-row.ts';
import { cursorAt, type FeedCursor, isPruned } from './feed-cursor.ts';
import type { EventPage } from '../contract/feed.ts';
import type { Row } from '../rows/columns.ts';
import { type AboutRules, toEvent } from '../rows/event.ts';

/** A page ends at this size, so that large events neither fill memory nor block other requests. */
export const MOST_PAGE_BYTES = 8 * 1024 * 1024;

/** A page of events, with those that it passed over because they are not JSON any more. */
export interface ReadPage<Event> extends EventPage<Event> {
	readonly broken: readonly Broken[];
}

/**
 * Makes the page that begins at `from`, of rows with `position`, `id` and the columns of `toEvent`. `goesOn`: there may be
 * more rows. Undefined for a cursor beyond the end of the feed.
 */
export function toReadPage<Event>(
	rows: readonly Row[],
	goesOn: boolean,
	from: FeedCursor,
	{ newest, pruned }: { readonly newest: number; readonly pruned: number },
	rules: AboutRules,
): ReadPage<Event> | undefined {
	if (from.after > newest) return undefined;
	if (isPruned(from, pruned)) return { events: [], broken: [], nextCursor: '0', isPruned: true };
	const { items: events, broken } = readEach(rows, (row) => toEvent<Event>(row, rules));
	// At the end of the feed the cursor moves past events that did not match, so that they are not looked at again.
	const last = goesOn ? Number(rows.at(-1)?.position) : newest;
	return { events, broken, nextCursor: cursorAt(last, from, pruned) };
}
