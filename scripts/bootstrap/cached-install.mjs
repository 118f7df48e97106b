import { existsSync } from 'node:fs';
import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { withLock } from './lock.mjs';
import { npm } from './npm.mjs';

/**
 * An npm project in the cache, installed once: complete under its final name or not there at all, so that an
 * interrupted install is never taken for a good one.
 */
export async function cachedInstall({ directory, manifest, npmArgs, node, announce }) {
	if (existsSync(directory)) return directory;
	return await withLock(`${directory}.lock`, async () => {
		if (existsSync(directory)) return directory;
		console.log(announce);
		const partial = `${directory}.partial`;
		await rm(partial, { recursive: true, force: true });
		await mkdir(partial, { recursive: true });
		await writeFile(
			join(partial, 'package.json'),
			JSON.stringify({ private: true, ...manifest }, null, 2),
		);
		await npm(node, partial, ['install', '--no-audit', '--no-fund', ...npmArgs]);
		await rename(partial, directory);
		return directory;
	});
}
