import type { Sql } from './database.ts';

/** Writes a row that nothing reads. Rejects when the store cannot write. */
export async function probe(sql: Sql): Promise<void> {
	await sql.rows('UPDATE sureping.probe SET times = times + 1 WHERE id = 1');
}
