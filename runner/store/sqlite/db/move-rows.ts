import type { DatabaseSync } from 'node:sqlite';
import type { MigrationProgress } from '../../migration.ts';
import {
	type MovedRows,
	type PartSize,
	type Phase,
	type PhasesByStep,
	type Place,
	startOf,
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
	if (!row) return undefined;
	return {
		step: Number(row.step),
		phase: Number(row.phase),
		// Written below: a text or a number.
		after: JSON.parse(String(row.after)) as string | number,
		done: Number(row.done),
		total: Number(row.total),
	};
}

/** Begins the phases of a step, in the transaction of its SQL. Where there is nothing to move, they end at once. */
export function beginMoving(db: DatabaseSync, step: number, phases: readonly Phase[]): void {
	const total = phases.reduce((sum, { rows }) => sum + (rows ? countOf(db, rows.from) : 0), 0);
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
function movePart(
	db: DatabaseSync,
	phases: readonly Phase[],
	{ phase: index, after, done, total, step }: Place,
	most: number,
): boolean {
	const phase = phases[index];
	if (!phase) throw new Error(`step ${step} has no phase ${index}`);
	const { rows, end } = phase;
	const part = rows && nextPart(db, rows, after, most);
	if (part) {
		for (const sql of rows.move) db.prepare(sql).run(after, part.to);
		const place = 'UPDATE migration_progress SET after = ?, done = ?';
		db.prepare(place).run(JSON.stringify(part.to), Math.min(done + part.rows, total));
		return false;
	}
	if (end !== undefined) db.exec(end);
	const next = phases[index + 1];
	if (!next) {
		db.exec('DROP TABLE migration_progress');
		return true;
	}
	const place = 'UPDATE migration_progress SET phase = ?, after = ?';
	db.prepare(place).run(index + 1, JSON.stringify(startOf(next)));
	return false;
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

function countOf(db: DatabaseSync, table: string): number {
	return Number(db.prepare(`SELECT count(*) AS n FROM ${table}`).get()?.n);
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
