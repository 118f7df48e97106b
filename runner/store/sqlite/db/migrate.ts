import type { DatabaseSync } from 'node:sqlite';
import { setImmediate as freeLoop } from 'node:timers/promises';
import { VERSION } from '../../../version.ts';
import type { MigrationProgress, MigrationWatcher } from '../../migration.ts';
import type { NewerSchema } from '../../rules/newer-schema.ts';
import { PartSize, type Phase, type PhasesByStep, report } from '../../rules/phases.ts';
import { MIGRATIONS } from './migrations.ts';
import { beginMoving, moveRows, placeOf } from './move-rows.ts';
import { PHASES } from './phases.ts';

/** The first step that is listed in `schema_steps`, which it makes. */
const FIRST_LISTED_STEP = 9;

/** Time that a part of a migration takes, and holds up the event loop, about; milliseconds. */
const PART_MS = 100;

/** The steps of a schema. */
export interface Schema {
	readonly steps: readonly string[];
	readonly phases: PhasesByStep;
}

export const NEWEST: Schema = { steps: MIGRATIONS, phases: PHASES };

export interface MigrateOptions {
	/** Milliseconds since 1970. */
	readonly now: number;
	/** The newest one unless given. */
	readonly schema?: Schema;
	/** Parts of about 100 ms unless given. */
	readonly size?: PartSize;
}

/** Brings the schema up to date, however long it takes. */
export function migrate(db: DatabaseSync, options: MigrateOptions): void {
	const parts = migrationOf(db, options);
	while (!parts.next().done);
}

/**
 * Brings the schema up to date and lets the event loop run between the parts. Rejects with `MigrationStopped` when the
 * watcher ends it.
 */
export async function migrateWatched(
	db: DatabaseSync,
	watcher: MigrationWatcher,
	options: MigrateOptions,
): Promise<void> {
	for (const progress of migrationOf(db, options)) {
		await report(watcher, progress);
		await freeLoop();
	}
}

/** The phases that a database has not ended; none for a new one, which has no rows. */
export function phasesLeft(db: DatabaseSync, { steps, phases } = NEWEST): readonly Phase[] {
	const version = schemaVersion(db);
	const place = placeOf(db);
	const left = steps.flatMap((_, i) => (i >= version && phases[i + 1]) || []);
	return version === 0 ? [] : [...(place ? (phases[place.step] ?? []) : []), ...left];
}

/**
 * The steps that are missing, each in a transaction of its own; the phases of a step in many. The version counts a step as
 * soon as it has begun, so that an older Sureping refuses the database; `migration_progress` says that it has not ended.
 * Yields before each part and at the end of a step.
 */
function* migrationOf(
	db: DatabaseSync,
	{ now, schema: { steps, phases } = NEWEST, size = new PartSize(PART_MS) }: MigrateOptions,
): Generator<MigrationProgress, void> {
	yield* moved(db, phases, size);
	const version = schemaVersion(db);
	for (const [i, step] of steps.entries()) {
		const number = i + 1;
		if (number <= version) continue;
		db.exec(`BEGIN IMMEDIATE; ${step} PRAGMA user_version = ${number};`);
		if (number >= FIRST_LISTED_STEP) {
			const insert = 'INSERT INTO schema_steps (step, made_by, made_at) VALUES (?, ?, ?)';
			db.prepare(insert).run(number, VERSION, now);
		}
		beginMoving(db, number, phases[number] ?? []);
		db.exec('COMMIT');
		yield* moved(db, phases, size);
	}
}

/**
 * Parts need not wait for the disk one by one: after a power failure SQLite goes back to an earlier part, rows and place
 * together (https://www.sqlite.org/pragma.html#pragma_synchronous, NORMAL in WAL mode). All of them are on disk at the end.
 */
function* moved(
	db: DatabaseSync,
	phases: PhasesByStep,
	size: PartSize,
): Generator<MigrationProgress, void> {
	if (!placeOf(db)) return;
	const names = ['synchronous', 'cache_size', 'wal_autocheckpoint'];
	const usual = names.map((name) => `PRAGMA ${name} = ${pragma(db, name)};`).join('');
	db.exec(`
		PRAGMA synchronous = NORMAL;
		PRAGMA cache_size = -65536;
		PRAGMA wal_autocheckpoint = 16000;
	`);
	try {
		yield* moveRows(db, phases, size);
	} finally {
		db.exec(usual);
	}
	db.exec('PRAGMA wal_checkpoint(TRUNCATE)');
}

/** The number that a pragma has. */
export function pragma(db: DatabaseSync, name: string): number {
	return Number(Object.values(db.prepare(`PRAGMA ${name}`).get() ?? {})[0]);
}

/** The number of steps that the database has; 0 for a new one. */
export function schemaVersion(db: DatabaseSync): number {
	return Number(db.prepare('PRAGMA user_version').get()?.user_version ?? 0);
}

/** Undefined unless the database has steps that this version does not know. */
export function newerSchema(db: DatabaseSync): NewerSchema | undefined {
	const schema = schemaVersion(db);
	if (schema <= MIGRATIONS.length) return undefined;
	return { schema, known: MIGRATIONS.length, madeBy: madeBy(db, schema) };
}

/** A future version may keep this elsewhere: then the database does not tell. */
function madeBy(db: DatabaseSync, step: number): string | undefined {
	try {
		const row = db.prepare('SELECT made_by FROM schema_steps WHERE step = ?').get(step);
		return row === undefined ? undefined : String(row.made_by);
	} catch {
		return undefined;
	}
}
