import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { PAGES, readPage } from '../support/pages.ts';
import { waitUntil } from '../support/wait-until.ts';
import { filesIn, type InstalledPackage, installPackage } from './installed-package.ts';

const execute = promisify(execFile);

let installed: InstalledPackage;
beforeAll(async () => {
	installed = await installPackage('sureping', ['--offline']);
}, 120_000);

/** The words after `npx sureping` up to the first option or argument. */
const SHOWN = new Set(
	PAGES.flatMap((page) =>
		[
			...readPage(page).matchAll(/\bnpx (?:--no-install )?sureping ((?:[a-z]+(?:-[a-z]+)*\b ?)+)/g),
		].map(([, words = '']) => words.trim()),
	),
);

describe('the tarball of the runner', () => {
	it('has each command that a page shows behind npx', async () => {
		const bin = join(installed.folder, 'node_modules/.bin/sureping');
		expect(SHOWN.size).toBeGreaterThan(3);
		for (const command of SHOWN) {
			const words = command.split(' ');
			const { stdout } = await execute(process.execPath, [bin, ...words, '--help']);
			// That of a command, where the program's own begins with "sureping [options] [command]".
			expect(stdout).toContain(`Usage: sureping ${words[0]}`);
		}
	}, 60_000);

	it('makes a runner out of an empty folder: init, serve, and an end in order', async () => {
		const home = join(installed.folder, 'home');
		mkdirSync(home);
		// The files of a shell, npm and Node, and no setting of who runs the tests.
		const env = { PATH: process.env.PATH, HOME: home };
		const npx = ['--no-install', 'sureping'];
		const options = { cwd: installed.folder, env };
		const n8n = ['--n8n', 'http://127.0.0.1:9'];
		const { stdout } = await execute('npx', [...npx, 'init', '--yes', ...n8n], options);
		expect(stdout).toContain('sureping.yaml');
		expect(stdout).toMatch(/^1\. .*\n[^]*^2\. .*\n[^]*^3\. /m);
		const made = filesIn(installed.folder).filter((file) => !file.includes('/'));
		expect(made).toEqual(['.env', 'package-lock.json', 'package.json', 'sureping.yaml']);

		const bin = join(installed.folder, 'node_modules/.bin/sureping');
		const runner = spawn(process.execPath, [bin, 'serve', '--port', '0'], {
			...options,
			stdio: ['ignore', 'pipe', 'pipe'],
		});
		const exited = once(runner, 'exit');
		let output = '';
		for (const stream of [runner.stdout, runner.stderr])
			stream.on('data', (chunk: Buffer) => (output += chunk.toString()));
		try {
			await waitUntil('the runner listens', () => {
				if (runner.exitCode !== null) throw new Error(output);
				return /listens on http:\/\/\S+:\d+/.test(output);
			});
			const [, url = ''] = /listens on (http:\/\/\S+:\d+)/.exec(output) ?? [];
			expect((await fetch(`${url}/readyz`)).status).toBe(200);
		} finally {
			runner.kill('SIGTERM');
		}
		expect(await exited).toEqual([0, null]);
	}, 60_000);
});
