import { cachedNodeDirectory, findNode24 } from '../../runner/bin/node24.mjs';
import { cachedInstall } from './cached-install.mjs';

/** A Node ≥ 24: this one, or the npm package `node`, whose install script places the binary. */
export async function ensureNode24() {
	const found = findNode24();
	if (found) return found;
	await cachedInstall({
		directory: cachedNodeDirectory(),
		manifest: { dependencies: { node: '24' } },
		npmArgs: ['--ignore-scripts=false'],
		node: process.execPath,
		announce: `Getting Node.js 24 from npm (once; this is ${process.version})…`,
	});
	return findNode24();
}
