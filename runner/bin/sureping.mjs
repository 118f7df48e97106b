#!/usr/bin/env node
// Committed, and so in place when npm links the command at install, before the build has made dist/. Plain JavaScript
// for any Node: the check must run on the versions that it refuses.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { findNode24 } from './node24.mjs';

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
	// Ctrl-C reaches the child from the terminal; this process only has to outlive it and pass its exit code on.
	for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => {});
	const { status } = spawnSync(node, [command, ...process.argv.slice(2)], { stdio: 'inherit' });
	process.exit(status ?? 1);
}
