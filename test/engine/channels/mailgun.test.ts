import { type FakeMailgun, startMailgun } from '../../fakes/mailgun.ts';
import { T0 } from '../../support/dispatch-scene.ts';
import {
	fetchClient,
	open,
	outcomeOf,
	outcomeOver,
	outgoing,
	requestOf,
	verdict,
} from '../../support/outgoing.ts';

const FROM = 'Ops <ops@mg.example.com>';
const settings = { api_key: 'key-secret', domain: 'mg.example.com' };
const mailgun = open('email', { mailgun: settings, from: FROM });

describe('the request to Mailgun', () => {
	it('posts one plain mail as a form, with the key as a password', () => {
		const { body, ...request } = requestOf(
			mailgun,
			outgoing({ subject: 'Pump 3', text: 'a=1&b 🚰' }),
		);
		expect(request).toEqual({
			method: 'POST',
			url: 'https://api.mailgun.net/v3/mg.example.com/messages',
			headers: {
				authorization: `Basic ${Buffer.from('api:key-secret').toString('base64')}`,
				'content-type': 'application/x-www-form-urlencoded',
			},
			timeoutMs: 2_000,
		});
		expect(Object.fromEntries(new URLSearchParams(body))).toEqual({
			from: FROM,
			to: 'ada@example.com',
			subject: 'Pump 3',
			text: 'a=1&b 🚰',
		});
	});

	it('goes to the EU, or to base_url', () => {
		const eu = open('email', { mailgun: { ...settings, region: 'eu' }, from: FROM });
		expect(requestOf(eu).url).toBe('https://api.eu.mailgun.net/v3/mg.example.com/messages');
		const base_url = 'http://127.0.0.1:9001';
		const moved = open('email', { mailgun: settings, from: FROM, base_url });
		expect(requestOf(moved).url).toBe('http://127.0.0.1:9001/v3/mg.example.com/messages');
	});

	it('refuses what is longer than 25 MB', () => {
		expect(mailgun.refuseMessage('x'.repeat(25_000_000))).toBeUndefined();
		expect(mailgun.refuseMessage('x'.repeat(25_000_001))).toMatch(/25 MB.*Mailgun/);
	});
});

describe('what Mailgun’s answer means', () => {
	const answer = (status: number, message = ''): string =>
		verdict(outcomeOf(mailgun, { status, body: JSON.stringify({ message }) }));

	it.each([
		[
			400,
			"'to' parameter is not a valid address. please check documentation",
			'RECIPIENT_REJECTED permanent',
		],
		[
			400,
			'to parameter is not a valid address. please check documentation',
			'RECIPIENT_REJECTED permanent',
		],
		[400, "'from' parameter is not a valid address", 'MESSAGE_REJECTED permanent'],
		[
			400,
			"Need at least one of 'text' or 'html' parameters specified",
			'MESSAGE_REJECTED permanent',
		],
		[401, 'Forbidden', 'AUTH_FAILED permanent'],
		[403, 'Domain x is not allowed to send', 'AUTH_FAILED permanent'],
		[403, 'add the address to authorized recipients', 'RECIPIENT_REJECTED permanent'],
		[404, 'Domain not found: x', 'TARGET_GONE permanent'],
		[413, '', 'MESSAGE_REJECTED permanent'],
		[429, 'Too Many Requests', 'RATE_LIMITED for now'],
		[
			420,
			'Domain x is not allowed to send: recipient limit exceeded, try again after Wed, 15 Jan 2025 10:30:30 UTC',
			'RATE_LIMITED for now after 30000',
		],
		[
			403,
			'Domain x is not allowed to send: request limit exceeded, try again after Wed, 15 Jan 2025 10:31:00 UTC',
			'RATE_LIMITED for now after 60000',
		],
		[420, '', 'RATE_LIMITED for now'],
		[400, 'Domain x is not allowed to send: The domain is unverified', 'AUTH_FAILED permanent'],
		[
			400,
			'Free accounts are for test purposes only. Please add the address to authorized recipients',
			'RECIPIENT_REJECTED permanent',
		],
		[500, 'Internal Server Error', 'SERVICE_UNAVAILABLE for now'],
	])('%d %j is %s', (status, message, expected) => {
		expect(answer(status, message)).toBe(expected);
	});

	it('is delivered by every 200', () => {
		const queued = '{"id":"<1@mg.example.com>","message":"Queued. Thank you."}';
		expect(verdict(outcomeOf(mailgun, { body: queued }))).toBe('delivered');
		// The answer of https://api.mailgun.net itself to anything.
		expect(verdict(outcomeOf(mailgun, { body: 'Mailgun Magnificent API' }))).toBe('delivered');
	});

	it('waits until the reset, which is in unix seconds', () => {
		const headers = { 'x-ratelimit-reset': String(T0 / 1000 + 20) };
		expect(verdict(outcomeOf(mailgun, { status: 429, headers, body: '' }))).toBe(
			'RATE_LIMITED for now after 20000',
		);
	});
});

describe('over HTTP', () => {
	let server: FakeMailgun;
	beforeEach(async () => {
		server = await startMailgun();
	});
	afterEach(() => server.close());

	const send = (more: { key?: string; domain?: string; recipient?: string } = {}) =>
		outcomeOver(
			{ http: fetchClient },
			open('email', {
				mailgun: { api_key: more.key ?? server.apiKey, domain: more.domain ?? server.domain },
				from: FROM,
				base_url: server.url,
			}),
			outgoing(more.recipient === undefined ? {} : { recipient: more.recipient }),
		);

	it('a mail is queued, by the account’s key and by the domain’s', async () => {
		expect(verdict(await send())).toBe('delivered');
		expect(verdict(await send({ key: server.sendingKey }))).toBe('delivered');
		expect(server.mails).toMatchObject([{ to: 'ada@example.com' }, { text: 'The pump stopped' }]);
	});

	it.each([
		[{ key: 'key-wrong' }, 'AUTH_FAILED permanent'],
		[{ domain: 'other.example.com' }, 'TARGET_GONE permanent'],
		[{ recipient: 'ada@localhost' }, 'RECIPIENT_REJECTED permanent'],
		[
			{ domain: 'sandbox0123.mailgun.org', recipient: 'eve@example.com' },
			'RECIPIENT_REJECTED permanent',
		],
	])('with %j: %s', async (more, expected) => {
		expect(verdict(await send(more))).toBe(expected);
		expect(server.mails).toEqual([]);
	});

	it('a queued 429 asks to wait', async () => {
		server.answer({ status: 429, retryAfter: 3 });
		expect(verdict(await send())).toMatch(/^RATE_LIMITED for now after [23]\d\d\d$/);
	});
});
