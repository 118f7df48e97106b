// Reads SQLite's write-ahead log (sqlite.org/fileformat2.html#walformat).
import { readFileSync } from 'node:fs';

const HEADER_BYTES = 32;
const FRAME_HEADER_BYTES = 24;

export interface Wal {
	readonly pageBytes: number;
	/** Changes whenever the log starts from its beginning again. */
	readonly salt: string;
	readonly frames: readonly Frame[];
}

export interface Frame {
	readonly page: number;
	/** The last of its transaction. */
	readonly commits: boolean;
}

export function readWal(file: string): Wal {
	const bytes = readFileSync(file);
	if (bytes.length < HEADER_BYTES) return { pageBytes: 0, salt: '', frames: [] };
	const pageBytes = bytes.readUInt32BE(8);
	const salt = bytes.toString('hex', 16, 24);
	const frames: Frame[] = [];
	let at = HEADER_BYTES;
	// Frames from before the log started again have another salt.
	while (
		at + FRAME_HEADER_BYTES + pageBytes <= bytes.length &&
		bytes.toString('hex', at + 8, at + 16) === salt
	) {
		frames.push({ page: bytes.readUInt32BE(at), commits: bytes.readUInt32BE(at + 4) !== 0 });
		at += FRAME_HEADER_BYTES + pageBytes;
	}
	return { pageBytes, salt, frames };
}

/** The frames of `after` that were not in `before`. */
export function framesSince(before: Wal, after: Wal): readonly Frame[] {
	return after.salt === before.salt ? after.frames.slice(before.frames.length) : after.frames;
}
