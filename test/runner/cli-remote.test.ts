import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { RecordingServer } from '../fakes/recording-server.ts';
import { startSink } from '../fakes/sink.ts';
import { type FakeSlack, startSlack } from '../fakes/slack.ts';
import { sureping } from '../support/cli.ts';
import { API_KEY, ended, type RunnerProcess, startRunner } from '../support/runner-process.ts';
import { waitUntil } from '../support/wait-until.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';

// A dozen commands one after the other, each a process of its own: on a busy machine several seconds each.
jest.setTimeout(240_000);

describe('the commands that talk to a runner', () => {
	let runner: RunnerProcess;
	let sink: RecordingServer;
	let slack: FakeSlack;

	beforeAll(async () => {
		[sink, slack] = await Promise.all([startSink(), startSlack()]);
		runner = await startRunner({
			connections: [
				{ name: 'terminal', channel: 'console' },
				{ name: 'ops', channel: 'slack', webhook_url: slack.webhookUrl },
			],
		});
	});
	afterAll(async () => {
		await runner.dispose();
		await Promise.all([sink.close(), slack.close()]);
	});

	const run = (...args: string[]) =>
		sureping(args, { SUREPING_URL: runner.url, SUREPING_KEY: API_KEY });

	it('sends, and waits for the end when asked to', async () => {
		const sent = await run('send', 'hello', '--channel', 'console', '--json');
		expect([sent.code, JSON.parse(sent.out)]).toEqual([
			0,
			expect.objectContaining({ status: 'queued' }),
		]);
		const waited = await run('send', 'hello', '--channel', 'slack', '--wait');
		expect([waited.code, waited.out]).toEqual([
			0,
			expect.stringMatching(/^delivered\nslack:ops {2}delivered/),
		]);
		slack.answer({ status: 410, body: 'channel_is_archived' });
		const failed = await run('send', 'hello', '--channel', 'slack', '--wait');
		expect([failed.code, failed.out]).toEqual([1, expect.stringContaining('channel_is_archived')]);
	});

	it('goes on waiting while the runner is busy', async () => {
		const busy = await startSink();
		const notification = { notification_id: 'msg_1', deliveries: [] };
		busy.answer({ status: 202, body: JSON.stringify({ ...notification, status: 'queued' }) });
		busy.answer({ status: 503, body: '{}' });
		busy.answer({ status: 200, body: JSON.stringify({ ...notification, status: 'delivered' }) });
		const { code, out } = await run('send', 'm', '--channel', 'c', '--wait', '--url', busy.url);
		await busy.close();
		expect([code, out.trim()]).toEqual([0, 'delivered']);
	});

	it('repeats what the runner says about a mistake, and exits with 1', async () => {
		const { code, out, err } = await run('send', 'hello', '--channel', 'pigeon');
		expect([code, out]).toEqual([1, '']);
		expect(err).toMatch(/422: .*pigeon has no connection here/);
	});

	it('says so when nobody answers, when the key is wrong, and when there is none', async () => {
		const nobody = await run('send', 'm', '--channel', 'console', '--url', 'http://127.0.0.1:9');
		expect([nobody.code, nobody.err]).toEqual([1, expect.stringContaining('no answer from')]);
		const wrong = await run('send', 'm', '--channel', 'console', '--key', 'sp_wrong_key_0123456');
		expect([wrong.code, wrong.err]).toEqual([1, expect.stringContaining('401')]);
		const none = await sureping(['events', 'tail'], { SUREPING_KEY: '' });
		expect([none.code, none.err]).toEqual([1, expect.stringContaining('SUREPING_KEY')]);
	});

	it('prints the feed, as lines or as JSON', async () => {
		const { body } = await runner.post('/send', { message: 'seen', channels: ['console'] });
		await ended(runner, body.notification_id);
		const { code, out } = await run('events', 'tail', '--no-follow');
		expect(code).toBe(0);
		const lines = out.split('\n').filter((line) => line.includes(body.notification_id));
		expect(lines.map((line) => line.split(/ +/)[1])).toEqual(['queued', 'delivered']);
		const json = await run(
			'events',
			'tail',
			'--no-follow',
			'--json',
			'--types',
			'notification.delivered',
		);
		const types = json.out
			.trim()
			.split('\n')
			.map((line) => JSON.parse(line).event);
		expect(new Set(types)).toEqual(new Set(['notification.delivered']));
	});

	it('takes an endpoint through its life, and replays to it', async () => {
		const url = `${sink.url}/cli`;
		const added = await run(
			'endpoints',
			'add',
			url,
			'--name',
			'cli',
			'--events',
			'notification.delivered',
			'--json',
		);
		const { id, secret } = JSON.parse(added.out);
		expect(secret).toMatch(/^whsec_/);
		expect((await run('endpoints', 'list')).out).toMatch(new RegExp(`${id} +cli +enabled +ok`));
		const shown = (await run('endpoints', 'show', id)).out;
		expect(shown).toMatch(/status +enabled\nhealth +ok\n/);
		expect((await run('endpoints', 'test', id)).code).toBe(0);
		sink.answer({ status: 500 });
		expect((await run('endpoints', 'test', id)).code).toBe(1);
		expect((await run('endpoints', 'rotate-secret', id)).out).toMatch(/secret: whsec_/);
		const replayed = await run('replay', id);
		expect([replayed.code, replayed.out]).toEqual([
			0,
			expect.stringMatching(/^\d+ webhooks are on their way/),
		]);
		const recent = await run('replay', id, '--since', '15m', '--until', '0s');
		expect([recent.code, recent.out]).toEqual([
			0,
			expect.stringMatching(/^\d+ webhooks are on their way/),
		]);
		const none = await run('replay', id, '--since', '15m', '--until', '10m');
		expect([none.code, none.out]).toEqual([0, '0 webhooks are on their way\n']);
		expect((await run('endpoints', 'disable', id)).code).toBe(0);
		expect((await run('endpoints', 'list')).out).toMatch(/disabled/);
		expect((await run('endpoints', 'show', id)).out).toMatch(/status +disabled \(requested\)/);
		expect((await run('endpoints', 'enable', id)).code).toBe(0);
		expect((await run('endpoints', 'remove', id)).code).toBe(0);
		expect((await run('endpoints', 'list')).out).not.toContain(id);
	});

	it('exits with 2 for wrong usage of a subcommand', async () => {
		expect((await run('endpoints', 'frobnicate')).code).toBe(2);
		expect((await run('send', 'no channel')).code).toBe(2);
	});
});

