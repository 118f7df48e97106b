// `npm run site`: builds the web site of docs/ into dist/site.
import { existsSync, globSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'vitepress';

const root = fileURLToPath(new URL('..', import.meta.url));
const OUT = 'dist/site';

// Throws for a link to a page that is not there.
await build(join(root, 'site'));

// A page that cannot be rendered is printed and left out by the tool.
const missing = globSync('**/*.md', { cwd: join(root, 'docs') })
	.map((page) =>
		page.replace(/(?:README)?\.md$/, (end) => (end === '.md' ? '.html' : 'index.html')),
	)
	.filter((page) => !existsSync(join(root, OUT, page)));
if (missing.length > 0) {
	console.error(`The site has no ${missing.join(', ')}: see the message above.`);
	process.exitCode = 1;
} else console.log(`${OUT}/index.html`);
