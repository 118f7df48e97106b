import type { Row } from '../../rows/columns.ts';
import { type Condition, listed as listedByPlace } from '../../rows/list-conditions.ts';
import { MOST_PAGE_BYTES } from '../../rules/feed-page.ts';
import type { Sql, Value } from './database.ts';

/**
 * `listed` with numbered parameters. The limit is a parameter as well: as text, each limit would be another prepared
 * statement on each connection. `further` conditions have no parameter.
 */
export function listed(
	limit: number,
	conditions: readonly Condition[],
	further: readonly string[] = [],
): { where: string; most: string; values: readonly Value[] } {
	const { where, values } = listedByPlace(limit, conditions);
	let number = 0;
	const all = [where.replaceAll('?', () => `$${++number}`), ...further].filter(Boolean);
	return {
		where: all.join(' AND ').replace(/^(?!WHERE|$)/, 'WHERE '),
		most: `LIMIT $${values.length}::integer`,
		values,
	};
}

/**
 * Condition: a column is one of a few words. As text, not as a parameter: an index of some of the words is used only where
 * the statement itself shows that the word is one of them.
 */
export function isWord(column: string, word: string | undefined): readonly string[] {
	if (word === undefined) return [];
	if (!/^[a-z_]+$/.test(word)) throw new Error(`${column} has no such word`);
	return [`${column} = '${word}'`];
}

/** The rows of a list for `toPage`. */
interface FoundRows {
	readonly rows: readonly Row[];
	/** The rows ended at `MOST_PAGE_BYTES`, so there may be more. */
	readonly isCut: boolean;
}

/**
 * Reads the rows of a list whose rows may be large, up to the one that reaches `MOST_PAGE_BYTES`. `select` is the query with
 * its order and limit, newest `id` first; `large` are the columns of text that may make a row large. The server counts
 * them without reading them, so rows beyond that size cost nothing.
 */
export async function readLargeRows(
	sql: Sql,
	select: string,
	values: readonly Value[],
	large: readonly string[],
): Promise<FoundRows> {
	const size = `(${large.map((column) => `octet_length(${column})`).join(' + ')})`;
	const rows = await sql.rows(
		`SELECT * FROM (
			SELECT *, sum(${size}) OVER (ORDER BY id DESC) AS bytes FROM (${select}) listed
		 ) measured WHERE bytes - ${size} < ${MOST_PAGE_BYTES} ORDER BY id DESC`,
		values,
	);
	return { rows, isCut: Number(rows.at(-1)?.bytes ?? 0) >= MOST_PAGE_BYTES };
}
