import { type FakePostmark, startPostmark } from '../../fakes/postmark.ts';
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
const postmark = open('email', { postmark: { server_token: 'token-secret' }, from: FROM });

describe('the request to Postmark', () => {
	it('posts one plain mail with the server’s token', () => {
		const { body, ...request } = requestOf(postmark, outgoing({ subject: 'Pump 3' }));
		expect(request).toEqual({
			method: 'POST',
			url: 'https://api.postmarkapp.com/email',
			headers: {
				accept: 'application/json',
				'content-type': 'application/json',
				'x-postmark-server-token': 'token-secret',
			},
			timeoutMs: 2_000,
		});
		expect(JSON.parse(body ?? '')).toEqual({
			From: FROM,
			To: 'ada@example.com',
			Subject: 'Pump 3',
			TextBody: 'The pump stopped',
		});
	});

	it('names the message stream when there is one', () => {
		const alerts = { server_token: 'x', message_stream: 'alerts' };
		const { body } = requestOf(open('email', { postmark: alerts, from: FROM }));
		expect(JSON.parse(body ?? '')).toHaveProperty('MessageStream', 'alerts');
	});

	it('refuses what is longer than 5 MB', () => {
		expect(postmark.refuseMessage('x'.repeat(5_000_000))).toBeUndefined();
		expect(postmark.refuseMessage('x'.repeat(5_000_001))).toMatch(/5 MB.*Postmark/);
	});
});

describe('what Postmark’s answer means', () => {
	const answer = (status: number, ErrorCode: number, Message = ''): string =>
		verdict(outcomeOf(postmark, { status, body: JSON.stringify({ ErrorCode, Message }) }));

	it.each([
		[401, 10, '', 'AUTH_FAILED permanent'],
		[503, 100, '', 'SERVICE_UNAVAILABLE for now'],
		[500, 101, '', 'SERVICE_UNAVAILABLE for now'],
		[422, 300, "Invalid 'From' address: 'x'.", 'MESSAGE_REJECTED permanent'],
		[422, 300, "Error parsing 'To': Illegal email address 'x'.", 'RECIPIENT_REJECTED permanent'],
		[422, 400, '', 'MESSAGE_REJECTED permanent'],
		[422, 401, '', 'MESSAGE_REJECTED permanent'],
		[422, 402, '', 'MESSAGE_REJECTED permanent'],
		[422, 403, '', 'MESSAGE_REJECTED permanent'],
		[422, 405, '', 'QUOTA_EXCEEDED permanent'],
		[422, 406, '', 'RECIPIENT_REJECTED permanent'],
		[422, 412, '', 'RECIPIENT_REJECTED permanent'],
		[422, 413, '', 'AUTH_FAILED permanent'],
		[422, 1235, '', 'TARGET_GONE permanent'],
		[422, 1480, '', 'AUTH_FAILED permanent'],
		[422, 9999, '', 'MESSAGE_REJECTED permanent'],
		[413, 0, '', 'MESSAGE_REJECTED permanent'],
		[429, 0, '', 'RATE_LIMITED for now'],
		[500, 0, '', 'SERVICE_UNAVAILABLE for now'],
		[200, 406, '', 'RECIPIENT_REJECTED permanent'],
	])('%d with ErrorCode %d %j is %s', (status, code, message, expected) => {
		expect(answer(status, code, message)).toBe(expected);
	});

	it('is delivered by every 200 without an ErrorCode', () => {
		expect(answer(200, 0)).toBe('delivered');
		expect(verdict(outcomeOf(postmark, { body: '{}' }))).toBe('delivered');
		expect(verdict(outcomeOf(postmark, { body: 'gateway' }))).toBe('delivered');
		expect(answer(422, 429)).toBe('RATE_LIMITED for now');
	});

	it('honours a Retry-After, though none is documented', () => {
		const reply = { status: 429, headers: { 'retry-after': '2' }, body: '' };
		expect(verdict(outcomeOf(postmark, reply))).toBe('RATE_LIMITED for now after 2000');
	});
});

describe('over HTTP', () => {
	let server: FakePostmark;
	beforeEach(async () => {
		server = await startPostmark();
	});
	afterEach(() => server.close());

	const send = (more: { token?: string; stream?: string; recipient?: string } = {}) =>
		outcomeOver(
			{ http: fetchClient },
			open('email', {
				postmark: {
					server_token: more.token ?? server.serverToken,
					...(more.stream === undefined ? {} : { message_stream: more.stream }),
				},
				from: FROM,
				base_url: server.url,
			}),
			outgoing(more.recipient === undefined ? {} : { recipient: more.recipient }),
		);

	it('a mail is accepted, in its stream', async () => {
		expect(verdict(await send())).toBe('delivered');
		expect(verdict(await send({ stream: 'alerts' }))).toBe('delivered');
		expect(server.mails).toMatchObject([{ To: 'ada@example.com' }, { MessageStream: 'alerts' }]);
	});

	it.each([
		[{ token: 'wrong' }, 'AUTH_FAILED permanent'],
		[{ recipient: 'bounced@example.com' }, 'RECIPIENT_REJECTED permanent'],
		[{ recipient: 'ada@localhost' }, 'RECIPIENT_REJECTED permanent'],
		[{ stream: 'nowhere' }, 'TARGET_GONE permanent'],
	])('with %j: %s', async (more, expected) => {
		expect(verdict(await send(more))).toBe(expected);
		expect(server.mails).toEqual([]);
	});

	it('maintenance may be tried again', async () => {
		server.answer({ status: 503 });
		expect(verdict(await send())).toBe('SERVICE_UNAVAILABLE for now');
	});
});
