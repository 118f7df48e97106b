import { statfs } from 'node:fs/promises';

/** Bytes that an unprivileged process may still write to the file system of `directory`; undefined if that is not known. */
export async function freeBytesAt(directory: string): Promise<number | undefined> {
	try {
		const { bavail, bsize } = await statfs(directory);
		return bavail * bsize;
	} catch {
		return undefined;
	}
}