describe('sureping doctor', () => {
	const key = 'sp_test_key_0123456789';
	const write = (config: object): { file: string; dir: string } => {
		const dir = temporaryDirectory('doctor');
		const file = join(dir, 'config.json');
		writeFileSync(file, JSON.stringify({ api_keys: [{ name: 'n8n', key }], ...config }));
		return { file, dir };
	};
	const doctor = ({ file, dir }: { file: string; dir: string }, ...more: string[]) =>
		sureping(['doctor', '--config', file, '--data-dir', dir, ...more]);

	it('finds that everything works, and sends nothing', async () => {
		const slack = await startSlack();
		const { code, out } = await doctor(
			write({
				connections: [
					{ name: 'bot', channel: 'slack', bot_token: slack.botToken, base_url: slack.url },
					{ name: 'terminal', channel: 'console' },
				],
			}),
		);
		await slack.close();
		expect([code, out]).toEqual([0, expect.stringMatching(/ok +slack:bot +works/)]);
		expect(slack.requests.map(({ path }) => path)).toEqual(['/api/auth.test']);
	});

	it('names what does not work, without the secret', async () => {
		const slack = await startSlack();
		const { code, out } = await doctor(
			write({
				connections: [
					{ name: 'bot', channel: 'slack', bot_token: 'xoxb-wrong', base_url: slack.url },
				],
			}),
			'--json',
		);
		await slack.close();
		const { ok, findings } = JSON.parse(out);
		expect([code, ok]).toEqual([1, false]);
		expect(findings).toContainEqual({ what: 'slack:bot', ok: false, found: expect.any(String) });
		expect(out).not.toContain('xoxb-wrong');
	});

	it('names the addresses that providers are to be told', async () => {
		const inbound = [{ provider: 'mailgun', connection: 'shop', secret: 'key-not-to-be-shown' }];
		const told = await doctor(write({ public_url: 'https://ping.example.com', inbound }));
		expect(told.code).toBe(0);
		expect(told.out).toContain('https://ping.example.com/inbound/mailgun/shop');
		const unknown = await doctor(write({ inbound }));
		expect([unknown.code, unknown.out]).toEqual([1, expect.stringContaining('needs public_url')]);
		expect(told.out + unknown.out).not.toContain('key-not-to-be-shown');
	});

	it('lists the mistakes of a configuration', async () => {
		const { code, out } = await doctor(
			write({ connections: [{ name: 'a', channel: 'pigeon' }], x: 1 }),
		);
		expect(code).toBe(1);
		expect(out).toContain('connections.0.channel');
	});

	it('names the connections that a running runner holds back', async () => {
		const gone = await startSink();
		const url = `${gone.url}/events`;
		await gone.close();
		const breaker = { failures: 2, probe_s: 60 };
		const runner = await startRunner({
			connections: [{ name: 'own', channel: 'webhook', url, breaker }],
		});
		try {
			const config = write({ connections: [{ name: 'terminal', channel: 'console' }] });
			const before = await doctor(config, '--url', runner.url);
			expect([before.code, before.out]).toEqual([
				0,
				expect.stringMatching(/ok +channels +the runner lets everything through/),
			]);
			await runner.post('/send', { message: 'm', channels: ['webhook'] });
			const isDown = async (): Promise<boolean> =>
				/state\{connection="webhook:own"\} 2/.test((await runner.get('/metrics')).body);
			await waitUntil('the breaker opens', isDown);
			const after = await doctor(config, '--url', runner.url);
			expect([after.code, after.out]).toEqual([
				1,
				expect.stringMatching(/FAIL +runner webhook:own +is down/),
			]);
		} finally {
			await runner.dispose();
		}
		const nobody = await doctor(write({}), '--url', 'http://127.0.0.1:9');
		expect([nobody.code, nobody.out]).toEqual([
			1,
			expect.stringMatching(/FAIL +runner +.*no answer/),
		]);
	});

	it('sees that a database is damaged, and that a used one is sound', async () => {
		const damaged = write({});
		writeFileSync(join(damaged.dir, 'sureping.db'), 'no database, but long enough'.repeat(200));
		const found = await doctor(damaged);
		expect([found.code, found.out]).toEqual([1, expect.stringMatching(/FAIL +database/)]);

		const runner = await startRunner();
		try {
			const used = write({ store: `sqlite:${runner.database}` });
			expect((await doctor(used)).out).toMatch(/ok +database +is sound/);
		} finally {
			await runner.dispose();
		}
	});
});
