import {
	type CatalogEntry,
	DEFAULT_RETRY,
	openConnection,
	type Plan,
	planSend,
	type Problem,
	type SendRequest,
	withRules,
} from '@sureping/engine';
import { T0 } from '../../support/dispatch-scene.ts';

function entry(channel: string, name: string, settings: Record<string, unknown>): CatalogEntry {
	const opened = openConnection(channel, name, settings);
	if (!opened.ok) throw new Error(JSON.stringify(opened.issues));
	return { channel, name, connection: opened.connection, policy: DEFAULT_RETRY };
}

const webhookUrl = 'https://hooks.slack.com/services/T1/B1/secret';
const CATALOG: readonly CatalogEntry[] = [
	entry('slack', 'ops-slack', { webhook_url: webhookUrl }),
	entry('slack', 'bot', { bot_token: 'xoxb-1' }),
	entry('slack', 'bot-with-channel', { bot_token: 'xoxb-1', default_channel: '#ops' }),
	entry('email', 'mail', { resend: { api_key: 're_1' }, from: 'ops@example.com' }),
	entry('console', 'screen', {}),
];

const send = (more: Partial<SendRequest> = {}): SendRequest => ({
	message: 'The pump stopped',
	channels: ['slack'],
	...more,
});

function planned(request: SendRequest, catalog = CATALOG): Plan {
	const result = planSend(request, catalog, T0);
	if (!result.ok) throw new Error(JSON.stringify(result.problems));
	return result.plan;
}

function problems(request: SendRequest, catalog = CATALOG): readonly Problem[] {
	const result = planSend(request, catalog, T0);
	return result.ok ? [] : result.problems;
}

