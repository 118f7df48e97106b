import { DatabaseSync } from 'node:sqlite';
import { createHash } from 'node:crypto';
import { readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { parseConfig } from '../../runner/config/load.ts';
import { RUNNER, startRunner } from '../support/runner-process.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';

const KEY = 'sp_test_key_0123456789';

const RULES = {
	signature_header: 'X-Signature',
	fields: { type: 'type', notification_id: 'data.id' },
};

/** The complaints about a config that has these settings beside a good key. */
function complaints(settings: Record<string, unknown>): string[] {
	const config = { api_keys: [{ name: 'n8n', key: KEY }], ...settings };
	try {
		parseConfig(JSON.stringify(config), 'test.json', {});
		return [];
	} catch (error) {
		if (error instanceof Error && 'issues' in error) return error.issues as string[]; // A ConfigError's.
		throw error;
	}
}

const hook = (more: Record<string, unknown>) => ({
	connections: [{ name: 'hook', channel: 'webhook', url: 'https://example.com/', ...more }],
});

describe('a config', () => {
	it('is told all its mistakes at once, whatever their kind', () => {
		const found = complaints({
			security: { allow_hosts: ['http://n8n:5678'], allow_networks: ['10.0.0.0'] },
			rate_limit: { max: 0, window_s: 60 },
			connections: [
				{ name: 'a b', channel: 'console' },
				{
					name: 'hook',
					channel: 'webhook',
					url: 'https://example.com/',
					headers: { 'X-A': 'b\r\nX-C: d' },
				},
				{ name: 'bird', channel: 'pigeon' },
			],
			endpoints: [{ name: 'x', url: 'https://example.com/', secret: 'short' }],
			log_level: 'loud',
			unknown: true,
		});
		for (const start of [
			'security.allow_hosts.0: must be a host name or an address, without a scheme and a port',
			'security.allow_networks.0: must be a network such as 10.0.0.0/8',
			'rate_limit.max:',
			'connections.0.name: must be letters',
			'connections.1.headers.X-A: must not hold line breaks or other control characters',
			'connections.2.channel: is not a channel',
			'endpoints.0.secret: must have at least 16 characters',
			'log_level:',
			'unknown: is not a known field',
		]) {
			expect(found).toContainEqual(expect.stringContaining(start));
		}
	});

	it('is told what is wrong inside a setting that may be written in several ways', () => {
		const found = complaints({
			...hook({ rate_limit: { per_s: 0 }, breaker: { failures: 0 }, retry: { delays_s: [-1] } }),
			webhook_health: { notify: { channels: [] } },
		});
		for (const start of [
			'connections.0.rate_limit.per_s: must be more than 0',
			'connections.0.breaker.failures: must be at least 1',
			'connections.0.retry.delays_s.0: must be at least 0',
			'webhook_health.notify.channels: must have at least 1 entry',
		]) {
			expect(found).toContainEqual(expect.stringContaining(start));
		}
	});

	it.each([
		['a line break in a token', { channel: 'slack', bot_token: 'xoxb-1\n' }, 'bot_token'],
		['a line break in a header', { headers: { 'X-A': 'b\r\nX-C: d' } }, 'headers.X-A'],
		['a NUL in a URL', { url: 'https://example.com/\u0000' }, 'url'],
		['an escape in a secret', { secret: 'a\u001b[2J' }, 'secret'],
	])('may not hold %s', (_name, more, path) => {
		expect(complaints(hook(more))).toContain(
			`connections.0.${path}: must not hold line breaks or other control characters`,
		);
	});

	it('may hold a PEM block, which has lines', () => {
		const pem = `-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n`;
		const lines = complaints(hook({ secret: pem })).filter((issue) => /line breaks/.test(issue));
		expect(lines).toEqual([]);
		expect(complaints(hook({ secret: `${pem}\u001b` }))).toHaveLength(1);
	});

	it.each([
		['X A', 'is not a header name'],
		['X-A:', 'is not a header name'],
		['', 'is not a header name'],
		['Content-Length', 'is a header that the runner sets itself'],
		['transfer-encoding', 'is a header that the runner sets itself'],
		['Host', 'is a header that the runner sets itself'],
	])('may not have a header %j', (name, message) => {
		expect(complaints(hook({ headers: { [name]: 'x' } }))).toEqual([
			`connections.0.headers.${name}: ${message}`,
		]);
	});

	it.each([
		['a space', 'sp_test key_0123456789'],
		['a letter that headers do not carry', 'sp_tést_key_0123456789'],
	])('may not have a key with %s, which no caller could send', (_name, key) => {
		expect(complaints({ api_keys: [{ name: 'n8n', key }] })).toContainEqual(
			expect.stringMatching(/^api_keys\.0\.key: must be printable ASCII/),
		);
	});

	describe('for those who report', () => {
		const sms = { provider: 'twilio', connection: 'hook', secret: 'auth token' };
		const public_url = 'https://ping.example.com';
		const of = (...inbound: Record<string, unknown>[]) =>
			complaints({ ...hook({}), public_url, inbound });

		it.each([
			['nobody that is known', [{ ...sms, provider: 'pigeon' }], 'inbound.0.provider: is not a'],
			['no secret', [{ ...sms, secret: undefined }], 'inbound.0.secret: is needed'],
			['an empty secret', [{ ...sms, secret: '' }], 'inbound.0.secret: must not be empty'],
			['two kinds of secret', [{ ...sms, secrets: ['b'] }], 'inbound.0: needs either secret or'],
			['an entry twice', [sms, { ...sms, secret: 'b' }], 'inbound.1: twilio/hook is listed twice'],
			['a wait of nothing', [{ ...sms, report_timeout_s: 0 }], 'inbound.0.report_timeout_s: '],
			[
				'a wait for a connection that is none',
				[{ ...sms, connection: 'shop', unreported: 'failed' }],
				'inbound.0.unreported: shop is not a connection',
			],
			[
				'two different waits for one connection',
				[
					{ ...sms, report_timeout_s: 60 },
					{ ...sms, provider: 'vonage', report_timeout_s: 90 },
				],
				'inbound.1.report_timeout_s: another entry of hook says 60',
			],
			[
				'rules for whom they do not fit',
				[{ ...sms, generic: RULES }],
				'inbound.0.generic: is only for',
			],
			['no rules', [{ ...sms, provider: 'generic' }], 'inbound.0.generic: is needed'],
		])('may not have %s', (_name, inbound, start) => {
			expect(of(...inbound)).toEqual([expect.stringContaining(start)]);
		});

		it.each([
			['twilio', {}],
			['messagebird', {}],
			['generic', { generic: { ...RULES, signed_content: '{url}.{body}' } }],
		])('needs public_url where %s signs the URL that it calls', (provider, rules) => {
			const inbound = [{ ...sms, provider, ...rules }];
			expect(complaints({ ...hook({}), inbound })).toEqual([
				expect.stringMatching(/^inbound\.0: .* signs the URL that it calls; set public_url/),
			]);
			expect(of(...inbound)).toEqual([]);
		});

		it.each([
			[{ signature_header: 'x y' }, 'inbound.0.generic.signature_header: '],
			[{ signed_content: 'none' }, 'inbound.0.generic.signed_content: {body} is missing'],
			[
				{ signed_content: '{timestamp}.{body}' },
				'inbound.0.generic.signed_content: {timestamp} needs a timestamp_header',
			],
			[{ fields: { type: 'a' } }, 'inbound.0.generic.fields.notification_id: '],
			[{ types: { ok: 'delivered' } }, 'inbound.0.generic.types.ok: "delivered" is not an event'],
			[{ signatureHeader: 'x' }, 'inbound.0.generic.signature_header: is written with capitals'],
		])('may not have the rules %j', (change, start) => {
			const generic = { ...RULES, ...change };
			const found = of({ ...sms, provider: 'generic', generic });
			expect(found).toContainEqual(expect.stringContaining(start));
		});

		it('has what the deliveries of a connection wait for', () => {
			const text = JSON.stringify({
				public_url: 'https://ping.example.com/x/',
				api_keys: [{ name: 'n8n', key: KEY }],
				...hook({}),
				inbound: [
					{ ...sms, report_timeout_s: 60 },
					{ ...sms, provider: 'generic', generic: RULES },
					{ provider: 'mailgun', connection: 'shop', secrets: ['${MAILGUN}'] },
				],
			});
			const { catalog, inbound } = parseConfig(text, 'test.json', { MAILGUN: 'from outside' });
			expect(catalog[0]?.report).toEqual({
				timeoutMs: 60_000,
				otherwise: 'delivered',
				url: 'https://ping.example.com/x/inbound/twilio/hook',
			});
			expect(inbound).toMatchObject([
				{ provider: 'twilio', forward: false, isOurs: true, secrets: ['auth token'] },
				{ options: { generic: { signatureHeader: 'x-signature', signedContent: '{body}' } } },
				{ provider: 'mailgun', forward: true, isOurs: false, secrets: ['from outside'] },
			]);
		});
	});

	it('may not give one key to two names, since their scopes would be a matter of luck', () => {
		const key_sha256 = createHash('sha256').update(KEY).digest('hex');
		expect(
			complaints({
				api_keys: [
					{ name: 'one', key: KEY },
					{ name: 'two', key_sha256 },
				],
			}),
		).toEqual(['api_keys.1: "two" has the same key as "one"']);
	});

	it('may hold names that every object has, without harm', () => {
		const text =
			'{"api_keys":[{"name":"n8n","key":"sp_test_key_0123456789"}],"__proto__":{"store":"x"}}';
		expect(() => parseConfig(text, 'test.json', {})).toThrow(/__proto__/);
		const environment = { SUREPING_SECURITY____PROTO__: '{"allow_http":true}' };
		expect(() => parseConfig(text.replace('__proto__', 'x'), 'test.json', environment)).toThrow();
		expect(({} as { allow_http?: boolean }).allow_http).toBeUndefined();
	});
});

describe('a database that cannot be used', () => {
	const folder = (): string => temporaryDirectory('config');

	/** Starts a runner on the database and gives what it says; the file must be as it was. */
	const refusal = (database: string): string => {
		const file = join(folder(), 'config.json');
		writeFileSync(
			file,
			JSON.stringify({ store: `sqlite:${database}`, api_keys: [{ name: 'n8n', key: KEY }] }),
		);
		const before = { bytes: readFileSync(database), ...pick(database) };
		const args = [...RUNNER, 'serve', '--port', '0', '--config', file];
		const { status, stderr } = spawnSync(process.execPath, args, {
			encoding: 'utf8',
			timeout: 60_000,
		});
		expect(status).toBe(1);
		expect({ bytes: readFileSync(database), ...pick(database) }).toEqual(before);
		return stderr;
	};
	const pick = (path: string): { size: number; mtimeMs: number } => {
		const { size, mtimeMs } = statSync(path);
		return { size, mtimeMs };
	};

	it('is left as it is when a newer version wrote it', () => {
		const database = join(folder(), 'a.db');
		const db = new DatabaseSync(database);
		db.exec('CREATE TABLE later (x); INSERT INTO later VALUES (1); PRAGMA user_version = 999');
		db.close();
		expect(refusal(database)).toContain('newer version (schema 999');
	});

	it('is left as it is when it is another program’s', () => {
		const database = join(folder(), 'a.db');
		const db = new DatabaseSync(database);
		db.exec('CREATE TABLE notifications (theirs); INSERT INTO notifications VALUES (1)');
		db.close();
		expect(refusal(database)).toContain('it has tables that are not Sureping’s');
	});

	it('is left as it is when it is damaged, at its beginning or further on', async () => {
		const text = join(folder(), 'a.db');
		writeFileSync(text, 'this is no database, but long enough to look like one'.repeat(100));
		expect(refusal(text)).toContain('is not a usable database');

		const runner = await startRunner();
		try {
			for (let i = 0; i < 20; i++) {
				await runner.post('/send', { message: 'x'.repeat(2_000), channels: ['console'] });
			}
			await runner.kill('SIGTERM');
			const bytes = readFileSync(runner.database);
			// The schema's own page stays; what follows is rubble.
			const broken = Buffer.concat([bytes.subarray(0, 40), Buffer.alloc(bytes.length - 40, 0xee)]);
			const damaged = join(folder(), 'b.db');
			writeFileSync(damaged, broken);
			expect(refusal(damaged)).toContain('is not a usable database');
			const cut = join(folder(), 'c.db');
			writeFileSync(cut, bytes.subarray(0, 5_000));
			expect(refusal(cut)).toContain('is not a usable database');
		} finally {
			await runner.dispose();
		}
	});

	it('is left as it is when another runner owns it, which goes on undisturbed', async () => {
		const runner = await startRunner();
		try {
			const sent = await runner.post('/send', { message: 'x', channels: ['console'] });
			expect(sent.status).toBe(202);
			const file = join(folder(), 'config.json');
			writeFileSync(
				file,
				JSON.stringify({
					store: `sqlite:${runner.database}`,
					api_keys: [{ name: 'n8n', key: KEY }],
				}),
			);
			const args = [...RUNNER, 'serve', '--port', '0', '--config', file];
			const { status, stderr } = spawnSync(process.execPath, args, {
				encoding: 'utf8',
				timeout: 60_000,
			});
			expect([status, stderr]).toEqual([1, expect.stringContaining('in use by another runner')]);
			expect((await runner.get('/readyz')).status).toBe(200);
			expect((await runner.post('/send', { message: 'y', channels: ['console'] })).status).toBe(
				202,
			);
		} finally {
			await runner.dispose();
		}
	});

	it('leaves nothing open to other users of the machine', async () => {
		const runner = await startRunner();
		try {
			await runner.post('/send', { message: 'x', channels: ['console'] });
			const dir = join(runner.database, '..');
			for (const name of readdirSync(dir).filter((one) => one.startsWith('sureping.db'))) {
				expect([name, (statSync(join(dir, name)).mode & 0o077).toString(8)]).toEqual([name, '0']);
			}
		} finally {
			await runner.dispose();
		}
	});
});
