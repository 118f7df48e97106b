import { StoreError } from '../../contract/errors.ts';
import { type Database, ENDLESS, type Sql } from './database.ts';
import { MIGRATIONS } from './migrations.ts';

/**
 * The key of the advisory lock by which processes that start together migrate one after the other: any number that
 * nothing else locks.
 */
const MIGRATION_LOCK = 7_383_737_464;

/** Brings the schema up to date. A newer schema is left as it is: it goes on working for older versions. */
export async function migrate(
	database: Database,
	steps: readonly string[] = MIGRATIONS,
): Promise<void> {
	if ((await schemaVersion(database)) >= steps.length) return;
	await database.transaction(async (sql) => {
		await sql.rows('SELECT pg_advisory_xact_lock($1::bigint)', [MIGRATION_LOCK]);
		const version = await schemaVersion(sql);
		if (version === 0) await createSchema(sql);
		for (const [i, step] of steps.entries()) {
			if (i < version) continue;
			await sql.rows(step);
			await sql.rows('INSERT INTO sureping.schema_steps VALUES ($1::integer, now())', [i + 1]);
		}
	}, ENDLESS);
}

/** The number of steps that the schema has; 0 without a schema. */
export async function schemaVersion(sql: Sql): Promise<number> {
	// Not `to_regclass`: after waiting for a lock it may answer from before it.
	const found = await sql.rows(
		"SELECT 1 AS one FROM pg_tables WHERE schemaname = 'sureping' AND tablename = 'schema_steps'",
	);
	if (found.length === 0) return 0;
	const [row] = await sql.rows('SELECT max(step) AS step FROM sureping.schema_steps');
	return Number(row?.step ?? 0);
}

async function createSchema(sql: Sql): Promise<void> {
	const tables = await sql.rows(
		"SELECT 1 AS one FROM pg_tables WHERE schemaname = 'sureping' LIMIT 1",
	);
	if (tables.length > 0) {
		throw new StoreError(
			'The database has a schema "sureping" with tables that are not Sureping’s.',
		);
	}
	await sql.rows('CREATE SCHEMA IF NOT EXISTS sureping');
	await sql.rows(
		'CREATE TABLE sureping.schema_steps (step integer PRIMARY KEY, made_at timestamptz NOT NULL)',
	);
}
