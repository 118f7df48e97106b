// `npm run docs`: writes the generated files and tables, from the declarations of the settings and the engine's lists
// of channels, providers and profiles, and the files of `sureping init` that the repository has as well. A test fails while
// a file is out of date.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { deployFiles } from './deploy-files.ts';
import { LIST_PAGES } from './lists.ts';
import { configurationPage, packageFiles, PAGE } from './settings.ts';

for (const [path, text] of Object.entries({ ...packageFiles(), ...deployFiles() })) {
	mkdirSync(dirname(path), { recursive: true });
	writeFileSync(path, text);
}
for (const [path, regenerate] of Object.entries({ ...LIST_PAGES, [PAGE]: configurationPage })) {
	writeFileSync(path, regenerate(readFileSync(path, 'utf8')));
}
