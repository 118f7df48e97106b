import { statfsSync } from 'node:fs';
import { dirname } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import { StoreError } from '../../contract/errors.ts';
import { needsMoving } from './migrate.ts';
import { placeOf } from './move-rows.ts';

const MB = 1024 * 1024;

/** The log of the parts that are not in the file yet; bytes. */
const LOG_BYTES = 128 * MB;

/**
 * Throws a `StoreError` when a migration has rows to move and the disk has too little room for them. While they are moved,
 * the database holds them twice; the room of the old ones is free afterwards, within the file.
 */
export function refuseFullDisk(
	db: DatabaseSync,
	file: string,
	freeBytes: (directory: string) => number = freeBytesAt,
): void {
	if (!needsMoving(db)) return;
	const needed = neededBytes(db);
	const free = freeBytes(dirname(file));
	if (free >= needed) return;
	const mb = (bytes: number): string => `${Math.ceil(bytes / MB)} MB`;
	throw new StoreError(
		`The migration of ${file} needs ${mb(needed)} of free disk, and ${mb(free)} are free. Make room and start again; nothing was changed by this start.`,
	);
}

function neededBytes(db: DatabaseSync): number {
	const pragma = (name: string): number =>
		Number(Object.values(db.prepare(`PRAGMA ${name}`).get() ?? {})[0]);
	const unused = pragma('freelist_count');
	const used = pragma('page_count') - unused;
	const place = placeOf(db);
	const rest = place ? 1 - place.done / place.total : 1;
	return Math.max(0, used * rest - unused) * pragma('page_size') + LOG_BYTES;
}

function freeBytesAt(directory: string): number {
	const { bavail, bsize } = statfsSync(directory);
	return bavail * bsize;
}
