import { DatabaseSync } from 'node:sqlite';
import pg from 'pg';
import { Database } from '../../runner/store/postgres/db/database.ts';
import { migrate as migratePostgres } from '../../runner/store/postgres/db/migrate.ts';
import { MIGRATIONS as POSTGRES } from '../../runner/store/postgres/db/migrations.ts';
import { isPostgres } from '../../runner/store/postgres/db/url.ts';
import { migrate as migrateSqlite } from '../../runner/store/sqlite/db/migrate.ts';
import { MIGRATIONS as SQLITE } from '../../runner/store/sqlite/db/migrations.ts';
import { fillWith, MANY_SCHEMA, type Many } from './many.ts';

/** Makes a database of an older schema with many notifications. `store` is as the setting names it. */
export async function makeMany(store: string, many: Many): Promise<void> {
	await (isPostgres(store) ? makePostgres : makeSqlite)(store, many);
}

async function makeSqlite(store: string, many: Many): Promise<void> {
	const db = new DatabaseSync(store.replace(/^sqlite:/, ''));
	try {
		// If this is cut off, the file is made again.
		db.exec('PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA cache_size = -65536');
		const steps = SQLITE.slice(0, MANY_SCHEMA.sqlite);
		migrateSqlite(db, { now: many.newest, schema: { steps, phases: {} } });
		db.exec(`BEGIN; ${fillWith('sqlite', many)} COMMIT;`);
	} finally {
		db.close();
	}
}

async function makePostgres(store: string, many: Many): Promise<void> {
	const database = new Database(store, 1);
	try {
		const steps = POSTGRES.slice(0, MANY_SCHEMA.postgres);
		await migratePostgres(database, { schema: { steps, phases: {} } });
	} finally {
		await database.close();
	}
	const client = new pg.Client({ connectionString: store });
	await client.connect();
	try {
		await client.query(fillWith('postgres', many));
		await client.query('ANALYZE');
	} finally {
		await client.end();
	}
}
