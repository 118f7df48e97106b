import type { Page } from '../contract/pages.ts';
import type { Row } from './columns.ts';

/**
 * Rows of a list that was asked for one more than its limit, so as to know whether it goes on; `isCut` when there are
 * more anyway. A row that cannot be read does not keep the others back: what waits for it is a dead letter, and listed
 * there.
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
