import { spawnSync } from 'node:child_process';
import { createHmac } from 'node:crypto';
import { writeFileSync, symlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { RUNNER, startRunner } from '../support/runner-process.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';

function sureping(args: readonly string[], input = '', env: Record<string, string> = {}) {
	const done = spawnSync(process.execPath, [...RUNNER, ...args], {
		input,
		encoding: 'utf8',
		env: { ...process.env, ...env },
		timeout: 60_000,
	});
	return { code: done.status, out: done.stdout, err: done.stderr };
}

describe('sureping verify', () => {
	const secret = 'whsec_test';
	const body =
		'{"event":"notification.delivered","notification_id":"msg_a1","channel":"telegram","status":"delivered","recipient":"@u","metadata":{},"timestamp":"2025-01-15T10:30:05Z"}';
	const timestamp = '1705312200';
	const hex = createHmac('sha256', secret).update(`${timestamp}.${body}`).digest('hex');
	const request = (newline: string, signature = hex, content = body): string =>
		[
			'POST /webhooks/one-ping HTTP/1.1',
			'Content-Type: application/json',
			`X-OnePing-Signature: sha256=${signature}`,
			`X-OnePing-Timestamp: ${timestamp}`,
			'',
			content,
		].join(newline);
	const verify = (input: string, ...more: string[]) =>
		sureping(
			['verify', '--provider', 'one-ping', '--secret', secret, '--at', timestamp, ...more],
			input,
		);

	it.each(['\n', '\r\n'])('accepts a genuine request with lines that end in %j', (newline) => {
		const { code, out } = verify(request(newline));
		expect(code).toBe(0);
		expect(JSON.parse(out)).toMatchObject({
			ok: true,
			events: [
				{
					provider: 'one-ping',
					type: 'notification.delivered',
					notificationId: 'msg_a1',
					final: true,
				},
			],
		});
	});

	it('refuses a tampered one with its reason and exits with 1', () => {
		const { code, out } = verify(request('\n', hex, body.replace('@u', '@x')));
		expect(code).toBe(1);
		expect(JSON.parse(out)).toEqual({
			ok: false,
			reason: 'bad_signature',
			explanation: expect.any(Object),
		});
	});

	it('lets 300 s pass and refuses 301 s, in ISO time too', () => {
		expect(verify(request('\n'), '--at', '1705312500').code).toBe(0);
		expect(JSON.parse(verify(request('\n'), '--at', '1705312501').out).reason).toBe('stale');
		expect(JSON.parse(verify(request('\n'), '--at', '2024-01-15T09:00:00Z').out).reason).toBe(
			'future',
		);
	});

	it('tries every secret that it is given', () => {
		const args = [
			'verify',
			'--provider',
			'one-ping',
			'--at',
			timestamp,
			'--secret',
			'old',
			'--secret',
			secret,
		];
		expect(sureping(args, request('\n')).code).toBe(0);
	});

	it.each([
		['an unknown provider', ['verify', '--provider', 'nobody', '--secret', 'x']],
		['no secret', ['verify', '--provider', 'one-ping']],
		['a time that is none', ['verify', '--provider', 'one-ping', '--secret', 'x', '--at', 'noon']],
		['an unknown command', ['frobnicate']],
		['an unknown option', ['verify', '--frob']],
	])('exits with 2 for %s', (_name, args) => {
		const { code, err } = sureping(args, request('\n'));
		expect(code).toBe(2);
		expect(err).not.toBe('');
	});

	it('exits with 2 when standard input is no request', () => {
		expect(verify('hello').code).toBe(2);
	});
});

describe('sureping serve', () => {
	const write = (text: string): string => {
		const file = join(temporaryDirectory('cli'), 'sureping.yaml');
		writeFileSync(file, text);
		return file;
	};

	it('reports every mistake of a config file at once, each with its path', () => {
		const file = write(`
api_keys: [{ name: n8n, key: short }]
connections:
  - { name: ops, channel: slack, webhook_url: not a url }
  - { name: bird, channel: pigeon }
retries: {}
`);
		const { code, err } = sureping(['serve', '--config', file]);
		expect(code).toBe(1);
		for (const path of [
			'api_keys.0.key',
			'connections.0.webhook_url',
			'connections.1.channel',
			'retries',
		]) {
			expect(err).toContain(path);
		}
	});

	it('says which variable is not set', () => {
		const file = write('api_keys: [{ name: n8n, key: "${SUREPING_TEST_NOT_SET}" }]');
		const { code, err } = sureping(['serve', '--config', file]);
		expect(code).toBe(1);
		expect(err).toContain('SUREPING_TEST_NOT_SET is not set');
	});

	it('says so when the file is not there', () => {
		const { code, err } = sureping(['serve', '--config', '/nowhere/sureping.yaml']);
		expect(code).toBe(1);
		expect(err).toContain('/nowhere/sureping.yaml');
	});

	const withStore = (database: string): string =>
		write(
			`{ "store": "sqlite:${database}", "api_keys": [{ "name": "n8n", "key": "sp_test_key_0123456789" }] }`,
		);
	const newDatabase = (): string => join(temporaryDirectory('cli'), 'a.db');

	it('refuses a database that another runner owns', async () => {
		const database = newDatabase();
		const runner = await startRunner({ store: `sqlite:${database}` });
		try {
			const { code, err } = sureping(['serve', '--port', '0', '--config', withStore(database)]);
			expect([code, err]).toEqual([1, expect.stringContaining('in use by another runner')]);
			// By another path it is the same file.
			const link = join(dirname(database), 'link.db');
			symlinkSync(database, link);
			const linked = sureping(['serve', '--port', '0', '--config', withStore(link)]);
			expect([linked.code, linked.err]).toEqual([1, expect.stringContaining('in use by another')]);
		} finally {
			await runner.dispose();
		}
	});

	it('refuses a database of a newer version and leaves it as it is', () => {
		const database = newDatabase();
		const db = new DatabaseSync(database);
		db.exec('PRAGMA user_version = 999');
		db.close();
		const { code, err } = sureping(['serve', '--port', '0', '--config', withStore(database)]);
		expect([code, err]).toEqual([1, expect.stringContaining('newer version (schema 999')]);
	});

	it('names the version that made a newer database, and what to do', () => {
		const database = newDatabase();
		const db = new DatabaseSync(database);
		db.exec('CREATE TABLE schema_steps (step, made_by, made_at); PRAGMA user_version = 999');
		db.exec("INSERT INTO schema_steps VALUES (999, '9.9.9', 0)");
		db.close();
		const config = withStore(database);
		const { code, err } = sureping(['serve', '--port', '0', '--config', config]);
		expect([code, err]).toEqual([1, expect.stringContaining('schema 999, made by Sureping 9.9.9')]);
		expect(err).toContain('Start Sureping 9.9.9, restore a backup from before the update');
		expect(sureping(['doctor', '--config', config])).toMatchObject({
			code: 1,
			out: expect.stringContaining('newer version (schema 999, made by Sureping 9.9.9)'),
		});
	});

	it('refuses a damaged database', () => {
		const database = newDatabase();
		writeFileSync(database, 'this is no database, but long enough to look like one'.repeat(100));
		const { code, err } = sureping(['serve', '--port', '0', '--config', withStore(database)]);
		expect([code, err]).toEqual([1, expect.stringContaining('is not a usable database')]);
	});

	it('takes settings from the environment, and secrets from files', async () => {
		const secretFile = write('sp_test_from_a_file_0123\n');
		const file = write('api_keys: [{ name: n8n, key: "${MY_KEY}" }]');
		const env = {
			MY_KEY_FILE: secretFile,
			SUREPING_CONNECTIONS: '[{"name":"x","channel":"pigeon"}]',
		};
		const { code, err } = sureping(['serve', '--config', file], '', env);
		expect([code, err]).toEqual([1, expect.stringContaining('connections.0.channel')]);
		expect(err).not.toContain('api_keys');
	});
});
