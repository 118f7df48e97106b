import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { VERSION } from '../../runner/version.ts';
import { cliCommands } from '../support/cli-commands.ts';
import { sureping } from '../support/cli.ts';
import {
	API_KEY,
	ended,
	RUNNER,
	type RunnerProcess,
	startRunner,
} from '../support/runner-process.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';
import { waitUntil } from '../support/wait-until.ts';

const SECRET = 'sp_live_planted_in_the_environment';

const COMMANDS = cliCommands();

const newDir = (): string => temporaryDirectory('cli');

describe('help', () => {
	it('shows nothing of the environment but names, for any command', async () => {
		const env = { SUREPING_KEY: SECRET, SUREPING_URL: `http://u:${SECRET}@127.0.0.1` };
		for (const { name, help, options } of cliCommands(env)) {
			expect([name, `${help}${JSON.stringify(options)}`.includes(SECRET)]).toEqual([name, false]);
		}
		const printed = await sureping(['send', '--help'], { SUREPING_KEY: SECRET });
		expect([printed.code, printed.out]).toEqual([0, expect.stringMatching(/env:\s+SUREPING_KEY/)]);
		expect(printed.out + printed.err).not.toContain(SECRET);
	});

	it('says what every command and every option is for', () => {
		for (const { name, description, options } of COMMANDS) {
			expect([name, description]).toEqual([name, expect.stringMatching(/\w/)]);
			for (const option of options) {
				const { flags } = option;
				expect([name, flags, option.description]).toEqual([
					name,
					flags,
					expect.stringMatching(/\w/),
				]);
			}
		}
	});

	it('has the version', async () => {
		expect(await sureping(['--version'])).toEqual({ code: 0, out: `${VERSION}\n`, err: '' });
	});
});

