import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { PUBLISHED } from '../../runner/published.ts';
import { type RecordingServer, startRecordingServer } from '../fakes/recording-server.ts';
import { folderContents } from '../support/folder-contents.ts';
import { type RunnerInFolder, startInFolder } from '../support/runner-in-folder.ts';
import { installPackage, ownShell } from './installed-package.ts';

const execute = promisify(execFile);

/** The promise of the quick start. */
const A_MINUTE_MS = 60_000;

jest.setTimeout(240_000);

describe('from a tarball in an empty folder to a first notification', () => {
	let n8n: RecordingServer;
	let folder: string;
	let runner: RunnerInFolder | undefined;

	beforeAll(async () => {
		n8n = await startRecordingServer(() => ({ status: 200, body: '{"status":"ok"}' }));
		({ folder } = await installPackage('sureping', ['--offline']));
	});
	afterAll(async () => {
		await runner?.stop();
		await n8n.close();
	});

	/** Runs a command as a person types it. Rejects with the output when it fails. */
	const type = async (line: string, env: Record<string, string> = {}): Promise<string> => {
		const shell = { cwd: folder, env: { ...ownShell(), npm_config_offline: 'true', ...env } };
		return (await execute('sh', ['-c', line], shell)).stdout;
	};

	it('takes init, its first step, and a send; doctor has nothing to say', async () => {
		const start = Date.now();
		const said = await type(`npx sureping init --yes --n8n ${n8n.url}`);
		expect(said).toContain(`n8n answers at ${n8n.url}.`);
		const steps = said.split(/^\d\. /m).slice(1);
		expect(steps).toHaveLength(3);
		expect(steps[0]).toBe('Start the runner:\n     npx sureping serve\n');
		expect(steps[1]).toContain(`the value of SUREPING_KEY in ${join(folder, '.env')}`);
		expect(steps[2]).toContain(PUBLISHED ? 'Community nodes' : 'npm run stage');

		const offline = { ...ownShell(), npm_config_offline: 'true' };
		runner = await startInFolder(folder, ['npx', 'sureping', 'serve'], offline);
		const env = { SUREPING_URL: runner.url };
		const sent = await type('npx sureping send "It works" --channel console --wait', env);
		expect(sent).toMatch(/^delivered\n/);
		const took = Date.now() - start;
		process.stdout.write(`init to the first notification: ${(took / 1000).toFixed(1)} s\n`);
		expect(took).toBeLessThan(A_MINUTE_MS);

		const findings = await type(`npx sureping doctor --n8n ${n8n.url}`, env);
		expect(findings).toMatch(/^ok +key /m);
		expect(findings).not.toContain('FAIL');
	});

	it('keeps the key out of everything that is said', async () => {
		const key = /^SUREPING_KEY=(\S+)$/m.exec(readFileSync(join(folder, '.env'), 'utf8'))?.[1];
		expect(key).toMatch(/^sp_live_/);
		const said = await type(`npx sureping init --yes --n8n ${n8n.url}`);
		expect(said).not.toContain(key);
		expect(await type(`npx sureping init --yes --json --n8n ${n8n.url}`)).not.toContain(key);
	});

	it('changes nothing the second time', async () => {
		const before = folderContents(folder);
		expect(before['.env']).toMatch(/^600 /);
		const said = await type(`npx sureping init --yes --n8n ${n8n.url}`);
		expect(said).toMatch(/^Nothing was changed/);
		expect(folderContents(folder)).toEqual(before);
	});
});
