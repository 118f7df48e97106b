/** A condition on `?`, which stands for the value; without a value there is none. */
export type Condition = readonly [sql: string, value: string | undefined];

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
