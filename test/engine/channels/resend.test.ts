import { type FakeResend, startResend } from '../../fakes/resend.ts';
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
const resend = open('email', { resend: { api_key: 're_key_secret' }, from: FROM });

describe('the request to Resend', () => {
	it('posts one mail with the delivery’s id as its Idempotency-Key', () => {
		expect(requestOf(resend, outgoing({ subject: 'Pump 3' }))).toEqual({
			method: 'POST',
			url: 'https://api.resend.com/emails',
			headers: {
				authorization: 'Bearer re_key_secret',
				'content-type': 'application/json',
				'idempotency-key': 'dlv_1',
			},
			body: JSON.stringify({
				from: FROM,
				to: ['ada@example.com'],
				subject: 'Pump 3',
				text: 'The pump stopped',
			}),
			timeoutMs: 2_000,
		});
	});

	it('refuses what is longer than 40 MB', () => {
		expect(resend.refuseMessage('x'.repeat(40_000_000))).toBeUndefined();
		expect(resend.refuseMessage('x'.repeat(40_000_001))).toMatch(/40 MB.*Resend/);
	});

	it('is the same on every attempt, as its idempotency demands', () => {
		const later = outgoing({ attempt: 3, now: 0 });
		expect(requestOf(resend, later)).toEqual(requestOf(resend));
	});

	it.each([
		[undefined, 'First line\nsecond', 'First line'],
		[undefined, '\n  First line \r\nsecond', 'First line '],
		['Pump 3', 'text', 'Pump 3'],
		['Pump\r\nBcc: eve@example.com', 'text', 'Pump Bcc: eve@example.com'],
		[undefined, 'x'.repeat(300), `${'x'.repeat(199)}…`],
		['  ', 'text', 'text'],
	])('with subject %j and text %j has the subject %j', (subject, text, expected) => {
		const { body } = requestOf(resend, outgoing({ subject, text }));
		expect(JSON.parse(body ?? '')).toHaveProperty('subject', expected);
	});

	it.each([
		['ada@example.com', true],
		['ada+tag@sub.example.com', true],
		['zoë@exämple.com', true],
		['ada@localhost', true],
		['ada', false],
		['@example.com', false],
		['ada@', false],
		['ada@a@example.com', false],
		['ada@example.com,eve@example.com', false],
		['Ada <ada@example.com>', false],
		['ada @example.com', false],
		['ada@example.com\nBcc: eve@example.com', false],
		['ada\0@example.com', false],
		[`${'a'.repeat(65)}@example.com`, false],
		[`a@${'b'.repeat(253)}`, false],
	])('to %j is possible: %s', (recipient, possible) => {
		expect(resend.refuseRecipient(recipient) === undefined).toBe(possible);
	});
});

