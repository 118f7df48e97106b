import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { type Scene, SCENE_URL, SIGNED_AT } from './scene.ts';

/** By the public key as SendGrid shows it, which is the receiver's secret. */
const PRIVATE_KEYS = new Map<string, KeyObject>();

function newSecret(): string {
	const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
	const secret = publicKey.export({ type: 'spki', format: 'der' }).toString('base64');
	PRIVATE_KEYS.set(secret, privateKey);
	return secret;
}

const SECRET = newSecret();
const OTHER_SECRET = newSecret();

/** https://www.twilio.com/docs/sendgrid/for-developers/tracking-events/event, with the line ends that SendGrid writes. */
const BODY = [
	'[{"email":"alex@example.com","timestamp":1513299569,"pool":{"name":"new_MY_test","id":210},"smtp-id":"<14c5d75ce93.dfd.64b469@ismtpd-555>","event":"processed","category":"cat facts","sg_event_id":"rbtnWrG1DVDGGGFHFyun0A==","sg_message_id":"14c5d75ce93.dfd.64b469.filter0001.16648.5515E0B88.000000000000000000000"},',
	'{"email":"alex@example.com","timestamp":1513299569,"smtp-id":"<14c5d75ce93.dfd.64b469@ismtpd-555>","event":"delivered","category":"cat facts","sg_event_id":"rWVYmVk90MjZJ9iohOBa3w==","sg_message_id":"14c5d75ce93.dfd.64b469.filter0001.16648.5515E0B88.0","response":"250 OK"}]',
	'',
].join('\r\n');

/** Signed with a key of our own: SendGrid's package only verifies. */
export const sendgrid: Scene = {
	provider: 'sendgrid',
	title: 'SendGrid',
	secret: SECRET,
	otherSecret: OTHER_SECRET,
	body: BODY,
	signatureHeader: 'x-twilio-email-event-webhook-signature',
	covers: { body: true, timestamp: true },
	sign({ body = BODY, secret = SECRET, at = SIGNED_AT, url = SCENE_URL } = {}) {
		const bytes = Buffer.from(body);
		const key = PRIVATE_KEYS.get(secret);
		if (!key) throw new Error('This scene signs with its own secrets only');
		return {
			method: 'POST',
			url,
			headers: {
				'content-type': 'application/json',
				'x-twilio-email-event-webhook-signature': sign(
					'sha256',
					Buffer.concat([Buffer.from(String(at)), bytes]),
					key,
				).toString('base64'),
				'x-twilio-email-event-webhook-timestamp': String(at),
			},
			body: bytes,
		};
	},
};
