import { createPrivateKey, createPublicKey, type KeyObject, sign } from 'node:crypto';
import { Webhook } from 'standardwebhooks';
import type { Scene } from './scene.ts';
import { OTHER_SECRET, SECRET, standardWebhooksRequest } from './standard-webhooks-request.ts';

const BODY = JSON.stringify({
	type: 'message.delivered',
	timestamp: '2022-11-03T20:26:10.344522Z',
	data: { id: '1f81eb52-5198-4599-803e-771906343485', recipient: '+15550100' },
});

/** Signed by the specification's own package. */
export const standardWebhooks: Scene = {
	provider: 'standard-webhooks',
	title: 'Standard Webhooks',
	secret: SECRET,
	otherSecret: OTHER_SECRET,
	body: BODY,
	signatureHeader: 'webhook-signature',
	carries: 'text',
	covers: { body: true, timestamp: true },
	sign: (signing = {}) =>
		standardWebhooksRequest('webhook', { body: BODY, ...signing }, (secret, ...content) =>
			new Webhook(secret).sign(...content),
		),
};

/** ed25519 private keys of test vectors 1 and 2 (RFC 8032 §7.1). */
const PRIVATE = [
	'9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60',
	'4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb',
].map((hex) =>
	createPrivateKey({
		// PKCS #8 for ed25519 (RFC 8410 §7) is this prefix and the key.
		key: Buffer.from(`302e020100300506032b657004220420${hex}`, 'hex'),
		format: 'der',
		type: 'pkcs8',
	}),
);
const PAIRS = new Map(PRIVATE.map((key) => [publicSecret(key), key]));
const [PUBLIC = '', OTHER_PUBLIC = ''] = PAIRS.keys();

function publicSecret(key: KeyObject): string {
	const { x = '' } = createPublicKey(key).export({ format: 'jwk' });
	return `whpk_${Buffer.from(x, 'base64url').toString('base64')}`;
}

/** The asymmetric version, which the specification's package does not have: signed with `node:crypto`. */
export const standardWebhooksAsymmetric: Scene = {
	...standardWebhooks,
	title: 'Standard Webhooks, ed25519',
	secret: PUBLIC,
	otherSecret: OTHER_PUBLIC,
	sign: (signing = {}) =>
		standardWebhooksRequest(
			'webhook',
			{ body: BODY, secret: PUBLIC, ...signing },
			(secret, id, at, body) => {
				const key = PAIRS.get(secret);
				if (!key) throw new Error('There is no private key to this public one');
				const content = Buffer.from(`${id}.${at.getTime() / 1000}.${body}`);
				return `v1a,${sign(null, content, key).toString('base64')}`;
			},
		),
};
