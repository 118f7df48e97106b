import { fromJson } from '../rows/columns.ts';
import { type MigrationProgress, MigrationStopped, type MigrationWatcher } from '../migration.ts';

/**
 * A part of a migration step that would take too long within the transaction of its SQL: it moves the rows of a table, or
 * builds an index.
 */
export interface Phase {
	readonly rows?: MovedRows;
	/** Runs in a transaction of its own once all rows are moved, such as to drop their table. */
	readonly end?: string;
	/** Tables that `end` reads in full, such as to build an index. Their rows count in the progress. */
	readonly reads?: readonly string[];
}

/**
 * The rows of a table, which are moved in parts in the order of a key. A part and the place that it reached are one
 * transaction, so a runner that is killed goes on with the part that was under way. The table gets no other rows meanwhile.
 */
export interface MovedRows {
	/** The table. The step's SQL may have renamed it. */
	readonly from: string;
	/** Its primary key: one column. */
	readonly key: string;
	/** A value below every key. */
	readonly before: string | number;
	/** Statements that move the rows with a key above the first parameter and up to the second one. */
	readonly move: readonly string[];
	/** Tables whose contents are there twice until the end. SQLite asks for room on the disk for them. */
	readonly copied: readonly string[];
}

/** Phases that follow the SQL of a step, by the step's number. */
export type PhasesByStep = Readonly<Record<number, readonly Phase[]>>;

/** The place that a step with phases has reached, as a database keeps it. */
export interface Place extends MigrationProgress {
	readonly step: number;
	/** Index of the phase under way. */
	readonly phase: number;
	/** Rows of this phase up to this key are moved. */
	readonly after: string | number;
}

/** Reads a place from its row, whose `after` is JSON. */
export function toPlace(row: Readonly<Record<string, unknown>>): Place {
	return {
		step: Number(row.step),
		phase: Number(row.phase),
		after: fromJson(row.after),
		done: Number(row.done),
		total: Number(row.total),
	};
}

/** The place after more rows: never beyond the total, whatever other processes have added meanwhile. */
export function further({ done, total }: MigrationProgress, rows: number): number {
	return Math.min(done + rows, total);
}

/** The place before the first part of a phase. */
export function startOf(phase: Phase | undefined): string | number {
	return phase?.rows?.before ?? 0;
}

/** Says how far a migration is, as in "migrating: 20000 of 1000000 rows". */
export function migrating({ done, total }: MigrationProgress): string {
	return `migrating: ${done} of ${total} rows`;
}

/** Says that a migration has not ended, and what ends it. */
export function unfinished(place: Place): string {
	return `${migrating(place)}; serve continues it`;
}

/** Tells the watcher of a place. Rejects with `MigrationStopped` when it fails, or wants the migration to end. */
export async function report(
	{ moved, signal }: MigrationWatcher,
	{ done, total }: MigrationProgress,
): Promise<void> {
	const stopped = `The migration stopped at ${done} of ${total} rows`;
	try {
		await moved({ done, total });
	} catch (cause) {
		throw new MigrationStopped(stopped, { cause });
	}
	if (signal?.aborted) throw new MigrationStopped(stopped);
}

const SMALLEST = 100;
const LARGEST = 50_000;

/** The number of rows in a part, adapted so that a part takes about `targetMs`. */
export class PartSize {
	rows = 1_000;
	private readonly targetMs: number;

	constructor(targetMs: number) {
		this.targetMs = targetMs;
	}

	/** Learns from a part of `rows` rows: the next is at most twice, and at least half as large. */
	took(ms: number): void {
		const factor = Math.min(2, Math.max(0.5, this.targetMs / Math.max(ms, 1)));
		this.rows = Math.min(LARGEST, Math.max(SMALLEST, Math.round(this.rows * factor)));
	}
}
