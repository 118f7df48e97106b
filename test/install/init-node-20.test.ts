import { execFile } from 'node:child_process';
import { mkdirSync, realpathSync, symlinkSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { startInFolder } from '../support/runner-in-folder.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';
import { type InstalledPackage, installPackage, ownShell } from './installed-package.ts';
import { node20 } from './node-20.ts';

const execute = promisify(execFile);

jest.setTimeout(240_000);

describe('with Node 20 in the shell and Node 24 in the cache', () => {
	let installed: InstalledPackage;
	let env: NodeJS.ProcessEnv;
	/** A folder on the PATH with `node`, as `npm install --global` fills it. */
	let bin: string;

	beforeAll(async () => {
		installed = await installPackage('sureping', ['--offline']);
		bin = temporaryDirectory('bin');
		symlinkSync(await node20(), join(bin, 'node'));
		const cache = temporaryDirectory('cache');
		const cached = join(cache, 'node-24', 'node_modules', 'node', 'bin');
		mkdirSync(cached, { recursive: true });
		symlinkSync(process.execPath, join(cached, 'node'));
		const path = [bin, '/usr/local/bin', '/usr/bin', '/bin'].join(delimiter);
		env = { ...ownShell(), PATH: path, SUREPING_CACHE_DIR: cache };
	});

	/** Runs `init` by this name, and its first step literally, but for the port. */
	async function startAsPrinted(command: string): Promise<string> {
		const dir = temporaryDirectory('init');
		const line = `${command} init --yes --json --n8n http://127.0.0.1:9 --dir ${dir}`;
		const { stdout } = await execute('sh', ['-c', line], { cwd: installed.folder, env });
		const [{ lines }]: [{ lines: readonly string[] }] = JSON.parse(stdout).next_steps;
		const printed = lines.join(' && ');
		const shell = ['sh', '-c', `${printed} "$@"`, 'sh'];
		const runner = await startInFolder(installed.folder, shell, env);
		try {
			expect((await fetch(`${runner.url}/readyz`)).status).toBe(200);
		} finally {
			await runner.stop();
		}
		return printed.replace(`cd ${dir} && `, '');
	}

	it('the first step of init starts the runner, by the path of the command', async () => {
		const command = realpathSync(join(installed.path, 'bin/sureping.mjs'));
		expect(await startAsPrinted('npx --no-install sureping')).toBe(`node ${command} serve`);
	});

	it('the first step of init starts the runner, by its name where the shell finds it', async () => {
		symlinkSync(join(installed.path, 'bin/sureping.mjs'), join(bin, 'sureping'));
		expect(await startAsPrinted('sureping')).toBe('sureping serve');
	});
});