describe('what is wrong on the command line', () => {
	const key = ['--key', API_KEY];
	const dir = newDir();
	it.each<[string, string[], number, RegExp]>([
		['a misspelt command', ['sen'], 2, /unknown command 'sen'\n\(Did you mean send\?\)/],
		['a misspelt option', ['serve', '--prot', '1'], 2, /Did you mean --port\?/],
		['a port of letters', ['serve', '--port', 'abc'], 2, /is not a port, which is a number/],
		['a port beyond the last', ['serve', '--port', '99999'], 2, /from 0 to 65535/],
		['a port with a sign', ['serve', '--port', '-1'], 2, /is not a port/],
		['a port in other digits', ['serve', '--port', '0x50'], 2, /is not a port/],
		['no port', ['serve', '--port', ''], 2, /is not a port/],
		['a misspelt role', ['serve', '--role', 'wroker'], 2, /did you mean "worker"\?/],
		['a value without its option', ['serve', '8478'], 2, /too many arguments/],
		[
			'a host that is none',
			['serve', '--host', 'host.invalid', '--port', '0', '--data-dir', dir],
			1,
			/^--host host\.invalid is not known here\. Give an address/,
		],
		[
			'an address of another machine',
			['serve', '--host', '203.0.113.7', '--port', '0', '--data-dir', dir],
			1,
			/^This machine has no address 203\.0\.113\.7\. Give --host 127\.0\.0\.1/,
		],
		[
			'a folder where none can be made',
			['serve', '--port', '0', '--data-dir', '/proc/sureping/deep'],
			1,
			/^--data-dir .* cannot be used: no folder can be made in \/proc\n$/,
		],
		[
			'a file for a folder',
			['serve', '--port', '0', '--data-dir', 'package.json'],
			1,
			/^--data-dir .* cannot be used: a file is in its place\n$/,
		],
		[
			'a URL that is none',
			['list', '--url', 'foo', ...key],
			1,
			/^"foo" is not the URL of a runner/,
		],
		[
			'a URL with a password',
			['list', '--url', `http://u:${SECRET}@127.0.0.1:9`, ...key],
			1,
			/must not hold a user name or password/,
		],
		['a key with a line break', ['list', '--key', `${SECRET}\n`], 1, /^The API key holds a space/],
		[
			'a host that does not resolve',
			['list', '--url', 'http://host.invalid', ...key],
			1,
			/^There is no answer from http:\/\/host\.invalid: its host name is not known here/,
		],
		[
			'a time that is none',
			['events', 'tail', '--since', 'noon', ...key],
			2,
			/Give a time such as/,
		],
		[
			'a time of a replay that is none',
			['replay', 'end_1', '--until', 'noon', ...key],
			2,
			/Give a time such as/,
		],
		[
			'two places to start',
			['events', 'tail', '--since', '1h', '--after', '3', ...key],
			2,
			/give one of them/,
		],
		[
			'a provider that is none',
			['verify', '--provider', 'strip', '--secret', 'x'],
			2,
			/did you mean "stripe"\?/,
		],
		[
			'rules that are a folder',
			['verify', '--provider', 'generic', '--secret', 'x', '--rules', dir],
			2,
			/it is a folder, not a file/,
		],
		[
			'a backup into nowhere',
			['backup', '--to', join(dir, 'none/a.db'), '--data-dir', dir],
			1,
			/^No backup was made: /,
		],
		[
			'a server that is not there',
			['migrate', '--from', 'sqlite:nowhere.db', '--to', 'postgres://127.0.0.1:1/x'],
			1,
			/^nowhere\.db does not exist\n$/,
		],
	])('is said in words of %s', async (_name, args, expected, words) => {
		const { code, out, err } = await sureping(args);
		expect([code, out, err]).toEqual([expected, '', expect.stringMatching(words)]);
		expect(err).not.toMatch(/ {4}at |Error|E[A-Z]{5,}/);
		expect(err).not.toContain(SECRET);
	});

	it.each([
		['', {}],
		['npm start -- ', { npm_lifecycle_event: 'start' }],
	])('is said of a port that is in use, once, with what to do: %s--port', async (call, env) => {
		const server = createServer().listen(0, '127.0.0.1');
		await new Promise((resolve) => server.once('listening', resolve));
		const { port } = server.address() as AddressInfo; // It listens on TCP.
		const args = ['serve', '--port', String(port), '--data-dir', newDir()];
		const { code, err } = await sureping(args, env);
		server.close();
		const lines = err.split('\n').filter((line) => line !== '' && !line.startsWith('{'));
		expect([code, lines]).toEqual([
			1,
			[
				expect.stringMatching(
					`^Port ${port} on 127.0.0.1 is in use, .* take another port: ${call}--port `,
				),
			],
		]);
	});

	it('is said of what is no runner', async () => {
		const server = createServer((_request, response) => response.end('<html>')).listen(
			0,
			'127.0.0.1',
		);
		await new Promise((resolve) => server.once('listening', resolve));
		const { port } = server.address() as AddressInfo; // It listens on TCP.
		const { code, err } = await sureping(['list', '--url', `http://127.0.0.1:${port}`, ...key]);
		server.close();
		expect([code, err]).toEqual([1, expect.stringContaining('is not a Sureping runner')]);
	});

	it('is said of options that npm took for itself', () => {
		const args = ['scripts/bootstrap.mjs', 'start', '8478'];
		const env = { ...process.env, npm_config_port: 'true', npm_config_data_dir: './x' };
		const { status, stderr } = spawnSync(process.execPath, args, { env, encoding: 'utf8' });
		expect([status, stderr]).toEqual([
			2,
			'npm took --port and --data-dir for itself. Options of this command come after "--":\n  npm start -- --port 8478 --data-dir ./x\n',
		]);
	});
});

/** A field that a stranger wrote: it colours, moves the cursor, sets the title, forges a line, turns direction. */
const HOSTILE = 'a\u001b[31m\u001b]0;t\u0007b\u009b31m\r\nforged\u202ec\u2066d\u2028e\u007f';
const UNSAFE = /[^\P{Cc}\n]|[\u2028\u2029]|\p{Bidi_Control}/u;

