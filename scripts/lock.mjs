// `npm run lock`: adds to package-lock.json the digests that npm leaves out, those of packages for other platforms that
// it did not download. Without a digest such a package is installed there unchecked. Versions stay as they are.
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { environmentFor } from './bootstrap/npm.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const file = fileURLToPath(new URL('../package-lock.json', import.meta.url));
const lock = JSON.parse(readFileSync(file, 'utf8'));

const IN_NODE_MODULES = 'node_modules/';
let added = 0;
for (const [path, entry] of Object.entries(lock.packages)) {
	const at = path.lastIndexOf(IN_NODE_MODULES);
	if (at === -1 || entry.link || entry.inBundle || entry.integrity) continue;
	// An alias has the name of the package itself in its entry.
	const name = entry.name ?? path.slice(at + IN_NODE_MODULES.length);
	const integrity = digestOf(`${name}@${entry.version}`);
	if (!integrity) {
		console.error(`The registry has no digest of ${name}@${entry.version}`);
		process.exitCode = 1;
		continue;
	}
	lock.packages[path] = withDigest(entry, integrity);
	added++;
}
// As npm writes it.
if (added > 0) writeFileSync(file, `${JSON.stringify(lock, null, 2)}\n`);
console.log(`Digests added: ${added}`);

/** The registry's answer, or an empty text. */
function digestOf(spec) {
	const args = ['view', spec, 'dist.integrity'];
	const options = { cwd: root, env: environmentFor(process.execPath), encoding: 'utf8' };
	const script = process.env.npm_execpath;
	try {
		const text = script?.endsWith('.js')
			? execFileSync(process.execPath, [script, ...args], options)
			: execFileSync('npm', args, { ...options, shell: process.platform === 'win32' });
		return text.trim();
	} catch {
		return '';
	}
}

/** In npm's order of members, so that npm changes nothing when it writes the file next. */
function withDigest({ name, version, resolved, ...others }, integrity) {
	return {
		...(name === undefined ? {} : { name }),
		version,
		...(resolved === undefined ? {} : { resolved }),
		integrity,
		...others,
	};
}
