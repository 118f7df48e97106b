import { DatabaseSync } from 'node:sqlite';
import { type RecordingServer, startRecordingServer } from '../fakes/recording-server.ts';
import { startSink } from '../fakes/sink.ts';
import { sureping } from '../support/cli.ts';
import { API_KEY, ended, type RunnerProcess, startRunner } from '../support/runner-process.ts';
import { waitUntil } from '../support/wait-until.ts';

const events = ['notification.delivered'];

let runner: RunnerProcess;
let sink: RecordingServer;
afterEach(async () => {
	await runner.dispose();
	await sink.close();
});

const start = async (config: Record<string, unknown> = {}): Promise<void> => {
	sink = await startSink();
	runner = await startRunner(config);
};

const endpoint = async (more: Record<string, unknown> = {}): Promise<string> => {
	const made = await runner.post('/endpoints', {
		name: 'e',
		url: `${sink.url}/e`,
		events,
		...more,
	});
	expect([made.status, made.body.id]).toEqual([201, expect.stringMatching(/^ep_/)]);
	return made.body.id;
};

const send = async (): Promise<string> => {
	const { body } = await runner.post('/send', { message: 'm', channels: ['console'] });
	await ended(runner, body.notification_id);
	return body.notification_id;
};

const webhooks = async (query: string) =>
	(await runner.get(`/webhook-deliveries?${query}`)).body.webhook_deliveries;

describe('an endpoint’s own headers', () => {
	it('go with every request, are changed and taken away, and are never shown', async () => {
		await start();
		const id = await endpoint({
			headers: { Authorization: 'Bearer s3cr3t-t0ken', 'X-Tenant': 'a' },
		});
		await send();
		await sink.received(1);
		expect(sink.requests[0]?.headers).toMatchObject({
			authorization: 'Bearer s3cr3t-t0ken',
			'x-tenant': 'a',
			'content-type': 'application/json',
		});
		const shown = await runner.get(`/endpoints/${id}`);
		expect(shown.body.header_names).toEqual(['Authorization', 'X-Tenant']);
		expect(JSON.stringify(shown.body)).not.toContain('s3cr3t');

		await runner.call('PATCH', `/endpoints/${id}`, { headers: null });
		await send();
		await sink.received(2);
		expect(sink.requests[1]?.headers.authorization).toBeUndefined();
		const refused = await runner.call('PATCH', `/endpoints/${id}`, {
			headers: { 'X-OnePing-Signature': 'forged', 'Transfer-Encoding': 'chunked' },
		});
		expect([refused.status, refused.body.errors.map(({ path }: { path: string }) => path)]).toEqual(
			[422, ['headers.X-OnePing-Signature', 'headers.Transfer-Encoding']],
		);
	});
});

describe('the log of a webhook delivery', () => {
	it('shows status, latency and how each answer began', async () => {
		await start();
		await endpoint();
		sink.answer({ status: 500, body: 'the \u001b[31mdatabase\u0007 is down' });
		await send();
		await sink.received(2);
		await waitUntil(
			'it is delivered',
			async () => (await webhooks('status=delivered')).length === 1,
		);
		const [listed] = await webhooks('status=delivered');
		expect(JSON.stringify(listed)).not.toContain('database');
		const { body } = await runner.get(`/webhook-deliveries/${listed.id}`);
		expect(body.attempts).toEqual([
			{
				at: expect.any(String),
				latency_ms: expect.any(Number),
				status: 500,
				error: expect.objectContaining({ code: 'SERVICE_UNAVAILABLE' }),
				answer: 'the �[31mdatabase� is down',
			},
			{ at: expect.any(String), latency_ms: expect.any(Number), status: 200 },
		]);
		expect((await runner.get('/webhook-deliveries/whd_none')).status).toBe(404);
	});
});

