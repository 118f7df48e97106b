import { receive, signingKey, signOnePing } from '@sureping/engine';
import { startSink } from '../../fakes/sink.ts';
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

const URL_WITH_SECRET = 'https://example.com/hook/path-secret?key=query-secret';
const hook = open('webhook', { url: URL_WITH_SECRET });

describe('the request of the webhook channel', () => {
	it('posts the message as JSON with an Idempotency-Key', () => {
		expect(requestOf(hook, outgoing({ subject: 'Pump 3' }))).toEqual({
			method: 'POST',
			url: URL_WITH_SECRET,
			headers: { 'content-type': 'application/json', 'idempotency-key': 'dlv_1' },
			body: JSON.stringify({
				notification_id: 'msg_1',
				delivery_id: 'dlv_1',
				recipient: 'ada@example.com',
				subject: 'Pump 3',
				message: 'The pump stopped',
				metadata: { order_id: 'ORD-5678' },
			}),
			timeoutMs: 2_000,
		});
	});

	it('leaves the subject out when there is none', () => {
		expect(JSON.parse(requestOf(hook).body ?? '')).not.toHaveProperty('subject');
	});

	it('is signed afresh on every attempt when there is a secret', () => {
		const signed = open('webhook', { url: URL_WITH_SECRET, secret: 'whsec_test' });
		for (const now of [T0, T0 + 15_000]) {
			const { headers, body = '' } = requestOf(signed, outgoing({ now }));
			expect(headers).toMatchObject(signOnePing(signingKey('whsec_test'), body, now));
			expect(headers['X-OnePing-Timestamp']).toBe(String(now / 1000));
		}
	});

	it('carries the configured headers and keeps its own', () => {
		const headers = { 'x-tenant': 'acme', 'idempotency-key': 'mine' };
		expect(requestOf(open('webhook', { url: URL_WITH_SECRET, headers })).headers).toEqual({
			'x-tenant': 'acme',
			'content-type': 'application/json',
			'idempotency-key': 'dlv_1',
		});
	});
});

describe('what the receiver’s answer means', () => {
	it.each([
		[200, 'delivered'],
		[202, 'delivered'],
		[204, 'delivered'],
		[301, 'UNEXPECTED_ANSWER for now'],
		[400, 'MESSAGE_REJECTED permanent'],
		[401, 'AUTH_FAILED permanent'],
		[403, 'AUTH_FAILED permanent'],
		[404, 'TARGET_GONE permanent'],
		[408, 'SERVICE_UNAVAILABLE for now'],
		[410, 'TARGET_GONE permanent'],
		[413, 'MESSAGE_REJECTED permanent'],
		[425, 'SERVICE_UNAVAILABLE for now'],
		[429, 'RATE_LIMITED for now'],
		[500, 'SERVICE_UNAVAILABLE for now'],
		[504, 'SERVICE_UNAVAILABLE for now'],
	])('%d is %s', (status, expected) => {
		expect(verdict(outcomeOf(hook, { status }))).toBe(expected);
	});

	it('is final when the URL must not be called', () => {
		const call = hook.prepare(outgoing());
		if (call.via !== 'http') throw new Error('Expected HTTP');
		const refusal = { failure: 'refused_url', detail: '127.0.0.1 is not allowed' } as const;
		expect(verdict(call.classify(refusal, T0))).toBe('CONNECTION_FAILED permanent');
	});
});

it('reaches a receiver over HTTP, which can verify it', async () => {
	const sink = await startSink();
	try {
		const secret = 'whsec_test';
		const connection = open('webhook', { url: `${sink.url}/hook`, secret });
		const message = outgoing({ text: 'Grüße 🚀', now: T0 });
		expect(verdict(await outcomeOver({ http: fetchClient }, connection, message))).toBe(
			'delivered',
		);
		const [request] = sink.requests;
		if (!request) throw new Error('Nothing arrived');
		expect(request.path).toBe('/hook');
		const raw = { method: 'POST', url: '/hook', headers: request.headers, body: request.bytes };
		// It is no delivery event, so the receiver knows that it is genuine and no more.
		expect(receive('one-ping', raw, [secret], { now: T0 })).toMatchObject({
			ok: true,
			events: [{ type: 'unknown', unreadable: true }],
		});
		expect(receive('one-ping', raw, ['other'], { now: T0 })).toEqual({
			ok: false,
			reason: 'bad_signature',
		});
	} finally {
		await sink.close();
	}
});

it('the console shows recipient, subject and text', async () => {
	const lines: string[] = [];
	const screen = open('console', {});
	const print = { console: (line: string) => void lines.push(line) };
	expect(verdict(await outcomeOver(print, screen))).toBe('delivered');
	await outcomeOver(print, screen, outgoing({ subject: 'Pump 3' }));
	expect(lines).toEqual([
		'ada@example.com: The pump stopped',
		'ada@example.com: Pump 3: The pump stopped',
	]);
});
