// `npm run site`: builds the web site of docs/ into dist/site, or into the folder that is named.
import { existsSync, globSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'vitepress';
import { fileOf } from './pages.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const [folder = join(root, 'dist', 'site')] = process.argv.slice(2);
const outDir = resolve(folder);

// Throws for a link to a page that is not there.
await build(join(root, 'site'), { outDir });

// A page that cannot be rendered is printed and left out by the tool.
const missing = globSync('**/*.md', { cwd: join(root, 'docs') }).filter(
	(page) => !existsSync(join(outDir, fileOf(page))),
);
if (missing.length > 0) {
	console.error(`The site has no ${missing.join(', ')}: see the message above.`);
	process.exitCode = 1;
} else console.log(join(outDir, 'index.html'));