describe('what a runner says', () => {
	/** For every command that asks a runner: what else it needs, and what the runner answers. */
	const event = {
		event: HOSTILE,
		event_id: HOSTILE,
		timestamp: HOSTILE,
		channel: HOSTILE,
		recipient: HOSTILE,
		notification_id: HOSTILE,
		error: { code: HOSTILE, message: HOSTILE },
	};
	const delivery = {
		channel: HOSTILE,
		connection: HOSTILE,
		recipient: HOSTILE,
		status: HOSTILE,
		attempts: [{ error: { message: HOSTILE } }],
	};
	const source = { system: HOSTILE, workflow_name: HOSTILE, execution_id: HOSTILE, url: HOSTILE };
	const error = { code: HOSTILE, message: HOSTILE };
	const about = { subject: HOSTILE, message: HOSTILE, source };
	const undelivered = {
		event: 'notification.undelivered',
		event_id: HOSTILE,
		timestamp: HOSTILE,
		notification_id: HOSTILE,
		deliveries: [{ channel: HOSTILE, connection: HOSTILE, recipient: HOSTILE, error }],
		...about,
	};
	const notification = {
		notification_id: HOSTILE,
		status: 'failed',
		created_at: HOSTILE,
		...about,
		metadata: { [HOSTILE]: HOSTILE },
		deliveries: [delivery],
		events: [event, undelivered],
	};
	const endpoint = {
		id: HOSTILE,
		name: HOSTILE,
		url: HOSTILE,
		profile: HOSTILE,
		status: HOSTILE,
		secret: HOSTILE,
		events: [HOSTILE],
		health: { failing_since: HOSTILE, paused_until: HOSTILE },
	};
	const contact = {
		id: HOSTILE,
		name: HOSTILE,
		addresses: [{ channel: HOSTILE, connection: HOSTILE, address: HOSTILE }],
		language: HOSTILE,
		time_zone: HOSTILE,
		quiet_hours: [{ days: [HOSTILE], from: HOSTILE, to: HOSTILE, do: HOSTILE }],
		source: HOSTILE,
	};
	const onCall = {
		name: HOSTILE,
		every: HOSTILE,
		source: HOSTILE,
		now: { who: [], nobody: HOSTILE, warning: HOSTILE },
		next: { at: HOSTILE, who: [HOSTILE] },
	};
	const party = { at: HOSTILE, step: 1, round: 0, contact_id: HOSTILE, channels: [HOSTILE] };
	const incident = {
		id: HOSTILE,
		notification_id: HOSTILE,
		status: HOSTILE,
		dedup_key: HOSTILE,
		policy: HOSTILE,
		opened_at: HOSTILE,
		next: { kind: 'step', at: HOSTILE, step: 1, round: 0 },
		triggers: 1,
		...about,
		waiting_for: [HOSTILE],
		pages: [{ ...party, notification_id: HOSTILE }],
		pending: [party],
		trail: [{ at: HOSTILE, action: HOSTILE, by: HOSTILE, via: HOSTILE, note: HOSTILE }],
	};
	const replay = { replay_id: HOSTILE, status: 'done', replayed: 1, total: 2 };
	const ANSWERS: Readonly<Record<string, [readonly string[], unknown]>> = {
		send: [['hi', '--channel', 'console', '--wait'], notification],
		get: [['x'], notification],
		list: [[], { notifications: [{ ...notification, channels: [HOSTILE] }], next_cursor: HOSTILE }],
		cancel: [['x'], notification],
		connections: [
			[],
			{ connections: [{ name: HOSTILE, channel: HOSTILE, status: HOSTILE, until: HOSTILE }] },
		],
		'events tail': [['--no-follow'], { events: [], next_cursor: '1' }],
		'incidents list': [[], { incidents: [incident], next_cursor: HOSTILE }],
		'incidents get': [['x'], incident],
		'incidents resolve': [['x'], incident],
		'incidents escalate': [['x'], incident],
		ack: [['x'], incident],
		'endpoints list': [[], { endpoints: [endpoint] }],
		'endpoints show': [['x'], endpoint],
		'endpoints add': [['https://x.example/', '--name', 'x'], endpoint],
		'endpoints rotate-secret': [['x'], endpoint],
		'endpoints test': [['x'], { ok: false, error: { message: HOSTILE }, latency_ms: 1 }],
		'endpoints enable': [['x'], endpoint],
		'endpoints disable': [['x'], endpoint],
		'endpoints remove': [['x'], { id: 'x' }],
		'contacts list': [[], { contacts: [contact] }],
		'contacts get': [['x'], contact],
		'contacts add': [['x', '--name', 'x', '--address', 'console=x'], contact],
		'contacts remove': [['x'], { id: 'x' }],
		'on-call list': [[], { on_call: [onCall] }],
		'on-call who': [['x'], onCall],
		'on-call override': [['x', 'y', '--to', '4h'], onCall],
		replay: [['x'], replay],
		'replays watch': [['x'], replay],
		'replays cancel': [['x'], replay],
		'dead-letters list': [
			[],
			{
				dead_letters: [
					{ id: HOSTILE, kind: HOSTILE, of: HOSTILE, created_at: HOSTILE, reason: HOSTILE },
				],
			},
		],
		'dead-letters retry': [['x'], { id: HOSTILE }],
	};
	// The doctor says in words of its own what it was answered.
	const asking = COMMANDS.filter(
		({ name, options }) => name !== 'doctor' && options.some(({ long }) => long === '--key'),
	).map(({ name }) => name);

	let answer: { status: number; body: unknown } = { status: 200, body: {} };
	let asked = 0;
	const server = createServer((request, response) => {
		asked += 1;
		// The feed's first page has an event, so that a tail prints one.
		const isFirst = request.url?.startsWith('/events') && !request.url.includes('after=');
		const body = isFirst ? { events: [event, undelivered], next_cursor: '1' } : answer.body;
		response.writeHead(answer.status, { 'content-type': 'application/json' });
		response.end(JSON.stringify(body));
	});
	beforeAll(async () => {
		server.listen(0, '127.0.0.1');
		await new Promise((resolve) => server.once('listening', resolve));
	});
	afterAll(() => server.close());
	const run = (command: string, args: readonly string[]) =>
		sureping([...command.split(' '), ...args], {
			SUREPING_KEY: API_KEY,
			// It listens on TCP.
			SUREPING_URL: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
		});

	it.each(asking)('is shown by "%s" as what it is, as text and as JSON', async (command) => {
		const [args, body] = ANSWERS[command] ?? [];
		if (!args) throw new Error(`Add an answer for ${command}`);
		const before = asked;
		for (const more of [[], ['--json']]) {
			answer = { status: 200, body };
			const done = await run(command, [...args, ...more]);
			expect(done.out + done.err).not.toMatch(UNSAFE);
			expect(done.out).toMatch(/\w/);
			// A line of a stranger's own would begin with its text.
			if (more.length === 0) expect(done.out).not.toMatch(/^forged/m);
			if (more.length > 0 && command !== 'events tail') expect(JSON.parse(done.out)).toEqual(body);
		}
		expect(asked).toBeGreaterThan(before);
	});

	it('is shown as what it is where it refuses', async () => {
		answer = { status: 422, body: { detail: HOSTILE } };
		const { code, out, err } = await run('list', []);
		expect([code, out, err]).toEqual([1, '', expect.stringMatching(/^422: a.*\n$/)]);
		expect(err).not.toMatch(UNSAFE);
	});
});

