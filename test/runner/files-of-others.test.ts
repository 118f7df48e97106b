import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, chownSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { environmentOf, weaknessOf } from '../../runner/config/env-file.ts';
import { readSource } from '../../runner/config/source.ts';
import { sureping } from '../support/cli.ts';
import { RUNNER } from '../support/runner-process.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';
import { waitUntil } from '../support/wait-until.ts';

// Processes one after the other: on a busy machine several seconds each.
jest.setTimeout(240_000);

const KEY = 'sp_test_key_0123456789';
const CONFIG = "api_keys: [{ name: n8n, key: '${SUREPING_KEY}' }]\n";

/** A folder as `init` leaves it, with the `.env` that `makeEnv` makes. */
function folder(makeEnv: (path: string) => void): { dir: string; config: string; env: string } {
	const dir = temporaryDirectory('files');
	const [config, env] = [join(dir, 'sureping.yaml'), join(dir, '.env')];
	writeFileSync(config, CONFIG);
	makeEnv(env);
	return { dir, config, env };
}

const plain = (mode: number) => (path: string) => {
	writeFileSync(path, `SUREPING_KEY=${KEY}\n`);
	chmodSync(path, mode);
};
const pipe = (path: string): void => void execFileSync('mkfifo', [path]);
const device = (path: string): void => symlinkSync('/dev/zero', path);
const large = (path: string): void => writeFileSync(path, `# ${'x'.repeat(1024 * 1024)}\n`);

describe('a .env that is no plain file, or too large', () => {
	it.each([
		['a pipe', pipe, /not a plain file/],
		['a device', device, /not a plain file/],
		['large', large, /larger than 1 MiB/],
	])('is not read when it is %s, and doctor and serve say so', async (_kind, make, reason) => {
		const { dir } = folder(make);
		const env = { SUREPING_KEY: '', SUREPING_URL: 'http://127.0.0.1:9' };
		const named = ['--config', 'c.yaml', '--data-dir', dir];
		writeFileSync(join(dir, 'c.yaml'), CONFIG.replace('SUREPING_KEY', 'KEY_OF_N8N'));
		const [examined, served] = await Promise.all([
			sureping(['doctor', ...named], env, dir),
			sureping(['serve', '--port', '0', ...named], env, dir),
		]);
		expect([examined.code, examined.out]).toEqual([1, expect.stringMatching(reason)]);
		expect([served.code, served.err]).toEqual([1, expect.stringMatching(reason)]);
	});

	it('is left out where the variables come from elsewhere', () => {
		const { config, env } = folder(device);
		expect(environmentOf(config, { A: '1' })).toEqual({
			environment: { A: '1' },
			problem: expect.stringContaining(`${env} cannot be read`),
		});
	});
});

describe('a config that is no plain file', () => {
	it('is refused when it is a device or a named pipe, which might never end', () => {
		const dir = temporaryDirectory('files');
		pipe(join(dir, 'sureping.yaml'));
		const refused = { ok: false, reason: expect.stringContaining('not a plain file') };
		expect(readSource(join(dir, 'sureping.yaml'))).toEqual(refused);
		expect(readSource('/dev/zero')).toEqual(refused);
	});

	it('may be the pipe of a shell', () => {
		const { dir } = folder(plain(0o600));
		const script = '"$@" doctor --data-dir . --config <(cat sureping.yaml)';
		const args = ['-c', script, 'bash', process.execPath, ...RUNNER];
		const env = { ...process.env, SUREPING_KEY: KEY };
		expect(execFileSync('bash', args, { cwd: dir, env, encoding: 'utf8' })).toMatch(
			/ can be used$/m,
		);
	});
});

describe('a .env that others can change', () => {
	it('fails in doctor, with the command that closes it, and is a note of init', async () => {
		const { dir, config, env } = folder(plain(0o600));
		expect(weaknessOf(config)).toBeUndefined();
		chmodSync(env, 0o666);
		const { code, out } = await sureping(['doctor', '--json', '--config', config], {}, dir);
		expect(code).toBe(1);
		expect(JSON.parse(out).findings).toContainEqual({
			what: 'secrets',
			ok: false,
			found: `${env} can be changed by other users of this machine: its mode is 0666`,
			change: `chmod 600 ${env}`,
		});
		const made = temporaryDirectory('files');
		expect((await sureping(['init', '--yes', '--dir', made])).out).not.toContain('chmod');
		chmodSync(join(made, '.env'), 0o660);
		const again = await sureping(['init', '--yes', '--dir', made]);
		expect(again.out).toContain(`its mode is 0660: chmod 600 ${join(made, '.env')}`);
	});

	it('is a warning of serve', async () => {
		const { dir, config } = folder(plain(0o622));
		const args = [...RUNNER, 'serve', '--port', '0', '--config', config, '--data-dir', dir];
		const child = spawn(process.execPath, args, {
			stdio: ['ignore', 'ignore', 'pipe'],
		});
		let log = '';
		child.stderr.on('data', (chunk: Buffer) => (log += chunk.toString()));
		try {
			await waitUntil('it has warned', () => log.includes('its mode is 0622; chmod 600'));
		} finally {
			child.kill('SIGTERM');
			await once(child, 'close');
		}
	});
});

// Only root can give a file to another user.
const itAsRoot = process.getuid?.() === 0 ? it : it.skip;

describe('a folder whose files belong to another user', () => {
	const STRANGER = 12345;

	itAsRoot.each(['sureping.yaml', '.env'])('is not used unless it is named: %s', async (name) => {
		const { dir, config } = folder(plain(0o600));
		chownSync(join(dir, name), STRANGER, STRANGER);
		const env = { SUREPING_KEY: '', SUREPING_URL: '' };
		const [examined, served, copied, sent] = await Promise.all([
			sureping(['doctor'], env, dir),
			sureping(['serve', '--port', '0'], env, dir),
			sureping(['backup', '--to', 'copy.db'], env, dir),
			sureping(['connections'], env, dir),
		]);
		const refusal = `${name} here belongs to another user; to use it, name the config`;
		expect([examined.code, examined.out]).toEqual([1, expect.stringContaining(refusal)]);
		for (const { code, err } of [served, copied]) {
			expect([code, err]).toEqual([1, expect.stringContaining(refusal)]);
		}
		expect([sent.code, sent.err]).toEqual([1, expect.stringContaining('set SUREPING_KEY')]);
		const named = await sureping(['doctor', '--config', 'sureping.yaml'], {}, dir);
		expect(named.out).toContain('sureping.yaml can be used');
		// As root, by sudo of that user.
		const sudo = { SUDO_UID: String(STRANGER), SUREPING_URL: 'http://127.0.0.1:9' };
		const bySudo = await sureping(['doctor'], sudo, dir);
		expect(bySudo.out).toContain('sureping.yaml can be used');
		expect(weaknessOf(config) !== undefined).toBe(name === '.env');
		expect(named.code).toBe(name === '.env' ? 1 : 0);
	});

	itAsRoot('is used in the image, whose files have the ids of the host', async () => {
		const { dir } = folder(plain(0o600));
		chownSync(join(dir, 'sureping.yaml'), STRANGER, STRANGER);
		const env = { SUREPING_IN_IMAGE: '1', SUREPING_URL: 'http://127.0.0.1:9' };
		expect((await sureping(['doctor'], env, dir)).out).toContain('sureping.yaml can be used');
		expect(readFileSync('Dockerfile', 'utf8')).toMatch(/^ENV .*SUREPING_IN_IMAGE=1$/m);
	});
});
