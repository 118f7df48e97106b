// `npm run docs`: writes what is made of the settings' declarations and of the engine's lists of channels, providers and
// profiles. A test fails while a file is older than they are.
import { readFileSync, writeFileSync } from 'node:fs';
import { LIST_PAGES } from './lists.ts';
import { configurationPage, packageFiles, PAGE } from './settings.ts';

for (const [path, text] of Object.entries(packageFiles())) writeFileSync(path, text);
for (const [path, madeAnew] of Object.entries({ ...LIST_PAGES, [PAGE]: configurationPage })) {
	writeFileSync(path, madeAnew(readFileSync(path, 'utf8')));
}
