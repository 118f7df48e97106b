import { type FakeSendgrid, startSendgrid } from '../../fakes/sendgrid.ts';
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

const FROM = 'Ops <ops@example.com>';
const sendgrid = open('email', { sendgrid: { api_key: 'SG.key-secret' }, from: FROM });

describe('the request to SendGrid', () => {
	it('posts one plain mail', () => {
		const { body, ...request } = requestOf(sendgrid, outgoing({ subject: 'Pump 3' }));
		expect(request).toEqual({
			method: 'POST',
			url: 'https://api.sendgrid.com/v3/mail/send',
			headers: { authorization: 'Bearer SG.key-secret', 'content-type': 'application/json' },
			timeoutMs: 2_000,
		});
		expect(JSON.parse(body ?? '')).toEqual({
			personalizations: [{ to: [{ email: 'ada@example.com' }] }],
			from: { email: 'ops@example.com', name: 'Ops' },
			subject: 'Pump 3',
			content: [{ type: 'text/plain', value: 'The pump stopped' }],
		});
	});

	it.each([
		['ops@example.com', { email: 'ops@example.com' }],
		['"Ops, Team" <ops@example.com>', { email: 'ops@example.com', name: 'Ops, Team' }],
		['<ops@example.com>', { email: 'ops@example.com' }],
	])('reads from %j', (from, expected) => {
		const { body } = requestOf(open('email', { sendgrid: { api_key: 'k' }, from }));
		expect(JSON.parse(body ?? '').from).toEqual(expected);
	});

	it('goes to the EU, or to base_url', () => {
		const eu = open('email', { sendgrid: { api_key: 'k', region: 'eu' }, from: FROM });
		expect(requestOf(eu).url).toBe('https://api.eu.sendgrid.com/v3/mail/send');
		const base_url = 'http://127.0.0.1:9001/';
		const moved = open('email', { sendgrid: { api_key: 'k' }, from: FROM, base_url });
		expect(requestOf(moved).url).toBe('http://127.0.0.1:9001/v3/mail/send');
	});

	it('refuses what is longer than 30 MB', () => {
		expect(sendgrid.refuseMessage('x'.repeat(30_000_000))).toBeUndefined();
		expect(sendgrid.refuseMessage('é'.repeat(15_000_001))).toMatch(/30 MB.*SendGrid/);
	});
});

describe('what SendGrid’s answer means', () => {
	const answer = (status: number, message = '', field: string | null = null): string =>
		verdict(
			outcomeOf(sendgrid, { status, body: JSON.stringify({ errors: [{ message, field }] }) }),
		);

	it.each([
		[
			400,
			'Does not contain a valid address.',
			'personalizations.0.to.0.email',
			'RECIPIENT_REJECTED permanent',
		],
		[400, 'The to array is required', 'personalizations.0.to', 'RECIPIENT_REJECTED permanent'],
		[400, 'invalid', 'from.email', 'MESSAGE_REJECTED permanent'],
		[400, 'Bad Request', null, 'MESSAGE_REJECTED permanent'],
		[401, 'The provided authorization grant is invalid', null, 'AUTH_FAILED permanent'],
		[401, 'Maximum credits exceeded', null, 'QUOTA_EXCEEDED permanent'],
		[
			403,
			'The from address does not match a verified Sender Identity.',
			'from',
			'AUTH_FAILED permanent',
		],
		[404, 'not found', null, 'TARGET_GONE permanent'],
		[405, 'method not allowed', null, 'TARGET_GONE permanent'],
		[413, 'content too large', null, 'MESSAGE_REJECTED permanent'],
		[415, 'unsupported', null, 'MESSAGE_REJECTED permanent'],
		[429, 'too many requests', null, 'RATE_LIMITED for now'],
		[500, 'internal server error', null, 'SERVICE_UNAVAILABLE for now'],
		[503, '', null, 'SERVICE_UNAVAILABLE for now'],
	])('%d %j about %s is %s', (status, message, field, expected) => {
		expect(answer(status, message, field)).toBe(expected);
	});

	it('is delivered by 202, and by 200, which its sandbox answers', () => {
		expect(verdict(outcomeOf(sendgrid, { status: 202 }))).toBe('delivered');
		expect(verdict(outcomeOf(sendgrid, { status: 200 }))).toBe('delivered');
	});

	it('waits until the reset, which is in unix seconds', () => {
		const wait = (headers: Record<string, string>): string =>
			verdict(outcomeOf(sendgrid, { status: 429, headers, body: '' }));
		expect(wait({ 'x-ratelimit-reset': String(T0 / 1000 + 20) })).toBe(
			'RATE_LIMITED for now after 20000',
		);
		expect(wait({ 'x-ratelimit-reset': String(T0 / 1000 - 20) })).toBe('RATE_LIMITED for now');
		expect(wait({ 'x-ratelimit-reset': 'soon' })).toBe('RATE_LIMITED for now');
		expect(wait({ 'x-ratelimit-reset': String(T0 / 1000 + 20), 'retry-after': '5' })).toBe(
			'RATE_LIMITED for now after 5000',
		);
	});
});

describe('over HTTP', () => {
	let server: FakeSendgrid;
	beforeEach(async () => {
		server = await startSendgrid();
	});
	afterEach(() => server.close());

	const send = (more: { key?: string; from?: string; recipient?: string } = {}) =>
		outcomeOver(
			{ http: fetchClient },
			open('email', {
				sendgrid: { api_key: more.key ?? server.apiKey },
				from: more.from ?? FROM,
				base_url: server.url,
			}),
			outgoing(more.recipient === undefined ? {} : { recipient: more.recipient }),
		);

	it('a mail is accepted', async () => {
		expect(verdict(await send())).toBe('delivered');
		expect(server.mails).toMatchObject([{ subject: 'The pump stopped' }]);
	});

	it.each([
		[{ key: 'SG.wrong' }, 'AUTH_FAILED permanent'],
		[{ from: 'ops@elsewhere.example' }, 'AUTH_FAILED permanent'],
		[{ recipient: 'ada@localhost' }, 'RECIPIENT_REJECTED permanent'],
	])('with %j: %s', async (more, expected) => {
		expect(verdict(await send(more))).toBe(expected);
		expect(server.mails).toEqual([]);
	});

	it('a queued 429 asks to wait', async () => {
		server.answer({ status: 429, retryAfter: 3 });
		expect(verdict(await send())).toMatch(/^RATE_LIMITED for now after [23]\d\d\d$/);
	});
});
