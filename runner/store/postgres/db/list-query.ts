import type { Value } from './database.ts';

/** A condition on `?`, which stands for the value; without a value there is none. */
export type Condition = readonly [sql: string, value: number | string | undefined];

/**
 * The rows of a page, and one more if there is one: `WHERE …` and `LIMIT …` with the values of their parameters. The
 * limit is a parameter as well: a text of its own for each would be a prepared statement of its own on every connection.
 */
export function listed(
	limit: number,
	conditions: readonly Condition[],
): { where: string; most: string; values: Value[] } {
	const values: Value[] = [];
	const parts = conditions.flatMap(([sql, value]) => {
		if (value === undefined) return [];
		values.push(value);
		return [sql.replace('?', `$${values.length}`)];
	});
	values.push(limit + 1);
	return {
		where: parts.length > 0 ? `WHERE ${parts.join(' AND ')}` : '',
		most: `LIMIT $${values.length}::integer`,
		values,
	};
}
