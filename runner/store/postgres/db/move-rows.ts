import { setTimeout as sleep } from 'node:timers/promises';
import type { MigrationWatcher } from '../../migration.ts';
import {
	further,
	type MovedRows,
	type PartSize,
	type Phase,
	type PhasesByStep,
	type Place,
	report,
	startOf,
	toPlace,
} from '../../rules/phases.ts';
import { isLockTimeout, isUnknownTable } from './connection-errors.ts';
import { type Database, ENDLESS, type Sql } from './database.ts';

/**
 * The key of the advisory lock by which processes that start together migrate one after the other: any number that
 * nothing else locks.
 */
const MIGRATION_LOCK = 7_383_737_464;

/** Waits until no other process migrates, and keeps them waiting until the transaction ends. */
export async function lockMigration(sql: Sql): Promise<void> {
	await sql.rows('SELECT pg_advisory_xact_lock($1::bigint)', [MIGRATION_LOCK]);
}

/**
 * The place of a step whose rows are not all moved. The table is there only meanwhile, so that a database with it is one
 * whose migration must go on.
 */
const PLACE = `CREATE TABLE sureping.migration_progress (
	step integer PRIMARY KEY,
	phase integer NOT NULL,
	-- A key, as JSON.
	after text NOT NULL,
	done bigint NOT NULL,
	total bigint NOT NULL
)`;

/** The place of a migration that has begun and not ended; undefined when there is none. */
export async function placeOf(sql: Sql): Promise<Place | undefined> {
	const found = await sql.rows(
		"SELECT 1 AS one FROM pg_tables WHERE schemaname = 'sureping' AND tablename = 'migration_progress'",
	);
	if (found.length === 0) return undefined;
	const [row] = await sql
		.rows('SELECT * FROM sureping.migration_progress')
		.catch((error: unknown) => {
			// Another process has ended the migration since.
			if (isUnknownTable(error)) return [];
			throw error;
		});
	return row && toPlace(row);
}

/**
 * Begins the phases of a step, in the transaction of its SQL. Where there is nothing to move, they end at once. True when
 * there are rows to move.
 */
export async function beginMoving(
	sql: Sql,
	step: number,
	phases: readonly Phase[],
): Promise<boolean> {
	let total = 0;
	for (const { rows, reads = [] } of phases) {
		total += await countOf(sql, rows ? [rows.from, ...reads] : reads);
	}
	if (total === 0) {
		for (const { end } of phases) if (end !== undefined) await sql.rows(end);
		return false;
	}
	await sql.rows(PLACE);
	await sql.rows(
		'INSERT INTO sureping.migration_progress VALUES ($1::integer, 0, $2, 0, $3::bigint)',
		[step, JSON.stringify(startOf(phases[0])), total],
	);
	return true;
}

export interface MoveOptions {
	readonly phases: PhasesByStep;
	readonly watcher: MigrationWatcher;
	readonly size: PartSize;
	/**
	 * Time that the end of a phase waits for a lock on its tables, and then leaves them to others before it tries again;
	 * milliseconds.
	 */
	readonly lockWaitMs: number;
}

/**
 * Moves the rows that are left, each part in a transaction with its place. Processes that start together take turns, so
 * one that dies holds up no other. Resolves once the tables are free: a backup reads all of them until it ends.
 */
export async function moveRows(
	database: Database,
	{ phases: byStep, watcher, size, lockWaitMs }: MoveOptions,
): Promise<void> {
	const first = await placeOf(database);
	if (!first) return;
	await report(watcher, first);
	for (let reached = first; ;) {
		const began = performance.now();
		const place = await database
			.transaction(async (sql) => {
				await lockMigration(sql);
				const found = await placeOf(sql);
				const phases = byStep[found?.step ?? 0] ?? [];
				return found && (await movePart(sql, phases, found, { most: size.rows, lockWaitMs }));
			}, ENDLESS)
			.catch((error: unknown): 'locked' => {
				if (isLockTimeout(error)) return 'locked';
				throw error;
			});
		if (place === 'locked') {
			// Others that wait behind this migration go first.
			await sleep(lockWaitMs, undefined, { signal: watcher.signal }).catch(() => undefined);
			await report(watcher, reached);
			continue;
		}
		size.took(performance.now() - began);
		await report(watcher, place ?? { done: reached.total, total: reached.total });
		if (!place) return;
		reached = place;
	}
}

/** Moves one part, or ends a phase that has no rows left. Resolves with the new place; undefined at the end. */
async function movePart(
	sql: Sql,
	phases: readonly Phase[],
	place: Place,
	{ most, lockWaitMs }: { readonly most: number } & Pick<MoveOptions, 'lockWaitMs'>,
): Promise<Place | undefined> {
	const phase = phases[place.phase];
	if (!phase) throw new Error(`step ${place.step} has no phase ${place.phase}`);
	const { rows, end, reads = [] } = phase;
	const part = rows && (await nextPart(sql, rows, place.after, most));
	if (part) {
		// After a failure of the server, rows and place go back to an earlier part together.
		await sql.rows('SET LOCAL synchronous_commit = off');
		for (const text of rows.move) await sql.rows(text, [place.after, part.to]);
		return await moveTo(sql, {
			...place,
			after: part.to,
			done: further(place, part.rows),
		});
	}
	// A statement that waits for the lock of a table holds up all that need the table after it.
	await sql.rows(`SET LOCAL lock_timeout = ${lockWaitMs}`);
	if (end !== undefined) await sql.rows(end);
	const next = phases[place.phase + 1];
	if (next) {
		const done = further(place, await countOf(sql, reads));
		return await moveTo(sql, { ...place, phase: place.phase + 1, after: startOf(next), done });
	}
	await sql.rows('DROP TABLE sureping.migration_progress');
	return undefined;
}

async function moveTo(sql: Sql, place: Place): Promise<Place> {
	await sql.rows(
		'UPDATE sureping.migration_progress SET phase = $1::integer, after = $2, done = $3::bigint',
		[place.phase, JSON.stringify(place.after), place.done],
	);
	return place;
}

/** The last key of the next part and its number of rows; undefined when all rows are moved. */
async function nextPart(
	sql: Sql,
	{ from, key }: MovedRows,
	after: string | number,
	most: number,
): Promise<{ readonly to: string | number; readonly rows: number } | undefined> {
	const [row] = await sql.rows(
		`SELECT max(k) AS last, count(*) AS n
		 FROM (SELECT ${key} AS k FROM ${from} WHERE ${key} > $1 ORDER BY ${key} LIMIT $2::integer) part`,
		[after, most],
	);
	const count = Number(row?.n);
	// A key of the database: a text or a number.
	return count === 0 ? undefined : { to: row?.last as string | number, rows: count };
}

async function countOf(sql: Sql, tables: readonly string[]): Promise<number> {
	let count = 0;
	for (const table of tables) {
		const [row] = await sql.rows(`SELECT count(*) AS n FROM ${table}`);
		count += Number(row?.n);
	}
	return count;
}
