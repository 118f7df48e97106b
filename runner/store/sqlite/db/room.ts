import { dirname } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import { freeBytesNow } from '../../../free-bytes.ts';
import type { Phase } from '../../rules/phases.ts';
import { StoreError } from '../../contract/errors.ts';
import { NEWEST, phasesLeft, pragma, type Schema } from './migrate.ts';
import { placeOf } from './move-rows.ts';

const MB = 1024 * 1024;

/** Most bytes of the log, which has the parts that are not in the file yet. */
const LOG_BYTES = 128 * MB;

/** Bytes that the new rows take for each byte of the old ones, indexes included; 1.36 measured. */
const GROWTH = 1.5;

/**
 * Throws a `StoreError` when a migration has rows to move and the disk has too little room for them. Until all are moved,
 * the database holds them twice; the room of the old ones is free afterwards, within the file.
 */
export function refuseFullDisk(
	db: DatabaseSync,
	file: string,
	{ schema = NEWEST, freeBytes = freeBytesNow }: RoomOptions = {},
): void {
	const phases = phasesLeft(db, schema);
	if (phases.length === 0) return;
	const needed = neededBytes(db, phases);
	const free = freeBytes(dirname(file));
	if (free === undefined || free >= needed) return;
	const mb = (bytes: number): string => `${Math.ceil(bytes / MB)} MB`;
	throw new StoreError(
		`The migration of ${file} needs ${mb(needed)} of free disk, and ${mb(free)} are free. Make room and start again; nothing was changed by this start.`,
	);
}

export interface RoomOptions {
	readonly schema?: Schema;
	/** Bytes that may still be written to the file system of a directory; undefined if that is not known. */
	readonly freeBytes?: (directory: string) => number | undefined;
}

function neededBytes(db: DatabaseSync, phases: readonly Phase[]): number {
	// SQLite's own table of the sizes of tables (https://www.sqlite.org/dbstat.html).
	const sizeOf = db.prepare(
		'SELECT sum(pgsize) AS bytes FROM dbstat WHERE name = ? AND aggregate = 1',
	);
	const copied = phases.flatMap(({ rows }) => rows?.copied ?? []);
	const bytes = copied.reduce((sum, table) => sum + Number(sizeOf.get(table)?.bytes ?? 0), 0);
	const place = placeOf(db);
	const rest = place ? 1 - place.done / place.total : 1;
	const unused = pragma(db, 'freelist_count') * pragma(db, 'page_size');
	const added = bytes * GROWTH * rest;
	return Math.max(0, added - unused) + Math.min(added, LOG_BYTES);
}
