import {
	accept,
	type CatalogEntry,
	type HttpClient,
	type HttpReply,
	type HttpRequest,
	type MemoryHost,
	openConnection,
	type RetryPolicy,
	runToEnd,
	statusOf,
	type Target,
	type TransportFailure,
} from '@sureping/engine';
import { countingIds, EXACT, planOf, T0, types } from '../../support/dispatch-scene.ts';
import { VirtualClock } from '../../support/virtual-clock.ts';

const SHORT: RetryPolicy = { delaysMs: [1_000, 5_000], jitter: 0, timeoutMs: 10_000 };

const SETTINGS = {
	slack: { webhook_url: 'https://hooks.slack.com/services/T1/B1/secret' },
	email: { resend: { api_key: 're_key' }, from: 'ops@example.com' },
	webhook: { url: 'https://example.com/hook' },
	console: {},
} as const;

type ChannelId = keyof typeof SETTINGS;

function entry(channel: ChannelId, policy: RetryPolicy): CatalogEntry {
	const opened = openConnection(channel, `${channel}-1`, SETTINGS[channel]);
	if (!opened.ok) throw new Error(JSON.stringify(opened.issues));
	return { channel, name: `${channel}-1`, connection: opened.connection, policy };
}

const to = (channel: ChannelId, policy: RetryPolicy = SHORT): Target => ({
	channel,
	connection: `${channel}-1`,
	recipient: 'ada@example.com',
	policy,
});

const reply = (status: number, body = '', headers: Record<string, string> = {}): HttpReply => ({
	status,
	body,
	headers,
});

/** Answers per host name, each once, in order; every answer takes 100 ms. */
class Script {
	readonly requests: { readonly at: number; readonly request: HttpRequest }[] = [];
	readonly lines: string[] = [];
	readonly clock = new VirtualClock(T0);
	private readonly answers: Record<string, (HttpReply | TransportFailure)[]>;

	constructor(answers: Record<string, (HttpReply | TransportFailure)[]>) {
		this.answers = answers;
	}

	readonly http: HttpClient = (request) => {
		this.requests.push({ at: this.clock.now() - T0, request });
		const next = this.answers[new URL(request.url).hostname]?.shift();
		if (!next) throw new Error(`Nobody expected a request to ${request.url}`);
		this.clock.advance(100);
		return Promise.resolve(next);
	};

	host(): MemoryHost {
		const channels: ChannelId[] = ['slack', 'email', 'webhook', 'console'];
		return {
			catalog: channels.map((channel) => entry(channel, EXACT)),
			transports: { http: this.http, console: (line) => void this.lines.push(line) },
			clock: this.clock,
			random: () => 0.5,
			newId: countingIds(),
		};
	}

	run(...plan: Parameters<typeof planOf>): ReturnType<typeof runToEnd> {
		const host = this.host();
		return this.clock.run(runToEnd(accept(planOf(...plan), T0, host.newId), host));
	}
}

