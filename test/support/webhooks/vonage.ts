import { createHash, createHmac } from 'node:crypto';
import { hmacToken } from './hmac-token.ts';
import { type Scene, SCENE_URL, SIGNED_AT } from './scene.ts';

const SECRET = 'aSignatureSecretOfAtLeast32Characters';
const OTHER = 'anotherSignatureSecretOf32Characters';
const STATUS = JSON.stringify({
	message_uuid: 'aaaaaaaa-bbbb-4ccc-8ddd-0123456789ab',
	to: '447700900000',
	from: '447700900001',
	timestamp: '2025-02-03T12:14:25Z',
	status: 'delivered',
	channel: 'sms',
});

/** The Messages API's; the claims are those of the documented sample. */
export const vonage: Scene = {
	provider: 'vonage',
	title: 'Vonage',
	secret: SECRET,
	otherSecret: OTHER,
	body: STATUS,
	signatureHeader: 'authorization',
	covers: { body: true, timestamp: true },
	sign({ body = STATUS, secret = SECRET, at = SIGNED_AT, url = SCENE_URL } = {}) {
		const bytes = Buffer.from(body);
		const claims = {
			iat: at,
			jti: 'c5ba8f24-1a14-4c10-bfdf-3fbe8ce511b5',
			iss: 'Vonage',
			payload_hash: createHash('sha256').update(bytes).digest('hex'),
			api_key: 'a1b2c3d',
			application_id: 'aaaaaaaa-bbbb-cccc-dddd-0123456789ab',
		};
		return {
			method: 'POST',
			url,
			headers: {
				'content-type': 'application/json',
				authorization: `Bearer ${hmacToken(claims, secret)}`,
			},
			body: bytes,
		};
	},
};

const RECEIPT = {
	msisdn: '447700900000',
	to: 'AcmeInc',
	'network-code': '12345',
	messageId: '0A0000001234567B',
	price: '0.03330000',
	status: 'delivered',
	scts: '2001011400',
	'err-code': '0',
	'api-key': 'abcd1234',
	'message-timestamp': '2020-01-01 12:00:00',
};

/** The parameters with their `sig`, as Vonage's guide to signing messages makes it. */
export function signReceipt(
	parameters: Readonly<Record<string, string>>,
	secret = SECRET,
	at = SIGNED_AT,
	algorithm = 'sha256',
): Record<string, string> {
	const signed: Record<string, string> = {
		...parameters,
		timestamp: String(at),
		nonce: 'ec11dd3e-1e7f-4db5-9467-82b02cd223b9',
	};
	const content = Object.keys(signed)
		.sort()
		.map((name) => `&${name}=${(signed[name] ?? '').replace(/[&=]/g, '_')}`)
		.join('');
	const sig = createHmac(algorithm, secret).update(content).digest('hex').toUpperCase();
	return { ...signed, sig };
}

/** The SMS API's, with signing asked for. */
export const vonageReceipt: Scene = {
	provider: 'vonage',
	title: 'Vonage, delivery receipts of the SMS API',
	secret: SECRET,
	otherSecret: OTHER,
	body: JSON.stringify(RECEIPT),
	carries: 'texts by name',
	covers: { body: true, timestamp: true },
	sign({ body = JSON.stringify(RECEIPT), secret = SECRET, at = SIGNED_AT, url = SCENE_URL } = {}) {
		const parameters = JSON.parse(body.toString()) as Record<string, string>; // the scene's or a fixture's
		return {
			method: 'POST',
			url,
			headers: { 'content-type': 'application/json' },
			body: Buffer.from(JSON.stringify(signReceipt(parameters, secret, at))),
		};
	},
};
