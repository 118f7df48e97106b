import { type FakeDiscord, startDiscord } from '../../fakes/discord.ts';
import {
	fetchClient,
	open,
	outcomeOf,
	outcomeOver,
	outgoing,
	requestOf,
	verdict,
} from '../../support/outgoing.ts';

const WEBHOOK_URL = 'https://discord.com/api/webhooks/1/path-secret';
const hook = open('discord', { webhook_url: WEBHOOK_URL });

describe('the request to a webhook', () => {
	it('posts the text and waits for the message, and no mention in it counts', () => {
		expect(requestOf(hook)).toEqual({
			method: 'POST',
			url: 'https://discord.com/api/v10/webhooks/1/path-secret?wait=true',
			headers: {
				'content-type': 'application/json',
				'user-agent': expect.stringMatching(/^DiscordBot \(https:\/\/\S+, [\d.]+\)$/),
			},
			body: '{"content":"The pump stopped","allowed_mentions":{"parse":[]}}',
			timeoutMs: 2_000,
		});
	});

	it.each([
		['https://discord.com/api/webhooks/1/t', 'https://discord.com/api/v10/webhooks/1/t'],
		['https://discord.com/api/v6/webhooks/1/t', 'https://discord.com/api/v10/webhooks/1/t'],
		['https://discordapp.com/api/webhooks/1/t', 'https://discordapp.com/api/v10/webhooks/1/t'],
		['https://ptb.discord.com/api/webhooks/1/t', 'https://ptb.discord.com/api/v10/webhooks/1/t'],
		['https://proxy.example.com/api/webhooks/1/t', 'https://proxy.example.com/api/webhooks/1/t'],
	])('%s goes to %s, where waits are told in seconds', (webhook_url, expected) => {
		expect(requestOf(open('discord', { webhook_url })).url).toBe(`${expected}?wait=true`);
	});

	it('goes to the same path on another server with base_url', () => {
		const moved = open('discord', { webhook_url: WEBHOOK_URL, base_url: 'http://127.0.0.1:9001/' });
		expect(requestOf(moved).url).toBe('http://127.0.0.1:9001/api/webhooks/1/path-secret?wait=true');
	});

	it('names the thread', () => {
		const configured = open('discord', { webhook_url: WEBHOOK_URL, thread_id: '77' });
		const inUrl = open('discord', { webhook_url: `${WEBHOOK_URL}?thread_id=77` });
		for (const connection of [configured, inUrl]) {
			expect(new URL(requestOf(connection).url).searchParams.get('thread_id')).toBe('77');
		}
	});

	it('puts the subject in bold above the text', () => {
		const { body } = requestOf(hook, outgoing({ subject: 'Pump 3' }));
		expect(JSON.parse(body ?? '')).toMatchObject({ content: '**Pump 3**\nThe pump stopped' });
	});

	it('refuses what is longer than 2000 characters, its subject included', () => {
		expect(hook.refuseMessage('x'.repeat(2000))).toBeUndefined();
		expect(hook.refuseMessage('x'.repeat(2001))).toMatch(/2001 .* Discord takes at most 2000$/);
		expect(hook.refuseMessage('x'.repeat(1991), 'Pump')).toBeUndefined();
		expect(hook.refuseMessage('x'.repeat(1992), 'Pump')).toContain('2001');
	});

	it('has the connection’s name as its recipient', () => {
		expect(hook.defaultRecipient).toBe('my-connection');
	});
});

