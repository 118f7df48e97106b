import { createHmac } from 'node:crypto';
import { type RawRequest, receive, type TokenUse } from '@sureping/engine';
import fc from 'fast-check';
import { receiveScene } from '../../support/webhooks/conformance.ts';
import { mailgun } from '../../support/webhooks/mailgun.ts';
import { receivedEvent, receivedEvents } from '../../support/webhooks/received.ts';
import { SIGNED_AT } from '../../support/webhooks/scene.ts';

const now = SIGNED_AT * 1000;
const event = {
	id: 'e1',
	timestamp: 1_770_146_431.65,
	recipient: 'recipient@sample.mailgun.com',
	message: { headers: { 'message-id': '<m1@sample.mailgun.com>' } },
};

function requestWith(signature: unknown): RawRequest {
	const body = JSON.stringify({ signature, 'event-data': { ...event, event: 'opened' } });
	return {
		method: 'POST',
		url: '/',
		headers: { 'content-type': 'application/json' },
		body: Buffer.from(body),
	};
}

function signed(token: string, key = mailgun.secret): Record<string, string> {
	const timestamp = String(SIGNED_AT);
	const signature = createHmac('sha256', key)
		.update(timestamp + token)
		.digest('hex');
	return { timestamp, token, signature };
}

describe('Mailgun’s token', () => {
	const verdict = async (tokenUse?: TokenUse) =>
		receive('mailgun', await mailgun.sign(), [mailgun.secret], {
			now,
			...(tokenUse && { found: { tokenUse } }),
		});

	it('is refused until the host has looked it up', async () => {
		expect(await verdict()).toEqual({
			ok: false,
			reason: 'replayed',
			need: {
				fact: 'token-use',
				key: expect.stringMatching(/^[0-9a-f]{64}$/),
				token: expect.stringMatching(/^[0-9a-f]{50}$/),
				bodyHash: expect.stringMatching(/^[0-9a-f]{64}$/),
			},
		});
	});

	it('is good the first time and for a resend, and not for another body', async () => {
		expect((await verdict('first')).ok).toBe(true);
		expect((await verdict('same-body')).ok).toBe(true);
		expect(await verdict('other-body')).toEqual({ ok: false, reason: 'replayed' });
	});

	it('is asked about only when the signature is right', async () => {
		const request = await mailgun.sign();
		expect(receive('mailgun', request, [mailgun.otherSecret], { now })).toEqual({
			ok: false,
			reason: 'bad_signature',
		});
	});

	it('has another hash for another event', async () => {
		const hashes = ['a', 'b'].map((id) => {
			const body = JSON.stringify({ signature: signed('t'), 'event-data': { ...event, id } });
			const request = { ...requestWith(undefined), body: Buffer.from(body) };
			const received = receive('mailgun', request, [mailgun.secret], { now });
			return !received.ok && received.need?.fact === 'token-use' ? received.need.bodyHash : '';
		});
		expect(new Set(hashes).size).toBe(2);
	});
});

