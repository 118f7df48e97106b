import type { Condition } from '../../rows/list-conditions.ts';
import type { Value } from './database.ts';

/**
 * Selects the rows of a page, and one more to see if there is a next page: `WHERE …` and `LIMIT …` with the values of their
 * parameters. The limit is a parameter as well: as text, each limit would be another prepared statement on each connection.
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