describe('an endpoint that fails for too long', () => {
	it('is disabled, the operator is told through another channel, and nothing is lost', async () => {
		const life = { isDown: true };
		sink = await startRecordingServer(({ path }) => ({
			status: path === '/e' && life.isDown ? 500 : 200,
			body: '',
		}));
		runner = await startRunner({
			webhook_retry: { delays_s: Array(6).fill(0.25), jitter: 0, timeout_s: 2 },
			webhook_health: {
				warn_after_s: [0],
				disable_after_s: 1,
				breaker: { probe_s: 0.25 },
				notify: 'console:terminal',
			},
		});
		const id = await endpoint();
		await endpoint({ name: 'operator', url: `${sink.url}/ops`, events: ['endpoint.disabled'] });
		const first = await send();
		const isDisabled = async (): Promise<boolean> =>
			(await runner.get(`/endpoints/${id}`)).body.status === 'disabled';
		await waitUntil('it is disabled', isDisabled);
		expect((await runner.get(`/endpoints/${id}`)).body).toMatchObject({
			disabled_reason: 'failing',
			health: { consecutive_failures: expect.any(Number), failing_since: expect.any(String) },
		});
		const told = await runner.get('/operational-events');
		expect(told.body.events).toMatchObject([
			{ event: 'endpoint.failing', endpoint_id: id, endpoint_name: 'e' },
			{ event: 'endpoint.disabled', reason: 'failing', endpoint_id: id },
		]);
		await waitUntil('the operator reads it', () =>
			runner.output().includes('The endpoint "e" was disabled because it failed for too long'),
		);
		const operator = () => sink.requests.filter(({ path }) => path === '/ops');
		await waitUntil('the subscriber is told', () => operator().length === 1);
		expect(JSON.parse(operator()[0]?.body ?? '')).toMatchObject({ event: 'endpoint.disabled' });
		const feed = await runner.get('/events?limit=1000');
		const types = feed.body.events.map((one: { event: string }) => one.event);
		expect(types.every((type: string) => type.startsWith('notification.'))).toBe(true);

		// An event for a disabled endpoint is not lost; what was given up can be replayed.
		const second = await send();
		life.isDown = false;
		const before = sink.requests.length;
		await runner.post(`/endpoints/${id}/enable`, {});
		const got = (notification: string): boolean =>
			sink.requests.some(
				({ path, body }, i) => path === '/e' && i >= before && body.includes(notification),
			);
		await waitUntil('the held event arrives', () => got(second));
		await runner.post(`/endpoints/${id}/replay`, { only_failed: true });
		await waitUntil('the event that was given up arrives', () => got(first));
		const [latest] = (await runner.get('/operational-events')).body.events.slice(-1);
		expect(latest).toMatchObject({ event: 'endpoint.enabled', endpoint_id: id });
	});

	it('is told to nobody but the log without notify, and the log says so at the start', async () => {
		await start();
		const line = 'webhook_health.notify is not set';
		await waitUntil('the log says so', () => runner.log().includes(line));
		await runner.dispose();
		runner = await startRunner({ webhook_health: { notify: 'console:terminal' } });
		await waitUntil('it is ready', () => runner.log().includes('"ready"'));
		expect(runner.log()).not.toContain(line);
	});

	it('is probed, one request at a time, once its breaker is open', async () => {
		await start({
			webhook_retry: { delays_s: [60], jitter: 0, timeout_s: 2 },
			webhook_health: { breaker: { failures: 3, probe_s: 1 } },
		});
		const id = await endpoint();
		sink.answer(...Array.from({ length: 5 }, () => ({ status: 500 })));
		for (let i = 0; i < 3; i++) {
			await send();
			await sink.received(i + 1);
		}
		await waitUntil('it is open', async () => {
			const { body } = await runner.get(`/endpoints/${id}`);
			return body.health.breaker === 'open';
		});
		await Promise.all(Array.from({ length: 20 }, () => send()));
		await sink.received(6);
		// Two probes that failed and the one that did not, each a second after the one before.
		const gaps = [3, 4, 5].map((i) => sink.requests[i]!.at - sink.requests[i - 1]!.at);
		expect(Math.min(...gaps.slice(1))).toBeGreaterThanOrEqual(950);
		await waitUntil('the rest arrives', () => sink.requests.length >= 21);
		expect((await runner.get(`/endpoints/${id}`)).body.health).toEqual({
			consecutive_failures: 0,
			breaker: 'closed',
		});
	});
});

describe('an endpoint that asks for a pause', () => {
	it('says until when it gets nothing, also by hand, and gets all of it once somebody enables it', async () => {
		await start();
		const id = await endpoint();
		sink.answer({ status: 429, headers: { 'retry-after': '9999999' } });
		await send();
		await waitUntil(
			'it is refused',
			async () => (await webhooks('status=pending'))[0]?.attempts.length === 1,
		);
		const [refused] = await webhooks('status=pending');
		const again = await runner.post(`/webhook-deliveries/${refused.id}/retry`, {});
		const tomorrow = Date.now() + 23 * 3600_000;
		expect([again.status, again.body.status]).toEqual([202, 'pending']);
		expect(Date.parse(again.body.next_attempt_at)).toBeGreaterThan(tomorrow);
		const [waiting] = await webhooks('status=pending');
		expect(Date.parse(waiting.next_attempt_at)).toBeGreaterThan(tomorrow);
		expect((await runner.get('/metrics')).body).toContain(
			'sureping_endpoints{standing="paused"} 1',
		);

		const enabled = await runner.post(`/endpoints/${id}/enable`, {});
		expect(enabled.body.health).toEqual({ consecutive_failures: 0, breaker: 'closed' });
		await sink.received(2);
	});
});

describe('a secret in the config file', () => {
	it('that is changed there signs along with the one before for a day', async () => {
		sink = await startSink();
		const file = (secret: string) => ({
			endpoints: [{ name: 'file', url: `${sink.url}/file`, secret, events }],
		});
		runner = await startRunner(file('whsec_before_0123456789'));
		await runner.kill('SIGTERM');
		runner.reconfigure(file('whsec_newest_0123456789'));
		await runner.start();
		await send();
		await sink.received(1);
		const former = sink.requests[0]?.headers['x-sureping-former-signature'];
		expect(former).toMatch(/^sha256=[0-9a-f]{64}$/);
	});
});