describe('Mailgun’s signature in the body', () => {
	const verdict = async (signature: unknown): Promise<string> => {
		const received = await receiveScene(mailgun, requestWith(signature));
		return received.ok ? 'accepted' : received.reason;
	};

	it('is accepted, its timestamp as text or as a number', async () => {
		expect(await verdict(signed('token'))).toBe('accepted');
		expect(await verdict({ ...signed('token'), timestamp: SIGNED_AT })).toBe('accepted');
	});

	it('may be the primary account’s for a subaccount', async () => {
		const parent = signed('token').signature;
		const own = signed('token', 'the subaccount’s own key');
		expect(await verdict(own)).toBe('bad_signature');
		expect(await verdict({ ...own, 'parent-signature': parent })).toBe('accepted');
		expect(await verdict({ ...own, 'parent-signature': 'f'.repeat(64) })).toBe('bad_signature');
		expect(await verdict({ ...own, 'parent-signature': 'short' })).toBe('malformed_signature');
	});

	it.each<[string, unknown, string]>([
		['nothing', undefined, 'missing_header'],
		['a text', 'abc', 'malformed_signature'],
		['no token', { ...signed('token'), token: undefined }, 'malformed_signature'],
		['a token of any length', signed('t'.repeat(101)), 'malformed_signature'],
		['half a signature', { ...signed('t'), signature: 'ab' }, 'malformed_signature'],
		['two signatures', { ...signed('t'), signature: ['a', 'b'] }, 'malformed_signature'],
		['a time in words', { ...signed('t'), timestamp: 'now' }, 'bad_timestamp'],
		['a time with a fraction', { ...signed('t'), timestamp: SIGNED_AT + 0.5 }, 'bad_timestamp'],
		['another time', { ...signed('t'), timestamp: SIGNED_AT + 1 }, 'bad_signature'],
		['an old time', { ...signed('t'), timestamp: SIGNED_AT - 301 }, 'stale'],
		['a time to come', { ...signed('t'), timestamp: SIGNED_AT + 301 }, 'future'],
		['another token', { ...signed('t'), token: 'u' }, 'bad_signature'],
	])('that is %s is refused', async (_, signature, reason) => {
		expect(await verdict(signature)).toBe(reason);
	});

	it('never passes with a character changed', async () => {
		const genuine = signed('0123456789abcdef0123456789abcdef0123456789abcdef01');
		await fc.assert(
			fc.asyncProperty(
				fc.constantFrom('timestamp', 'token', 'signature'),
				fc.nat(63),
				fc.constantFrom(...'0123456789abcdefG- '),
				async (field, at, character) => {
					const value = genuine[field] ?? '';
					const changed = value.slice(0, at) + character + value.slice(at + 1);
					fc.pre(changed !== value);
					expect(await verdict({ ...genuine, [field]: changed })).not.toBe('accepted');
				},
			),
			{ numRuns: 3_000 },
		);
	});
});

