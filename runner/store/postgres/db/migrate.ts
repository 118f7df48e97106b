import { VERSION } from '../../../version.ts';
import { StoreError } from '../../contract/errors.ts';
import { type NewerSchema, refusedSchema } from '../../rules/newer-schema.ts';
import { type MigrationWatcher, UNWATCHED } from '../../migration.ts';
import { PartSize, type PhasesByStep } from '../../rules/phases.ts';
import { type Database, ENDLESS, type Sql } from './database.ts';
import { MIGRATIONS, USABLE_FROM } from './migrations.ts';
import { beginMoving, lockMigration, moveRows, placeOf } from './move-rows.ts';
import { PHASES } from './phases.ts';

/** The first step that is listed with its version, in columns that it makes. */
const FIRST_NAMED_STEP = 6;

/** Time that a part of a migration takes, and that processes take turns after, about; milliseconds. */
const PART_MS = 1_000;

/** Time that the end of a phase waits for a lock, and pauses after; milliseconds. Readers wait behind it as long. */
const LOCK_WAIT_MS = 2_000;

/** The steps of a schema. */
export interface Schema {
	readonly steps: readonly string[];
	readonly phases: PhasesByStep;
}

const NEWEST: Schema = { steps: MIGRATIONS, phases: PHASES };

export interface MigrateOptions {
	/** Follows a migration that moves many rows. */
	readonly watcher?: MigrationWatcher;
	/** The newest one unless given. */
	readonly schema?: Schema;
	/** Parts of about a second unless given. */
	readonly size?: PartSize;
	/** Two seconds unless given. See `MoveOptions`. */
	readonly lockWaitMs?: number;
}

/**
 * Brings the schema up to date. A newer schema is left as it is; one that this version cannot use is a `StoreError`.
 * Rejects with `MigrationStopped` when the watcher ends the migration.
 */
export async function migrate(
	database: Database,
	{
		watcher = UNWATCHED,
		schema = NEWEST,
		size = new PartSize(PART_MS),
		lockWaitMs = LOCK_WAIT_MS,
	}: MigrateOptions = {},
): Promise<void> {
	const { steps, phases } = schema;
	for (;;) {
		const version = await usableVersion(database);
		const place = await placeOf(database);
		// The rows of a step that only a newer version knows are moved by that version.
		const isMoving = place !== undefined && place.step <= steps.length;
		if (version >= steps.length && !isMoving) return;
		if (isMoving) await moveRows(database, { phases, watcher, size, lockWaitMs });
		else await database.transaction(async (sql) => await takeSteps(sql, schema), ENDLESS);
	}
}

/**
 * Takes the steps that are missing, up to one with rows to move. A step counts as soon as it has begun, so that older
 * versions that could not use it refuse the database; `migration_progress` says that it has not ended.
 */
async function takeSteps(sql: Sql, { steps, phases }: Schema): Promise<void> {
	await lockMigration(sql);
	// A newer version may have held the lock, or one that has begun to move rows.
	const version = await usableVersion(sql);
	if (await placeOf(sql)) return;
	if (version === 0) await createSchema(sql);
	for (const [i, step] of steps.entries()) {
		if (i < version) continue;
		await sql.rows(step);
		await listStep(sql, i + 1);
		if (await beginMoving(sql, i + 1, phases[i + 1] ?? [])) return;
	}
}

/** `schemaVersion` of a schema that this version can use. */
async function usableVersion(sql: Sql): Promise<number> {
	const version = await schemaVersion(sql);
	const newer = await newerSchema(sql, version);
	if (newer?.isUsable === false) throw new StoreError(refusedSchema('The database', newer));
	return version;
}

async function listStep(sql: Sql, step: number): Promise<void> {
	if (step < FIRST_NAMED_STEP) {
		await sql.rows(
			'INSERT INTO sureping.schema_steps (step, made_at) VALUES ($1::integer, now())',
			[step],
		);
		return;
	}
	await sql.rows(
		`INSERT INTO sureping.schema_steps (step, made_at, made_by, usable_from)
		 VALUES ($1::integer, now(), $2, $3::integer)`,
		[step, VERSION, USABLE_FROM],
	);
}

/**
 * Undefined unless the database has steps that this version does not know. Steps leave older versions working, so that
 * processes can be replaced one by one, unless one of them says otherwise.
 */
export async function newerSchema(
	sql: Sql,
	schema: number,
): Promise<(NewerSchema & { readonly isUsable: boolean }) | undefined> {
	const known = MIGRATIONS.length;
	if (schema <= known) return undefined;
	const [row] = await sql.rows(
		`SELECT max(usable_from) AS usable_from, max(made_by) FILTER (WHERE step = $1::integer) AS made_by
		 FROM sureping.schema_steps`,
		[schema],
	);
	const madeBy = row?.made_by === null ? undefined : String(row?.made_by);
	return { schema, known, madeBy, isUsable: Number(row?.usable_from) <= known };
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
