import { createHash, createSecretKey } from 'node:crypto';
import { type RawRequest, receive } from '@sureping/engine';
import { verify, VerifyOptions } from 'messagebird/lib/webhook-signature-jwt.js';
import { receiveScene } from '../../support/webhooks/conformance.ts';
import { hmacToken } from '../../support/webhooks/hmac-token.ts';
import { messagebird } from '../../support/webhooks/messagebird.ts';
import { SCENE_URL, type SceneRequest, SIGNED_AT } from '../../support/webhooks/scene.ts';

const REPORT = 'id=e8077d80&reference=r1&recipient=31612345678&statusDatetime=2016-05-03T08:58:10Z';

const reasonOf = async (request: RawRequest, now = SIGNED_AT * 1000): Promise<string> => {
	const received = await receiveScene(messagebird, request, { now });
	return received.ok ? 'accepted' : received.reason;
};

const theirs = (request: SceneRequest, nowS = SIGNED_AT): Promise<boolean> =>
	verify(
		request.url,
		request.body.length > 0 ? request.body : null,
		request.headers['messagebird-signature-jwt'] ?? '',
		createSecretKey(messagebird.secret, 'utf8'),
		new VerifyOptions(true, true, {
			issuer: 'MessageBird',
			algorithms: ['HS256', 'HS384', 'HS512'],
			clockTolerance: 5,
			currentDate: new Date(nowS * 1000),
		}),
	).then(
		() => true,
		() => false,
	);

/** A GET with these claims, good for a minute unless they say otherwise. */
function withClaims(
	claims: Record<string, unknown>,
	header?: Record<string, unknown>,
): SceneRequest {
	const url = `${SCENE_URL}?${REPORT}&status=delivered`;
	const url_hash = createHash('sha256').update(url).digest('hex');
	const all = {
		iss: 'MessageBird',
		nbf: SIGNED_AT,
		exp: SIGNED_AT + 60,
		jti: 'j',
		url_hash,
		...claims,
	};
	return {
		method: 'GET',
		url,
		headers: { 'messagebird-signature-jwt': hmacToken(all, messagebird.secret, header) },
		body: Buffer.alloc(0),
	};
}

describe('MessageBird’s own verifier agrees', () => {
	it.each([-301, -300, 0, 300, 301])('%d s from the signing', async (seconds) => {
		for (const body of [messagebird.body, `${REPORT}&status=sent`]) {
			const request = await messagebird.sign({ body });
			const expected = await theirs(request, SIGNED_AT + seconds);
			const reason = await reasonOf(request, (SIGNED_AT + seconds) * 1000);
			expect(reason === 'accepted').toBe(expected);
			expect(expected).toBe(Math.abs(seconds) <= 300);
		}
	});

	it.each(['HS256', 'HS384', 'HS512'])('on %s', async (alg) => {
		const request = withClaims({}, { alg });
		expect(await theirs(request)).toBe(true);
		expect(await reasonOf(request)).toBe('accepted');
	});

	it.each([
		['another issuer', { iss: 'Bird' }],
		['no id', { jti: undefined }],
		['no hash of the URL', { url_hash: undefined }],
		['a hash of another URL', { url_hash: 'ab'.repeat(32) }],
	])('on %s', async (_what, claims) => {
		const request = withClaims(claims);
		expect(await theirs(request)).toBe(false);
		expect(await reasonOf(request)).toBe('bad_signature');
	});

	it('on a body without its hash', async () => {
		const request = { ...withClaims({}), method: 'POST', body: Buffer.from('{}') };
		expect(await theirs(request)).toBe(false);
		expect(await reasonOf(request)).toBe('bad_signature');
	});
});

it.each([{ exp: undefined }, { nbf: undefined }, { exp: 'never' }])(
	'a token with %j is refused: it would be good for ever',
	async (claims) => {
		expect(await reasonOf(withClaims(claims))).toBe('bad_timestamp');
	},
);

describe('an SMS status report', () => {
	it.each([
		['scheduled', { type: 'notification.queued', final: false }],
		['sent', { type: 'notification.sent', final: false }],
		['buffered', { type: 'notification.sent', status: 'buffered' }],
		['delivered', { type: 'notification.delivered', confirmation: 'device', final: true }],
		['expired', { type: 'notification.failed', error: { code: 'expired' }, final: true }],
		['delivery_failed', { type: 'notification.failed', error: { code: 'delivery_failed' } }],
		['lost', { type: 'unknown', providerEvent: 'lost', final: false }],
	])('of the status %s', async (status, expected) => {
		const request = await messagebird.sign({ body: `${REPORT}&status=${status}` });
		const received = await receiveScene(messagebird, request);
		expect(received).toMatchObject({
			ok: true,
			events: [{ ...expected, notificationId: 'e8077d80' }],
		});
	});

	it('says why it failed where MessageBird does', async () => {
		const body = `${REPORT}&status=delivery_failed&statusErrorCode=103&statusReason=opted+out`;
		const received = await receiveScene(messagebird, await messagebird.sign({ body }));
		expect(received).toMatchObject({ events: [{ error: { code: '103', message: 'opted out' } }] });
	});

	it.each(['status=sent', 'id=1', 'id=1&id=2&status=sent'])(
		'with just %s is not lost',
		async (body) => {
			const received = await receiveScene(messagebird, await messagebird.sign({ body }));
			expect(received).toMatchObject({
				ok: true,
				events: [
					body.includes('status=sent')
						? { type: 'notification.sent' }
						: { type: 'unknown', unreadable: true, raw: { id: '1' } },
				],
			});
		},
	);
});

it('what is no URL and no token is refused without a word', () => {
	const request = { method: 'GET', url: 'http://[', headers: {}, body: Buffer.alloc(0) };
	expect(receive('messagebird', request, ['s'], { now: 0 })).toEqual({
		ok: false,
		reason: 'missing_header',
	});
});