describe('reading Mailgun’s events', () => {
	it.each([
		['bounce', 'notification.bounced'],
		['old', 'notification.bounced'],
		['generic', 'notification.bounced'],
		['suppress-bounce', 'notification.suppressed'],
		['suppress-unsubscribe', 'notification.suppressed'],
		['suppress-complaint', 'notification.suppressed'],
	])('a permanent failure for %s is %s', async (reason, type) => {
		const failed = { ...event, event: 'failed', severity: 'permanent', reason };
		expect(await receivedEvent(mailgun, failed)).toMatchObject({
			type,
			final: true,
			error: { code: reason },
		});
	});

	it('a temporary failure will be tried again, whatever its reason', async () => {
		const failed = { ...event, event: 'failed', severity: 'temporary', reason: 'suppress-bounce' };
		const read = await receivedEvent(mailgun, failed);
		expect(read).toMatchObject({ type: 'notification.retrying', final: false });
		expect(read).not.toHaveProperty('nextRetryAt');
	});

	it.each([
		['bounce', { 'bounce-type': 'hard' }, 'hard'],
		['bounce', { 'bounce-type': 'soft', code: 550 }, 'soft'],
		['bounce', { code: 550 }, 'hard'],
		['bounce', { code: '554' }, 'hard'],
		['bounce', { code: 605 }, 'soft'],
		['bounce', undefined, 'soft'],
		['old', { code: 602 }, 'soft'],
		['generic', { code: 550 }, 'soft'],
	])('a bounce for %s with %j is %s', async (reason, status, bounceType) => {
		const failed = { ...event, event: 'failed', severity: 'permanent', reason };
		const read = await receivedEvent(mailgun, { ...failed, 'delivery-status': status });
		expect(read).toMatchObject({ type: 'notification.bounced', bounceType });
	});

	it('an id counts together with the time: it is unique for a day only', async () => {
		const idOf = async (change: object): Promise<string> =>
			(await receivedEvent(mailgun, { ...event, event: 'opened', ...change })).eventId;
		const id = await idOf({ timestamp: 1 });
		expect(await idOf({ timestamp: 1, 'log-level': 'info' })).toBe(id);
		expect(await idOf({ timestamp: 86_401 })).not.toBe(id);
		expect(await idOf({ timestamp: 1, id: 'other' })).not.toBe(id);
	});

	it('samples of one id and time are as many events as they tell', async () => {
		const idOf = async (word: string) =>
			(await receivedEvent(mailgun, { ...event, id: 'sample', event: word })).eventId;
		const ids = await Promise.all(['opened', 'clicked', 'unsubscribed', 'delivered'].map(idOf));
		expect(new Set(ids).size).toBe(4);
		expect(await idOf('opened')).toBe(ids[0]);
	});

	it('a rejection names its recipients where its mail does', async () => {
		const message = {
			headers: { 'message-id': 'm', to: 'Ada <a@example.com>, "B, C" <b@example.com>' },
		};
		const rejected = { ...event, event: 'rejected', recipient: undefined, message };
		const events = await receivedEvents(mailgun, rejected);
		expect(events.map(({ recipient }) => recipient)).toEqual(['a@example.com', 'b@example.com']);
		expect(new Set(events.map(({ eventId }) => eventId)).size).toBe(2);
	});

	it('a fact of another form loses nothing but itself', async () => {
		const odd = {
			'delivery-status': { 'attempt-no': 0, code: [], 'retry-seconds': 'x' },
			message: null,
			'client-info': 'x',
			reject: null,
			'user-variables': null,
		};
		const read = await receivedEvent(mailgun, { ...event, event: 'delivered', ...odd });
		expect(read).toMatchObject({ type: 'notification.delivered', metadata: {} });
		expect(read).not.toHaveProperty('attempt');
	});

	it('a rejection is a failure with its reason', async () => {
		const rejected = { ...event, event: 'rejected', reject: { reason: 'Sandbox subdomain' } };
		expect(await receivedEvent(mailgun, rejected)).toMatchObject({
			type: 'notification.failed',
			error: { code: 'rejected', message: 'Sandbox subdomain' },
		});
	});

	it.each([
		['apple', true],
		['gmail', true],
		['generic', true],
		['', undefined],
		[null, undefined],
	])('a hit by the bot %j is a machine’s: %s', async (bot, machine) => {
		for (const word of ['opened', 'clicked']) {
			const hit = { ...event, event: word, 'client-info': { bot, 'user-agent': 'Mozilla/5.0 X' } };
			expect((await receivedEvent(mailgun, hit)).machine).toBe(machine);
		}
	});

	it('gives the user variables and the message’s id without its brackets', async () => {
		const variables = { 'user-variables': { order: '7' } };
		expect(
			await receivedEvent(mailgun, { ...event, event: 'delivered', ...variables }),
		).toMatchObject({
			notificationId: 'm1@sample.mailgun.com',
			metadata: { order: '7' },
		});
	});

	it('passes on what it does not know, and what is no event', async () => {
		expect(await receivedEvent(mailgun, { ...event, event: 'list_uploaded' })).toMatchObject({
			type: 'unknown',
			providerEvent: 'list_uploaded',
		});
		for (const body of ['null', '[]', '{}', '{"event":7}', '"text"']) {
			const raw = { 'event-data': JSON.parse(body) };
			expect(await receiveScene(mailgun, await mailgun.sign({ body }))).toMatchObject({
				ok: true,
				events: [{ type: 'unknown', unreadable: true, raw }],
			});
		}
		expect(await receivedEvent(mailgun, { event: 'opened' })).toMatchObject({
			type: 'notification.opened',
		});
	});

	it('survives times beyond every calendar', async () => {
		const failed = {
			...event,
			event: 'failed',
			severity: 'temporary',
			timestamp: 1e300,
			'delivery-status': { 'retry-seconds': 1e300 },
		};
		expect(await receivedEvent(mailgun, failed)).toMatchObject({
			occurredAt: new Date(now).toISOString(),
		});
	});
});