describe('runToEnd', () => {
	it('retries as policy and Retry-After say, gives up at 410 and falls back to e-mail', async () => {
		const script = new Script({
			'hooks.slack.com': [
				reply(500, 'rollup_error'),
				reply(429, '', { 'retry-after': '30' }),
				reply(410, 'channel_is_archived'),
			],
			'api.resend.com': [reply(200, '{"id":"mail-1"}')],
		});
		const long = { ...SHORT, delaysMs: [1_000, 5_000, 9_000] };
		const { notification, events } = await script.run([to('slack', long)], [to('email')]);

		expect(types(events)).toEqual([
			'queued',
			'retrying',
			'retrying',
			'failed',
			'queued',
			'fallback',
			'delivered',
		]);
		expect(script.requests.map(({ at }) => at)).toEqual([0, 1_100, 31_200, 31_300]);
		expect(script.clock.sleeps).toEqual([1_000, 30_000]);
		expect(statusOf(notification)).toBe('delivered');
	});

	it('runs channels side by side and falls back after the last of them', async () => {
		const script = new Script({
			'hooks.slack.com': [reply(404, 'no_service')],
			'example.com': [reply(503), reply(503), reply(503)],
		});
		const { notification, events } = await script.run(
			[to('slack'), to('webhook')],
			[to('console')],
		);
		expect(types(events).slice(-3)).toEqual(['queued', 'fallback', 'delivered']);
		expect(events.at(-1)).toMatchObject({ channel: 'console' });
		expect(script.lines).toEqual(['ada@example.com: The pump stopped']);
		expect(statusOf(notification)).toBe('delivered');
	});

	it('resolves with a failed notification when nothing worked', async () => {
		const script = new Script({
			'hooks.slack.com': [reply(403, 'invalid_token')],
			'api.resend.com': [{ failure: 'refused_url', detail: 'api.resend.com is not allowed' }],
		});
		const { notification, events } = await script.run([to('slack')], [to('email')]);
		expect(statusOf(notification)).toBe('failed');
		expect(events.at(-2)).toMatchObject({ channel: 'email', all_channels_failed: true });
		expect(types(events.slice(-1))).toEqual(['undelivered']);
		expect(script.clock.sleeps).toEqual([]);
	});

	it('sends the same Idempotency-Key on every attempt of a delivery', async () => {
		const failure = { failure: 'timeout', detail: '10 seconds' } as const;
		const script = new Script({ 'api.resend.com': [failure, failure, reply(200, '{"id":"1"}')] });
		const { notification } = await script.run([to('email')]);
		const keys = script.requests.map(({ request }) => request.headers['idempotency-key']);
		expect(keys).toEqual(Array(3).fill(notification.deliveries[0]?.id));
	});

	it('waits for send_at before the first attempt', async () => {
		const script = new Script({ 'example.com': [reply(204)] });
		await script.run([to('webhook')], [], { sendAt: T0 + 86_400_000 });
		expect(script.requests.map(({ at }) => at)).toEqual([86_400_000]);
	});

	it('looks at the clock again when a timer ended early', async () => {
		const script = new Script({ 'example.com': [reply(204)] });
		const host = script.host();
		const sleeps: number[] = [];
		const clock = {
			now: () => script.clock.now(),
			sleep: (ms: number) => {
				sleeps.push(ms);
				script.clock.advance(Math.min(ms, 1_000));
				return Promise.resolve();
			},
		};
		const accepted = accept(planOf([to('webhook')], [], { sendAt: T0 + 2_500 }), T0, host.newId);
		await runToEnd(accepted, { ...host, clock });
		expect(sleeps).toEqual([2_500, 1_500, 500]);
		expect(script.requests.map(({ at }) => at)).toEqual([2_500]);
	});

	it('makes no attempt after expires_at', async () => {
		const script = new Script({});
		const { notification } = await script.run([to('webhook')], [to('console')], {
			sendAt: T0 + 2_000,
			expiresAt: T0 + 1_000,
		});
		expect(script.requests).toEqual([]);
		expect(script.lines).toEqual([]);
		expect(notification.deliveries.map(({ state }) => state)).toEqual(['expired']);
	});

	it('fails for good on a channel that this host cannot carry', async () => {
		const script = new Script({});
		const host = { ...script.host(), transports: {} };
		const accepted = accept(planOf([to('console')]), T0, host.newId);
		const { events } = await script.clock.run(runToEnd(accepted, host));
		expect(events.at(-2)).toMatchObject({ attempts: 1, error: { code: 'NOT_CONFIGURED' } });
	});

	it('gives each attempt its number, time and latency', async () => {
		const script = new Script({ 'example.com': [reply(500), reply(200)] });
		const { notification } = await script.run([to('webhook')]);
		expect(notification.deliveries[0]?.attempts).toEqual([
			{
				at: T0,
				latencyMs: 100,
				error: { code: 'SERVICE_UNAVAILABLE', message: expect.any(String) },
			},
			{ at: T0 + 1_100, latencyMs: 100 },
		]);
	});
});
