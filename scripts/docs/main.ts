// `npm run docs`: writes the generated files and tables, from the declarations of the settings and the engine's lists
// of channels, providers and profiles, the files of `sureping init` that the repository has as well, and the ways in. A
// test fails while a file is out of date.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { PUBLISHED } from '../../runner/published.ts';
import { deployFiles } from './deploy-files.ts';
import { missingExamples } from './example-config.ts';
import { LIST_PAGES } from './lists.ts';
import { configurationPage, packageFiles, PAGE } from './settings.ts';
import { waysIn } from './ways-in.ts';

const missing = missingExamples();
if (missing.length > 0) {
	console.error(missing.join('\n'));
	process.exit(1);
}
for (const [path, text] of Object.entries({ ...packageFiles(), ...deployFiles() })) {
	mkdirSync(dirname(path), { recursive: true });
	writeFileSync(path, text);
}
const pages = { ...LIST_PAGES, [PAGE]: configurationPage, ...waysIn(PUBLISHED) };
for (const [path, regenerate] of Object.entries(pages)) {
	writeFileSync(path, regenerate(readFileSync(path, 'utf8')));
}
