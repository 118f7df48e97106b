import { existsSync, mkdirSync } from 'node:fs';
import { dirname } from 'node:path';

/**
 * Makes a folder and those above it that are missing, one at a time: Node's own `recursive` never ends below `/proc`.
 * @param mode of each folder that is made, less the umask
 * @throws an error of the file system, or one whose message says in which folder none can be made
 */
export function makeFolder(dir: string, mode = 0o777): void {
	const above = dirname(dir);
	if (above !== dir && !existsSync(above)) makeFolder(above, mode);
	// A folder stays as it is; a file is refused.
	if (existsSync(dir)) mkdirSync(dir, { recursive: true });
	else makeOne(dir, above, mode);
}

function makeOne(dir: string, above: string, mode: number): void {
	try {
		mkdirSync(dir, mode);
	} catch (error) {
		const { code } = Object(error) as { code?: unknown };
		if (code === 'ENOENT') {
			const refusal = new Error(`no folder can be made in ${above}`, { cause: error });
			// As Node's own errors of folders have it.
			throw Object.assign(refusal, { syscall: 'mkdir' });
		}
		// Another process may have made it meanwhile.
		if (code !== 'EEXIST' || !existsSync(dir)) throw error;
	}
}
