import { statfsSync } from 'node:fs';
import { statfs } from 'node:fs/promises';

interface FileSystem {
	/** Blocks that an unprivileged process may still write. */
	readonly bavail: number;
	readonly bsize: number;
}

const free = ({ bavail, bsize }: FileSystem): number => bavail * bsize;

/** Bytes that an unprivileged process may still write to the file system of `directory`; undefined if that is not known. */
export async function freeBytesAt(directory: string): Promise<number | undefined> {
	try {
		return free(await statfs(directory));
	} catch {
		return undefined;
	}
}

/** The same, where nothing else can run meanwhile. */
export function freeBytesNow(directory: string): number | undefined {
	try {
		return free(statfsSync(directory));
	} catch {
		return undefined;
	}
}
