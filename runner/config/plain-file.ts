import { readFileSync, statSync } from 'node:fs';
import { fileReason } from '../words/index.ts';

export type PlainFile =
	| { readonly ok: true; readonly bytes: Buffer }
	| { readonly ok: false; readonly reason: string; readonly isMissing: boolean };

/** Names of what a process was given open: it has a writer. A pipe elsewhere, also below /dev/shm, may have none. */
const GIVEN = /^\/dev\/(stdin$|fd\/\d+$)|^\/proc\/(self|\d+)\/fd\/\d+$/;

/**
 * Reads a file of at most `most` bytes, or gives the reason why it cannot be read. It looks at the file first: a pipe
 * without a writer and a device would never end. A shell's `<(…)` and `/dev/stdin` are pipes that may be read.
 */
export function readPlainFile(file: string, most: number): PlainFile {
	const refuse = (reason: string, isMissing = false): PlainFile => ({
		ok: false,
		reason,
		isMissing,
	});
	try {
		const found = statSync(file);
		const isGivenPipe = found.isFIFO() && GIVEN.test(file);
		if (!(found.isFile() || found.isDirectory() || isGivenPipe)) {
			return refuse('it is not a plain file, but a pipe, a socket or a device');
		}
		if (found.size > most) return refuse(`it is larger than ${most / 1024 ** 2} MiB`);
		return { ok: true, bytes: readFileSync(file) };
	} catch (error) {
		return refuse(fileReason(error), Object(error).code === 'ENOENT');
	}
}
