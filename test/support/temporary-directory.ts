import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const made: string[] = [];

/** A directory that is removed when the tests of the file are through. */
export function temporaryDirectory(name: string): string {
	const path = mkdtempSync(join(tmpdir(), `sureping-${name}-`));
	made.push(path);
	return path;
}

/** jest.config.js has this called after the tests of every file. */
export function removeTemporaryDirectories(): void {
	for (const path of made.splice(0)) rmSync(path, { recursive: true, force: true, maxRetries: 5 });
}
