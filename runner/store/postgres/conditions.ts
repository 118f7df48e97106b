import type { Value } from './database.ts';

/** A condition on `?`, which stands for the value; without a value there is none. */
export type Condition = readonly [sql: string, value: number | string | undefined];

/** `WHERE …` with the values of its parameters, those from `$1` on. */
export function whereAll(conditions: readonly Condition[]): { where: string; values: Value[] } {
	const values: Value[] = [];
	const parts = conditions.flatMap(([sql, value]) => {
		if (value === undefined) return [];
		values.push(value);
		return [sql.replace('?', `$${values.length}`)];
	});
	return { where: parts.length > 0 ? `WHERE ${parts.join(' AND ')}` : '', values };
}