describe('the commands about notifications', () => {
	let runner: RunnerProcess;
	beforeAll(async () => {
		runner = await startRunner();
	});
	afterAll(() => runner.dispose());
	const env = (): Record<string, string> => ({ SUREPING_URL: runner.url, SUREPING_KEY: API_KEY });
	const run = (...args: string[]) => sureping(args, env());

	it('get one, list them, and stop one', async () => {
		const { body } = await runner.post('/send', { message: 'm', channels: ['console'] });
		await ended(runner, body.notification_id);
		const got = await run('get', body.notification_id);
		expect([got.code, got.out]).toEqual([0, expect.stringMatching(/console:terminal .*delivered/)]);
		const { events } = (await runner.get(`/notifications/${body.notification_id}`)).body;
		for (const { event_id } of events) expect(got.out).toContain(event_id);
		const listed = await run('list', '--status', 'delivered', '--limit', '1');
		expect([listed.code, listed.out]).toEqual([
			0,
			expect.stringMatching(new RegExp(`^ID .*\n${body.notification_id} +delivered`)),
		]);
		const later = new Date(Date.now() + 3_600_000).toISOString();
		const waiting = await runner.post('/send', {
			message: 'm',
			channels: ['console'],
			send_at: later,
		});
		const { notification_id: id } = waiting.body;
		expect(await run('cancel', id)).toMatchObject({ code: 0, out: `${id} is cancelled\n` });
		expect(await run('cancel', id)).toMatchObject({
			code: 1,
			err: expect.stringMatching(/^409: /),
		});
		const none = await run('get', 'msg_none');
		expect([none.code, none.err]).toEqual([1, expect.stringMatching(/^404: /)]);
	});

	it('say what was not delivered, to whom, and where it came from', async () => {
		const source = {
			system: 'n8n',
			workflow_id: 'w1',
			workflow_name: 'Watch disks',
			execution_id: '42',
			url: 'https://n8n.example.com/workflow/w1/executions/42',
		};
		const failing = await startRunner({
			connections: [{ name: 'hook', channel: 'webhook', url: 'http://127.0.0.1:1/' }],
			loop_limit: 0,
		});
		try {
			const { body } = await failing.post('/send', {
				subject: 'Disk full',
				message: 'db-1 has 0 bytes left',
				channels: ['webhook'],
				retry: false,
				source,
			});
			const id: string = body.notification_id;
			await ended(failing, id);
			const asked = { SUREPING_URL: failing.url, SUREPING_KEY: API_KEY };
			const tail = async (type: string) => {
				const args = ['events', 'tail', '--no-follow', '--types', `notification.${type}`];
				return (await sureping(args, asked)).out.trim().slice('2026-01-15T10:30:00.000Z '.length);
			};
			const from = `n8n, workflow "Watch disks", execution 42, ${source.url}`;
			const text = '"Disk full: db-1 has 0 bytes left"';
			const told = await tail('undelivered');
			expect(told).toMatch(
				/to webhook:hook hook \(CONNECTION_FAILED The webhook could not be reached: ECONNREFUSED\)/,
			);
			expect(told.startsWith(`undelivered ${id} ${text} to `)).toBe(true);
			expect(told.endsWith(` from ${from}`)).toBe(true);

			const feed = await failing.get('/events?types=notification.undelivered');
			const event: string = feed.body.events[0].event_id;
			const again = { message: 'again', channels: ['webhook'], in_reply_to: event };
			expect((await failing.post('/send', again)).status).toBe(409);
			expect(await tail('loop_stopped')).toBe(
				`loop_stopped ${id} ${text} in reply to ${event}, loop_limit 0 from ${from}`,
			);

			const { out } = await sureping(['get', id], asked);
			expect(out).toMatch(/^subject +Disk full\nmessage +db-1 has 0 bytes left\nsource +n8n, /m);
			expect(out).toContain(from);
			expect(out).toMatch(/undelivered .*to webhook:hook hook/);
		} finally {
			await failing.dispose();
		}
	});

	it('list the connections', async () => {
		const { code, out } = await run('connections');
		expect([code, out]).toEqual([
			0,
			expect.stringMatching(/^CONNECTION .*\nconsole:terminal +ok /),
		]);
	});

	it('follow the feed from now on, and from a time', async () => {
		const old = await runner.post('/send', { message: 'old', channels: ['console'] });
		await ended(runner, old.body.notification_id);
		const tail = spawn(process.execPath, [...RUNNER, 'events', 'tail'], {
			env: { ...process.env, ...env() },
			stdio: ['ignore', 'pipe', 'inherit'],
		});
		let out = '';
		tail.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()));
		await waitUntil('an event of after the start is printed', async () => {
			await runner.post('/send', { message: 'new', channels: ['console'] });
			return out.includes('queued');
		}).finally(() => tail.kill());
		expect(out).not.toContain(old.body.notification_id);
		const since = await run('events', 'tail', '--since', '1h', '--no-follow');
		expect(since.out).toContain(old.body.notification_id);
		const future = new Date(Date.now() + 3_600_000).toISOString();
		expect((await run('events', 'tail', '--since', future, '--no-follow')).out).toBe('');
	});
});

