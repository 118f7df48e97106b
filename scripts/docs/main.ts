// `npm run docs`: writes what is made of the settings' declarations. A test fails while a file is older than they are.
import { readFileSync, writeFileSync } from 'node:fs';
import { configurationPage, packageFiles, PAGE } from './settings.ts';

const files = { ...packageFiles(), [PAGE]: configurationPage(readFileSync(PAGE, 'utf8')) };
for (const [path, text] of Object.entries(files)) writeFileSync(path, text);
