import type { Condition } from '../../rows/list-conditions.ts';

/** The rows of a page, and one more if there is one: `WHERE …` with the values of its parameters and of `LIMIT ?`. */
export function listed(
	limit: number,
	conditions: readonly Condition[],
): { readonly where: string; readonly values: readonly (string | number)[] } {
	const parts: string[] = [];
	const values: (string | number)[] = [];
	for (const [sql, value] of conditions) {
		if (value === undefined) continue;
		parts.push(sql);
		values.push(value);
	}
	values.push(limit + 1);
	return { where: parts.length > 0 ? `WHERE ${parts.join(' AND ')}` : '', values };
}