describe('dead letters', () => {
	it('are listed, counted and retried, over the API and from the command line', async () => {
		await start();
		const { body } = await runner.post('/send', {
			message: 'm',
			channels: ['console'],
			send_at: new Date(Date.now() + 2_500).toISOString(),
		});
		const [delivery] = body.deliveries;
		const db = new DatabaseSync(runner.database, { timeout: 5_000 });
		const { deliveries } = db
			.prepare('SELECT deliveries FROM notifications WHERE id = ?')
			.get(body.notification_id) as { deliveries: string }; // A column of text.
		const write = (text: string) =>
			db
				.prepare('UPDATE notifications SET deliveries = ? WHERE id = ?')
				.run(text, body.notification_id);
		write('damaged');
		const letters = async () => (await runner.get('/dead-letters')).body.dead_letters;
		await waitUntil('it is put aside', async () => (await letters()).length === 1);
		const [letter] = await letters();
		expect(letter).toMatchObject({ kind: 'delivery', of: delivery.id });
		// A count is good for a while, however long counting took on a busy machine.
		await waitUntil('it is counted', async () =>
			/^sureping_dead_letters 1$/m.test((await runner.get('/metrics')).body),
		);
		expect((await runner.get('/readyz')).status).toBe(200);
		await send();

		write(deliveries);
		db.close();
		const run = (...args: string[]) =>
			sureping(args, { SUREPING_URL: runner.url, SUREPING_KEY: API_KEY });
		expect((await run('dead-letters', 'list')).out).toContain(letter.id);
		expect((await run('dead-letters', 'retry', letter.id)).code).toBe(0);
		expect(await ended(runner, body.notification_id)).toMatchObject({ status: 'delivered' });
		expect(await letters()).toEqual([]);
		expect((await runner.post(`/dead-letters/${letter.id}/retry`, {})).status).toBe(404);
		expect((await run('dead-letters', 'retry', letter.id)).code).toBe(1);
	});
});

describe('a replay', () => {
	it('is watched and stopped from the command line, and cannot be stopped twice', async () => {
		await start();
		const id = await endpoint();
		await send();
		await sink.received(1);
		const started = await runner.post(`/endpoints/${id}/replay`, {});
		const replay = started.body.replay_id;
		const run = (...args: string[]) =>
			sureping(args, { SUREPING_URL: runner.url, SUREPING_KEY: API_KEY });
		const watched = await run('replays', 'watch', replay);
		expect([watched.code, watched.out]).toEqual([0, '1 webhooks are on their way\n']);
		const late = await run('replays', 'cancel', replay);
		expect([late.code, late.err]).toEqual([1, expect.stringContaining('409')]);
		expect((await runner.post('/replays/rpl_none/cancel', {})).status).toBe(404);
	});
});

describe('retention', () => {
	it('prunes by itself, tells a reader with an old cursor what to do, and keeps what is owed', async () => {
		const short = { events_s: 1, notifications_s: 1, webhook_deliveries_s: 1, reports_s: 1 };
		await start({ retention: short });
		const id = await endpoint();
		await runner.post(`/endpoints/${id}/disable`, {});
		const owed = await send();
		const cursor = (await runner.get('/events?limit=1')).body.next_cursor;
		await runner.post(`/endpoints/${id}/enable`, {});
		await sink.received(1);
		await runner.post(`/endpoints/${id}/disable`, {});
		const kept = await send();
		await runner.kill('SIGTERM');
		const time = Date.now();
		await waitUntil('their time is over', () => Date.now() > time + 1_100);
		await runner.start();
		await waitUntil('they are gone', async () => {
			return (await runner.get(`/notifications/${owed}`)).status === 404;
		});
		const gone = await runner.get(`/events?after=${cursor}`);
		expect([gone.status, gone.body.detail]).toEqual([
			410,
			expect.stringContaining('Leave after out'),
		]);
		const replay = await runner.post(`/endpoints/${id}/replay`, { cursor });
		expect([replay.status, replay.body.detail]).toEqual([
			410,
			expect.stringContaining('Leave cursor out'),
		]);
		const { body } = await runner.get('/events');
		const types = body.events.map((one: { event: string; notification_id: string }) => [
			one.event,
			one.notification_id,
		]);
		expect(types).toEqual([['notification.delivered', kept]]);
		await runner.post(`/endpoints/${id}/enable`, {});
		await waitUntil('what was owed arrives', () =>
			sink.requests.some((request) => request.body.includes(kept)),
		);
	});

	it.each([
		['retention', { events_s: 0 }],
		['retention', { forever: true }],
		['webhook_health', { notify: 'pigeon' }],
		['webhook_health', { breaker: { failures: 0 } }],
	])('and health: a mistake in %s is named: %j', async (section, settings) => {
		await start();
		await expect(startRunner({ [section]: settings })).rejects.toThrow(section);
	});
});
