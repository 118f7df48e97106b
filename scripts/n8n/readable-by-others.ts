import { createHash, randomUUID } from 'node:crypto';
import { cp, rename, rm, stat } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

const OTHERS_MAY_ENTER = 0o001;

/**
 * Paths at which another user can run `program` and keep `data`: these paths themselves, or, when a folder above them
 * is closed to others (a clone in root's home, say), a copy of the program and a place for the data in the temporary
 * directory.
 */
export async function readableByOthers(
	program: string,
	data: string,
	owner: { uid: number } | undefined,
): Promise<[program: string, data: string]> {
	if (!owner) return [program, data];
	const root = (await isOpen(tmpdir())) ? tmpdir() : '/var/tmp';
	const place = (path: string) =>
		join(root, `sureping-${createHash('sha256').update(path).digest('hex').slice(0, 12)}`);
	const copy = (await isOpen(dirname(program))) ? program : place(program);
	if (copy !== program && !existsSync(copy)) {
		// Renamed once complete, since another process may need it at the same time.
		const partial = `${copy}-${randomUUID()}`;
		await cp(program, partial, { recursive: true, verbatimSymlinks: true });
		await rename(partial, copy).catch(async () => await rm(partial, { recursive: true }));
	}
	return [copy, (await isOpen(dirname(data))) ? data : place(data)];
}

/** True if every user may pass through this folder and all above it; a folder that does not exist yet will be open. */
async function isOpen(path: string): Promise<boolean> {
	const mode = await stat(path).then(
		(found) => found.mode,
		() => OTHERS_MAY_ENTER,
	);
	if ((mode & OTHERS_MAY_ENTER) === 0) return false;
	return dirname(path) === path || (await isOpen(dirname(path)));
}
