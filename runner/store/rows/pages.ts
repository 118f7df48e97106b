import type { Page } from '../contract/pages.ts';
import type { Row } from './columns.ts';

/**
 * Makes a page of rows that were selected with one more than the limit, which shows if there is a next page. `isCut`: there
 * is one anyway. Rows that cannot be read are passed over: they are listed as dead letters.
 */
export function toPage<T extends { readonly id: string }>(
	rows: readonly Row[],
	limit: number,
	toItem: (row: Row) => T,
	isCut = false,
): Page<T> {
	const shown = rows.slice(0, limit);
	const items = shown.flatMap((row) => {
		try {
			return [toItem(row)];
		} catch {
			return [];
		}
	});
	const last = shown.at(-1);
	return (isCut || rows.length > limit) && last
		? { items, nextCursor: String(last.id) }
		: { items };
}
