import { type FakeTwilio, startTwilio } from '../../fakes/twilio.ts';
import {
	fetchClient,
	open,
	outcomeOf,
	outcomeOver,
	outgoing,
	requestOf,
	verdict,
} from '../../support/outgoing.ts';
import { checkConnection } from '@sureping/engine';

const ACCOUNT = `AC${'0'.repeat(32)}`;
const twilio = { account_sid: ACCOUNT, auth_token: 'token' };
const from = '+15005550006';
const sms = open('sms', { twilio, from });
const message = outgoing({ recipient: '+4915112345678', subject: 'Pump 3' });

describe('the request to Twilio', () => {
	it('is a form with the account’s login, and asks for reports where they are wanted', () => {
		const request = requestOf(sms, { ...message, reportUrl: 'https://ping.example.com/inbound' });
		expect(request).toMatchObject({
			method: 'POST',
			url: `https://api.twilio.com/2010-04-01/Accounts/${ACCOUNT}/Messages.json`,
			headers: {
				authorization: `Basic ${Buffer.from(`${ACCOUNT}:token`).toString('base64')}`,
				'content-type': 'application/x-www-form-urlencoded',
			},
		});
		expect(Object.fromEntries(new URLSearchParams(request.body))).toEqual({
			To: '+4915112345678',
			From: from,
			Body: 'Pump 3\nThe pump stopped',
			StatusCallback: 'https://ping.example.com/inbound',
		});
		expect(requestOf(sms, message).body).not.toContain('StatusCallback');
	});

	it('prefixes both numbers for WhatsApp', () => {
		const { body } = requestOf(open('whatsapp', { twilio, from }), message);
		expect(Object.fromEntries(new URLSearchParams(body))).toMatchObject({
			To: 'whatsapp:+4915112345678',
			From: `whatsapp:${from}`,
		});
	});

	it('logs in with an API key and leaves the sender to a messaging service', () => {
		const key = { api_key_sid: `SK${'1'.repeat(32)}`, api_key_secret: 'shh' };
		const messaging_service_sid = `MG${'2'.repeat(32)}`;
		const connection = open('sms', {
			twilio: { account_sid: ACCOUNT, ...key, messaging_service_sid },
		});
		const { headers, body } = requestOf(connection, message);
		const login = Buffer.from(`${key.api_key_sid}:shh`).toString('base64');
		expect(headers.authorization).toBe(`Basic ${login}`);
		expect(Object.fromEntries(new URLSearchParams(body))).toMatchObject({
			MessagingServiceSid: messaging_service_sid,
		});
	});

	it.each(['015112345678', '+0123456789', 'ada@example.com', '+49 151'])(
		'refuses the recipient %s',
		(recipient) => {
			expect(sms.refuseRecipient(recipient)).toMatch(/international form/);
		},
	);

	it('refuses what is longer than 1,600 characters', () => {
		expect(sms.refuseMessage('x'.repeat(1600))).toBeUndefined();
		expect(sms.refuseMessage('x'.repeat(1600), 's')).toMatch(/1602.*1600/);
	});
});

describe('what Twilio answers', () => {
	it.each([
		[400, 21211, 'RECIPIENT_REJECTED permanent'],
		[400, 21610, 'RECIPIENT_REJECTED permanent'],
		[400, 21617, 'MESSAGE_REJECTED permanent'],
		[401, 20003, 'AUTH_FAILED permanent'],
		[429, 20429, 'RATE_LIMITED for now'],
		[500, 20500, 'SERVICE_UNAVAILABLE for now'],
		[400, 99999, 'MESSAGE_REJECTED permanent'],
	])('%i with %i is %s', (status, code, expected) => {
		const body = JSON.stringify({ code, message: 'x', status });
		expect(verdict(outcomeOf(sms, { status, body }))).toBe(expected);
	});

	it('counts as accepted without a message id, unless it says that the message failed', () => {
		expect(verdict(outcomeOf(sms, { status: 200, body: '<html>' }))).toBe('delivered');
		const failed = JSON.stringify({ sid: 'SM1', status: 'failed', error_code: 30005 });
		expect(verdict(outcomeOf(sms, { status: 201, body: failed }))).toBe(
			'RECIPIENT_REJECTED permanent',
		);
	});
});

describe('against a Twilio', () => {
	let server: FakeTwilio;
	beforeAll(async () => {
		server = await startTwilio();
	});
	afterAll(() => server.close());

	const connection = (auth_token = server.authToken) =>
		open('sms', {
			twilio: { account_sid: server.accountSid, auth_token },
			from,
			base_url: server.url,
		});

	it('sends, and keeps the id that reports name', async () => {
		const outcome = await outcomeOver({ http: fetchClient }, connection(), message);
		expect(outcome).toEqual({
			result: 'delivered',
			confirmation: 'service',
			messageId: server.messages.at(-1)?.sid,
		});
	});

	it.each([
		['+15005550001', 'RECIPIENT_REJECTED permanent'],
		['+15005550009', 'RECIPIENT_REJECTED permanent'],
	])('is told that %s is %s', async (recipient, expected) => {
		const outcome = await outcomeOver({ http: fetchClient }, connection(), {
			...message,
			recipient,
		});
		expect(verdict(outcome)).toBe(expected);
	});

	it('tests the login without sending', async () => {
		const before = server.messages.length;
		const check = async (token?: string) =>
			await checkConnection(connection(token), { http: fetchClient }, Date, 2_000);
		expect(await check()).toEqual({ result: 'ok', detail: 'Example Ltd' });
		expect(await check('wrong')).toMatchObject({
			result: 'failed',
			error: { code: 'AUTH_FAILED' },
		});
		expect(server.messages).toHaveLength(before);
	});
});
