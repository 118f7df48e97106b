export function whereAll(conditions: readonly { sql: string }[]): string {
	return conditions.length > 0 ? `WHERE ${conditions.map(({ sql }) => sql).join(' AND ')}` : '';
}
