import type { Page } from '../store.ts';
import type { Row } from './columns.ts';

/** Rows of a list that was asked for one more than its limit, so as to know whether it goes on. */
export function toPage<T extends { readonly id: string }>(
	rows: readonly Row[],
	limit: number,
	toItem: (row: Row) => T,
): Page<T> {
	const items = rows.slice(0, limit).map(toItem);
	const last = items.at(-1);
	return rows.length > limit && last ? { items, nextCursor: last.id } : { items };
}
