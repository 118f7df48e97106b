import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { temporaryDirectory } from '../support/temporary-directory.ts';
import type { TemporaryPostgres } from '../support/temporary-postgres.ts';

export type Rows = readonly Readonly<Record<string, unknown>>[];

/** A database that a dump was loaded into. */
export interface LoadedDatabase {
	/** As the setting `store` names it. */
	readonly store: string;
	rows(sql: string): Promise<Rows>;
}

export function loadSqlite(dump: string): LoadedDatabase {
	const file = join(temporaryDirectory('old'), 'old.db');
	const using = <T>(use: (db: DatabaseSync) => T): T => {
		const db = new DatabaseSync(file);
		try {
			return use(db);
		} finally {
			db.close();
		}
	};
	using((db) => db.exec(dump));
	return {
		store: `sqlite:${file}`,
		rows: async (sql) => using((db) => db.prepare(sql).all()),
	};
}

export async function loadPostgres(
	server: TemporaryPostgres,
	dump: string,
): Promise<LoadedDatabase> {
	const url = await server.database();
	await server.query(url, dump);
	const inSchema = `${url}?options=${encodeURIComponent('-c search_path=sureping')}`;
	return { store: url, rows: (sql) => server.query(inSchema, sql) };
}