describe('planSend', () => {
	it('takes a channel’s first connection, which names itself as the recipient', () => {
		expect(planned(send()).targets).toEqual([
			{ channel: 'slack', connection: 'ops-slack', recipient: 'ops-slack', policy: DEFAULT_RETRY },
		]);
	});

	it('takes the named connection and its default channel', () => {
		expect(planned(send({ channels: ['slack:bot-with-channel'] })).targets).toMatchObject([
			{ connection: 'bot-with-channel', recipient: '#ops' },
		]);
	});

	it('uses one recipient for every channel, or an address per channel or connection', () => {
		const channels = ['slack:bot', 'email'];
		const recipients = (recipient: NonNullable<SendRequest['recipient']>): string[] =>
			planned(send({ channels, recipient })).targets.map((one) => one.recipient);
		expect(recipients('ada@example.com')).toEqual(['ada@example.com', 'ada@example.com']);
		expect(recipients({ slack: '#pumps', email: 'ada@example.com' })).toEqual([
			'#pumps',
			'ada@example.com',
		]);
		expect(recipients({ 'slack:bot': 'U1', slack: '#pumps', email: 'ada@example.com' })[0]).toBe(
			'U1',
		);
	});

	it.each([
		['slack:ops-slack', 'ops-slack'],
		['discord', 'room'],
		['webhook', 'ada@example.com'],
		['console', 'ada@example.com'],
		['slack:bot-with-channel', 'ada@example.com'],
		['email', 'ada@example.com'],
	])('says of %s that it goes to %s where one address is given for every channel', (at, to) => {
		const recipient = 'ada@example.com';
		const catalog = [
			...CATALOG,
			entry('discord', 'room', { webhook_url: 'https://discord.com/api/webhooks/1/secret' }),
			entry('webhook', 'hook', { url: 'https://hook.example/in' }),
		];
		expect(planned(send({ channels: [at], recipient }), catalog).targets).toMatchObject([
			{ recipient: to },
		]);
		const fallback = { channels: ['slack:bot'], fallback_channels: [at], recipient };
		const other = at.startsWith('slack:bot') ? { ...fallback, channels: ['email'] } : fallback;
		expect(planned(send(other), catalog).fallbacks).toMatchObject([{ recipient: to }]);
	});

	it('keeps what a request calls a fixed connection by its own name', () => {
		const recipient = { slack: '#pumps' };
		expect(planned(send({ recipient })).targets[0]?.recipient).toBe('#pumps');
	});

	it('plans fallbacks apart from channels', () => {
		const plan = planned(
			send({ fallback_channels: ['email', 'console'], recipient: { email: 'ada@example.com' } }),
		);
		expect(plan.targets.map(({ channel }) => channel)).toEqual(['slack']);
		expect(plan.fallbacks.map(({ channel }) => channel)).toEqual(['email', 'console']);
	});

	it('fills in what was left out', () => {
		expect(planned(send())).toMatchObject({ metadata: {}, priority: 'normal', fallbacks: [] });
	});

	it('reads times with any offset', () => {
		const plan = planned(
			send({ send_at: '2025-01-15T13:00:00+02:00', expires_at: '2025-01-15T12:00:00Z' }),
		);
		expect(plan).toMatchObject({ sendAt: T0 + 1_800_000, expiresAt: T0 + 5_400_000 });
	});

	it.each<[string, Partial<SendRequest>, Problem]>([
		[
			'an unknown channel',
			{ channels: ['pigeon'] },
			{ path: 'channels.0', message: expect.stringContaining('slack, email, console') },
		],
		[
			'an unknown connection',
			{ channels: ['console', 'slack:nope'] },
			{ path: 'channels.1', message: expect.stringContaining('slack:ops-slack') },
		],
		[
			'an unknown fallback',
			{ fallback_channels: ['pigeon'] },
			{ path: 'fallback_channels.0', message: expect.stringContaining('pigeon') },
		],
		[
			'a channel listed twice under two spellings',
			{ channels: ['slack', 'slack:ops-slack'] },
			{ path: 'channels.1', message: 'slack:ops-slack is listed twice' },
		],
		[
			'a fallback that is a channel already',
			{ fallback_channels: ['slack'] },
			{ path: 'fallback_channels.0', message: 'slack:ops-slack is listed twice' },
		],
		[
			'a missing recipient',
			{ channels: ['email'] },
			{ path: 'recipient', message: expect.stringContaining('email') },
		],
		[
			'a recipient object without the channel',
			{ channels: ['email'], recipient: { slack: '#ops' } },
			{ path: 'recipient', message: expect.stringContaining('email') },
		],
		[
			'a recipient that only the prototype has',
			{ channels: ['email'], recipient: Object.create({ email: 'ada@example.com' }) },
			{ path: 'recipient', message: expect.stringContaining('email') },
		],
		[
			'an address that the channel cannot use',
			{ channels: ['email'], recipient: '@ada' },
			{ path: 'recipient', message: expect.stringContaining('e-mail address') },
		],
		[
			'a Slack recipient with spaces',
			{ channels: ['slack:bot'], recipient: 'the ops room' },
			{ path: 'recipient', message: expect.stringContaining('#ops') },
		],
		[
			'a message that Slack would cut off',
			{ message: 'x'.repeat(40_001) },
			{ path: 'message', message: expect.stringContaining('40001 characters') },
		],
		[
			'an end in the past',
			{ expires_at: '2025-01-15T10:30:00.000Z' },
			{ path: 'expires_at', message: expect.stringContaining('future') },
		],
		[
			'an end before the start',
			{ send_at: '2025-01-15T12:00:00Z', expires_at: '2025-01-15T11:59:59Z' },
			{ path: 'expires_at', message: expect.stringContaining('send_at') },
		],
	])('refuses %s and says where', (_what, more, problem) => {
		expect(problems(send(more))).toEqual([problem]);
	});

	it('lists every problem at once', () => {
		const found = problems(
			send({
				channels: ['pigeon', 'email'],
				fallback_channels: ['slack:nope'],
				expires_at: '2020-01-01T00:00:00Z',
			}),
		);
		expect(found.map(({ path }) => path)).toEqual([
			'channels.0',
			'recipient',
			'fallback_channels.0',
			'expires_at',
		]);
	});

	it('says so when nothing is configured', () => {
		expect(problems(send(), [])).toEqual([
			{ path: 'channels.0', message: expect.stringContaining('add one to the configuration') },
		]);
	});
});

describe('withRules', () => {
	it('keeps the policy for true and nothing, and drops the retries for false', () => {
		expect(withRules(DEFAULT_RETRY, true)).toEqual(DEFAULT_RETRY);
		expect(withRules(DEFAULT_RETRY, undefined)).toEqual(DEFAULT_RETRY);
		expect(withRules(DEFAULT_RETRY, false)).toEqual({ ...DEFAULT_RETRY, delaysMs: [] });
	});

	it('lays the given rules over the policy, in milliseconds', () => {
		expect(withRules(DEFAULT_RETRY, { delays_s: [0.05, 2], timeout_s: 1.5 })).toEqual({
			delaysMs: [50, 2_000],
			jitter: DEFAULT_RETRY.jitter,
			timeoutMs: 1_500,
		});
		expect(withRules(DEFAULT_RETRY, { jitter: 0 })).toEqual({ ...DEFAULT_RETRY, jitter: 0 });
	});

	it('reaches every target of a send', () => {
		const plan = planned(
			send({ retry: false, fallback_channels: ['console'], channels: ['slack'] }),
		);
		expect([...plan.targets, ...plan.fallbacks].map(({ policy }) => policy.delaysMs)).toEqual([
			[],
			[],
		]);
	});
});
