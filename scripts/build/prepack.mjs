// Runs before `npm pack` and `npm publish`: a fresh clone has no dist, and the package would be three files.
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { run } from '../../runner/bin/run.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..');
const { name, n8n } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'));

/** Files that n8n would look for and not find. */
const missing = () =>
	[...n8n.nodes, ...n8n.credentials].filter((path) => !existsSync(join(root, path)));

if (missing().length > 0) {
	// Not to standard output, where npm says what the tarball is called.
	const options = { cwd: root, stdio: ['ignore', process.stderr, process.stderr] };
	await run(process.execPath, [join('scripts', 'bootstrap.mjs'), 'build'], options);
}
const left = missing();
if (left.length > 0) {
	console.error(`${name} is not packed: it has no ${left.join(', ')}. Run "npm run build" first.`);
	process.exit(1);
}