describe('what Discord’s answer means', () => {
	const answer = (status: number, code: number, headers = {}): string =>
		verdict(outcomeOf(hook, { status, headers, body: JSON.stringify({ message: '', code }) }));

	it.each([
		[404, 10003, 'TARGET_GONE permanent'],
		[404, 10015, 'TARGET_GONE permanent'],
		[404, 0, 'TARGET_GONE permanent'],
		[401, 50027, 'AUTH_FAILED permanent'],
		[401, 0, 'AUTH_FAILED permanent'],
		[403, 50013, 'AUTH_FAILED permanent'],
		[403, 40333, 'SERVICE_UNAVAILABLE for now'],
		[400, 50006, 'MESSAGE_REJECTED permanent'],
		[400, 50035, 'MESSAGE_REJECTED permanent'],
		[400, 50083, 'TARGET_GONE permanent'],
		[400, 200000, 'MESSAGE_REJECTED permanent'],
		[400, 220001, 'MESSAGE_REJECTED permanent'],
		[400, 240000, 'MESSAGE_REJECTED permanent'],
		[400, 20016, 'RATE_LIMITED for now'],
		[400, 20028, 'RATE_LIMITED for now'],
		[413, 40005, 'MESSAGE_REJECTED permanent'],
		[400, 999999, 'MESSAGE_REJECTED permanent'],
		[429, 0, 'RATE_LIMITED for now'],
		[503, 130000, 'SERVICE_UNAVAILABLE for now'],
		[500, 0, 'SERVICE_UNAVAILABLE for now'],
		[502, 0, 'SERVICE_UNAVAILABLE for now'],
	])('%d with code %d is %s', (status, code, expected) => {
		expect(answer(status, code)).toBe(expected);
	});

	it('says what the number means', () => {
		expect(outcomeOf(hook, { status: 404, body: '{"code":10015}' })).toMatchObject({
			error: { message: 'Discord answered 404 (10015): unknown webhook' },
		});
	});

	it('waits as the header says, then the body, then the bucket', () => {
		const wait = (headers: Record<string, string>, body = ''): string =>
			verdict(outcomeOf(hook, { status: 429, headers, body }));
		const bucket = { 'x-ratelimit-reset-after': '1.2' };
		expect(wait({ 'retry-after': '65', ...bucket }, '{"retry_after":64.57}')).toBe(
			'RATE_LIMITED for now after 65000',
		);
		expect(wait(bucket, '{"retry_after":64.57}')).toBe('RATE_LIMITED for now after 64570');
		expect(wait(bucket, 'error code: 1015')).toBe('RATE_LIMITED for now after 1200');
		expect(wait({})).toBe('RATE_LIMITED for now');
	});

	it('is delivered by the message, by 204 where somebody took wait away, and by what cannot be read', () => {
		expect(verdict(outcomeOf(hook, { body: '{"id":"1"}' }))).toBe('delivered');
		expect(verdict(outcomeOf(hook, { status: 204 }))).toBe('delivered');
		expect(verdict(outcomeOf(hook, { body: '<html>' }))).toBe('delivered');
	});
});

describe('over HTTP', () => {
	let discord: FakeDiscord;
	beforeEach(async () => {
		discord = await startDiscord();
	});
	afterEach(() => discord.close());

	const send = (settings: object, more = {}) =>
		outcomeOver({ http: fetchClient }, open('discord', { ...settings }), outgoing(more));

	it('a message is posted, and @everyone in it calls nobody', async () => {
		const text = '@everyone the pump stopped';
		const outcome = await send({ webhook_url: discord.webhookUrl }, { text });
		expect(verdict(outcome)).toBe('delivered');
		expect(discord.messages).toEqual([{ content: text, pings: false }]);
	});

	it('a webhook that is not there is gone, a wrong token is refused', async () => {
		const unknown = discord.webhookUrl.replace(/webhooks\/\d+/, 'webhooks/1');
		expect(verdict(await send({ webhook_url: unknown }))).toBe('TARGET_GONE permanent');
		const wrong = `${discord.webhookUrl}x`;
		expect(verdict(await send({ webhook_url: wrong }))).toBe('AUTH_FAILED permanent');
	});

	it('a forum takes messages in a thread', async () => {
		const webhook_url = discord.forumWebhookUrl;
		expect(verdict(await send({ webhook_url }))).toBe('MESSAGE_REJECTED permanent');
		expect(verdict(await send({ webhook_url, thread_id: '77' }))).toBe('delivered');
		expect(discord.messages).toMatchObject([{ threadId: '77' }]);
	});

	it('a queued 429 asks to wait', async () => {
		discord.answer({ status: 429, retryAfter: 3 });
		expect(verdict(await send({ webhook_url: discord.webhookUrl }))).toBe(
			'RATE_LIMITED for now after 3000',
		);
	});

	it('what we let pass is short enough for Discord, what we refuse is not', async () => {
		const webhook_url = discord.webhookUrl;
		expect(verdict(await send({ webhook_url }, { text: 'x'.repeat(2000) }))).toBe('delivered');
		expect(verdict(await send({ webhook_url }, { text: 'x'.repeat(2001) }))).toBe(
			'MESSAGE_REJECTED permanent',
		);
	});
});