describe('sureping serve without a config', () => {
	const running: ChildProcess[] = [];
	afterEach(() => {
		for (const child of running.splice(0)) child.kill('SIGKILL');
	});

	/** Both outputs in one pipe, so that what the runner writes comes in its order. */
	const start = (dir: string, ...more: string[]) => {
		const args = [...RUNNER, 'serve', '--port', '0', '--data-dir', dir, ...more];
		const child: ChildProcess = spawn(
			'/bin/sh',
			['-c', 'exec "$0" "$@" 2>&1', process.execPath, ...args],
			{ stdio: ['ignore', 'pipe', 'inherit'] },
		);
		running.push(child);
		let out = '';
		child.stdout?.on('data', (chunk: Buffer) => (out += chunk.toString()));
		return { child, out: () => out };
	};

	it('begins with its banner, which leads to /docs, and stops once however often it is told', async () => {
		const dir = newDir();
		const { child, out } = start(dir);
		await waitUntil('it is ready', () => out().includes('"ready"'));
		expect(out()).toMatch(/^\nSureping listens on http:\/\/127\.0\.0\.1:\d+\nAPI key: sp_demo_/);
		expect(out()).toMatch(/http:\/\/127\.0\.0\.1:\d+\/docs/);
		expect(out()).toMatch(
			/\nSend a notification to this terminal:\n\n {2}curl -s http.*\\\n {4}-d/,
		);
		expect(out()).toMatch(/\nSee its delivery events:\n\n {2}curl/);
		expect(out()).not.toContain('webhook_health');
		const exited = new Promise((resolve) => child.once('exit', resolve));
		child.kill('SIGINT');
		child.kill('SIGTERM');
		child.kill('SIGINT');
		expect(await exited).toBe(0);
		expect(out().match(/"stopping"/g)).toHaveLength(1);
		expect(out().match(/"stopped"/g)).toHaveLength(1);

		const found = await sureping(['doctor', '--data-dir', dir]);
		expect([found.code, found.out]).toEqual([
			0,
			expect.stringMatching(/demo\.yaml can be used\n[^]*console:terminal +works/),
		]);
	});

	it('says that nothing is sent without the role worker, and offers no send', async () => {
		const { out } = start(newDir(), '--role', 'api');
		const notice = 'sends nothing; start it without --role';
		await waitUntil('it has said so', () => out().includes(notice));
		expect(out()).toMatch(/\nAPI key: sp_demo_.*\n\(from .*\n\nAll API calls/);
	});

	it('is what doctor asks about where there was none', async () => {
		const { code, out } = await sureping(['doctor', '--data-dir', newDir()]);
		expect([code, out]).toEqual([0, expect.stringMatching(/serve without one makes .*demo\.yaml/)]);
	});

	it('says after the banner what may be wanted otherwise', async () => {
		const dir = newDir();
		const file = join(dir, 'config.yaml');
		const hook = '{ name: a, channel: slack, webhook_url: "http://not-slack.example/x" }';
		writeFileSync(file, `api_keys: [{ name: a, key: ${API_KEY} }]\nconnections: [${hook}]\n`);
		const { out } = start(dir, '--config', file);
		await waitUntil('it has said so', () => out().includes('webhook_health.notify is not set'));
		expect(out()).toMatch(/^Sureping listens on .*\n.*\/docs\n[^]*points to not-slack\.example/);
	});
});
