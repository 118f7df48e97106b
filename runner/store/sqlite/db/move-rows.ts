import type { DatabaseSync } from 'node:sqlite';
import type { MigrationProgress } from '../../migration.ts';
import {
	further,
	type MovedRows,
	type PartSize,
	type Phase,
	type PhasesByStep,
	type Place,
	startOf,
	toPlace,
} from '../../rules/phases.ts';

/**
 * The place of a step whose rows are not all moved. The table is there only meanwhile, so that a database with it is one
 * whose migration must go on.
 */
const PLACE = `
	CREATE TABLE migration_progress (
		step INTEGER PRIMARY KEY,
		phase INTEGER NOT NULL,
		-- A key, as JSON.
		after TEXT NOT NULL,
		done INTEGER NOT NULL,
		total INTEGER NOT NULL
	) STRICT;
`;

/** The place of a migration that has begun and not ended; undefined when there is none. */
export function placeOf(db: DatabaseSync): Place | undefined {
	const has = db.prepare("SELECT 1 FROM sqlite_schema WHERE name = 'migration_progress'").get();
	if (!has) return undefined;
	const row = db.prepare('SELECT step, phase, after, done, total FROM migration_progress').get();
	return row && toPlace(row);
}

/** Begins the phases of a step, in the transaction of its SQL. Where there is nothing to move, they end at once. */
export function beginMoving(db: DatabaseSync, step: number, phases: readonly Phase[]): void {
	const total = phases.reduce(
		(sum, { rows, reads = [] }) => sum + countOf(db, rows ? [rows.from, ...reads] : reads),
		0,
	);
	if (total === 0) {
		for (const { end } of phases) if (end !== undefined) db.exec(end);
		return;
	}
	db.exec(PLACE);
	db.prepare('INSERT INTO migration_progress VALUES (?, 0, ?, 0, ?)').run(
		step,
		JSON.stringify(startOf(phases[0])),
		total,
	);
}

/**
 * Moves the rows that are left, each part in a transaction with its place. Yields the place before the first part and after
 * each.
 */
export function* moveRows(
	db: DatabaseSync,
	byStep: PhasesByStep,
	size: PartSize,
): Generator<MigrationProgress, void> {
	for (;;) {
		const place = placeOf(db);
		if (!place) return;
		const phases = byStep[place.step] ?? [];
		yield place;
		const began = performance.now();
		const isDone = inTransaction(db, () => movePart(db, phases, place, size.rows));
		size.took(performance.now() - began);
		if (isDone) yield { done: place.total, total: place.total };
	}
}

/** Moves one part, or ends a phase that has no rows left. True when it ended the last one. */
function movePart(db: DatabaseSync, phases: readonly Phase[], place: Place, most: number): boolean {
	const phase = phases[place.phase];
	if (!phase) throw new Error(`step ${place.step} has no phase ${place.phase}`);
	const { rows, end, reads = [] } = phase;
	const part = rows && nextPart(db, rows, place.after, most);
	if (part) {
		for (const sql of rows.move) db.prepare(sql).run(place.after, part.to);
		moveTo(db, { ...place, after: part.to, done: further(place, part.rows) });
		return false;
	}
	if (end !== undefined) db.exec(end);
	const next = phases[place.phase + 1];
	if (!next) {
		db.exec('DROP TABLE migration_progress');
		return true;
	}
	const done = further(place, countOf(db, reads));
	moveTo(db, { ...place, phase: place.phase + 1, after: startOf(next), done });
	return false;
}

function moveTo(db: DatabaseSync, { phase, after, done }: Place): void {
	const place = 'UPDATE migration_progress SET phase = ?, after = ?, done = ?';
	db.prepare(place).run(phase, JSON.stringify(after), done);
}

/** The last key of the next part and its number of rows; undefined when all rows are moved. */
function nextPart(
	db: DatabaseSync,
	{ from, key }: MovedRows,
	after: string | number,
	most: number,
): { readonly to: string | number; readonly rows: number } | undefined {
	const row = db
		.prepare(
			`SELECT max(k) AS last, count(*) AS n
			 FROM (SELECT ${key} AS k FROM ${from} WHERE ${key} > ? ORDER BY ${key} LIMIT ?)`,
		)
		.get(after, most);
	const count = Number(row?.n);
	// A key of the database: a text or a number.
	return count === 0 ? undefined : { to: row?.last as string | number, rows: count };
}

function countOf(db: DatabaseSync, tables: readonly string[]): number {
	return tables.reduce((sum, table) => {
		const row = db.prepare(`SELECT count(*) AS n FROM ${table}`).get();
		return sum + Number(row?.n);
	}, 0);
}

function inTransaction<T>(db: DatabaseSync, work: () => T): T {
	db.exec('BEGIN IMMEDIATE');
	try {
		const result = work();
		db.exec('COMMIT');
		return result;
	} catch (error) {
		if (db.isTransaction) db.exec('ROLLBACK');
		throw error;
	}
}