describe('what Resend’s answer means', () => {
	const refusal = (statusCode: number, name: string, message = ''): string =>
		verdict(
			outcomeOf(resend, {
				status: statusCode,
				body: JSON.stringify({ statusCode, name, message }),
			}),
		);

	it.each([
		[400, 'invalid_idempotency_key', 'MESSAGE_REJECTED permanent'],
		[400, 'validation_error', 'MESSAGE_REJECTED permanent'],
		[401, 'missing_api_key', 'AUTH_FAILED permanent'],
		[401, 'restricted_api_key', 'AUTH_FAILED permanent'],
		[403, 'invalid_api_key', 'AUTH_FAILED permanent'],
		[403, 'validation_error', 'MESSAGE_REJECTED permanent'],
		[404, 'not_found', 'TARGET_GONE permanent'],
		[405, 'method_not_allowed', 'TARGET_GONE permanent'],
		[409, 'invalid_idempotent_request', 'MESSAGE_REJECTED permanent'],
		[409, 'concurrent_idempotent_requests', 'SERVICE_UNAVAILABLE for now'],
		[422, 'invalid_attachment', 'MESSAGE_REJECTED permanent'],
		[422, 'invalid_from_address', 'MESSAGE_REJECTED permanent'],
		[422, 'missing_required_field', 'MESSAGE_REJECTED permanent'],
		[429, 'monthly_quota_exceeded', 'QUOTA_EXCEEDED permanent'],
		[429, 'daily_quota_exceeded', 'QUOTA_EXCEEDED permanent'],
		[429, 'rate_limit_exceeded', 'RATE_LIMITED for now'],
		[451, 'security_error', 'MESSAGE_REJECTED permanent'],
		[500, 'application_error', 'SERVICE_UNAVAILABLE for now'],
		[500, 'internal_server_error', 'SERVICE_UNAVAILABLE for now'],
		[402, 'an_error_of_tomorrow', 'MESSAGE_REJECTED permanent'],
		[429, 'an_error_of_tomorrow', 'RATE_LIMITED for now'],
	])('%d %s is %s', (status, name, expected) => {
		expect(refusal(status, name)).toBe(expected);
	});

	it.each([
		[401, 'API key is invalid', 'AUTH_FAILED permanent'],
		[
			403,
			'You can only send testing emails to your own email address',
			'RECIPIENT_REJECTED permanent',
		],
		[403, 'The example.com domain is not verified.', 'MESSAGE_REJECTED permanent'],
	])('%d validation_error %j is %s', (status, sentence, expected) => {
		expect(refusal(status, 'validation_error', sentence)).toBe(expected);
	});

	it('knows a refused address by the sentence alone', () => {
		const sentence = 'Invalid `to` field. The email address needs to follow the format.';
		expect(refusal(422, 'validation_error', sentence)).toBe('RECIPIENT_REJECTED permanent');
	});

	it('is delivered by every 200 that does not name an error', () => {
		expect(verdict(outcomeOf(resend, { body: '{"id":"mail-1"}' }))).toBe('delivered');
		expect(verdict(outcomeOf(resend, { body: '{}' }))).toBe('delivered');
		expect(verdict(outcomeOf(resend, { body: 'gateway' }))).toBe('delivered');
		expect(refusal(200, 'invalid_api_key')).toBe('AUTH_FAILED permanent');
	});

	it('takes Retry-After', () => {
		const body = '{"name":"rate_limit_exceeded"}';
		const reply = { status: 429, headers: { 'retry-after': '2' }, body };
		expect(verdict(outcomeOf(resend, reply))).toBe('RATE_LIMITED for now after 2000');
	});
});

describe('over HTTP', () => {
	let server: FakeResend;
	beforeEach(async () => {
		server = await startResend();
	});
	afterEach(() => server.close());

	const connect = (key = server.apiKey, from = FROM): ReturnType<typeof open> =>
		open('email', { resend: { api_key: key }, from, base_url: server.url });

	it('a mail is sent, and a repeated attempt mails nothing twice', async () => {
		const send = (): ReturnType<typeof outcomeOver> =>
			outcomeOver({ http: fetchClient }, connect());
		expect([verdict(await send()), verdict(await send())]).toEqual(['delivered', 'delivered']);
		expect(server.requests).toHaveLength(2);
		expect(server.mails).toMatchObject([
			{ from: FROM, to: ['ada@example.com'], text: 'The pump stopped', idempotencyKey: 'dlv_1' },
		]);
	});

	it('the same key with another text is refused for good', async () => {
		await outcomeOver({ http: fetchClient }, connect());
		const other = outgoing({ text: 'Something else' });
		expect(await outcomeOver({ http: fetchClient }, connect(), other)).toMatchObject({
			permanent: true,
			error: { message: 'Resend answered 409 (invalid_idempotent_request)' },
		});
		expect(server.mails).toHaveLength(1);
	});

	it.each([
		['re_wrong', FROM, 'ada@example.com', 'AUTH_FAILED permanent'],
		[undefined, 'ops@localhost', 'ada@example.com', 'MESSAGE_REJECTED permanent'],
		[undefined, FROM, 'ada@localhost', 'RECIPIENT_REJECTED permanent'],
	])('with key %s from %s to %s: %s', async (key, from, recipient, expected) => {
		const message = outgoing({ recipient });
		const outcome = await outcomeOver({ http: fetchClient }, connect(key, from), message);
		expect(verdict(outcome)).toBe(expected);
		expect(server.mails).toEqual([]);
	});

	it('a queued 429 asks to wait', async () => {
		server.answer({ status: 429, retryAfter: 3 });
		expect(verdict(await outcomeOver({ http: fetchClient }, connect()))).toBe(
			'RATE_LIMITED for now after 3000',
		);
	});
});
