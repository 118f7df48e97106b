#!/usr/bin/env node
// Committed, and so in place when npm links the command at install, before the build has made dist/. Plain JavaScript
// for any Node: the check must run on the versions that it refuses.
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { findNode24 } from './node24.mjs';
import { run } from './run.mjs';

const command = fileURLToPath(new URL('../dist/sureping.js', import.meta.url));

function refuse(message) {
	console.error(message);
	process.exit(2);
}

if (!existsSync(command))
	refuse('sureping is not built yet. Run "npm run build" in the clone first.');

const node = findNode24();
if (!node) refuse(`sureping needs Node.js 24 or newer; this is ${process.version}.`);

if (node === process.execPath) {
	await import('../dist/sureping.js');
} else {
	// By the same path, which is how the program names itself to a person: not dist/, which this Node cannot run.
	process.exitCode = await run(node, process.argv.slice(1));
}
