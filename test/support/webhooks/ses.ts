import { sign } from 'node:crypto';
import { selfSigned } from '../self-signed.ts';
import { type Scene, SCENE_URL, type SceneRequest, SIGNED_AT, type Signing } from './scene.ts';

const TOPIC = 'arn:aws:sns:us-west-2:123456789012:MyTopic';
export const CERTIFICATE_URL =
	'https://sns.us-west-2.amazonaws.com/SimpleNotificationService-f3ecfb7224c7233fe7bb5f59f96de52f.pem';

/** Made for the tests: Amazon's key is Amazon's. It is good for a day either way of the scenes' time. */
export const amazon = selfSigned('sns.amazonaws.com', SIGNED_AT * 1000);

const DELIVERY = JSON.stringify({
	eventType: 'Delivery',
	mail: {
		timestamp: '2016-10-19T23:20:52.240Z',
		messageId: 'EXAMPLE7c191be45-e9aedb9a-02f9-4d12-a87d-dd0099a07f8a-000000',
		destination: ['recipient@example.com'],
	},
	delivery: {
		timestamp: '2016-10-19T23:21:04.133Z',
		recipients: ['recipient@example.com'],
		smtpResponse: '250 2.6.0 Message received',
	},
});

type Envelope = Readonly<Record<string, string>>;

/** Signs whatever fields there are, in the documented order. */
export function signEnvelope(
	fields: Envelope,
	version: '1' | '2' = '2',
	key = amazon.key,
): Envelope {
	const content = Object.keys(fields)
		.sort()
		.map((name) => `${name}\n${fields[name] ?? ''}\n`)
		.join('');
	const digest = version === '1' ? 'sha1' : 'sha256';
	return {
		...fields,
		SignatureVersion: version,
		Signature: sign(digest, Buffer.from(content), key).toString('base64'),
		SigningCertURL: CERTIFICATE_URL,
	};
}

export function snsRequest(envelope: Readonly<Record<string, unknown>>): SceneRequest {
	return {
		method: 'POST',
		url: SCENE_URL,
		headers: {
			'content-type': 'text/plain; charset=UTF-8',
			'x-amz-sns-message-type': String(envelope.Type),
		},
		body: Buffer.from(JSON.stringify(envelope)),
	};
}

export function notification({
	body = DELIVERY,
	secret = TOPIC,
	at = SIGNED_AT,
}: Signing = {}): Envelope {
	return {
		Message: body.toString(),
		MessageId: '22b80b92-fdea-4c2c-8f9d-bdfb0c7bf324',
		Timestamp: new Date(at * 1000).toISOString(),
		TopicArn: secret,
		Type: 'Notification',
	};
}

const common = {
	provider: 'ses',
	secret: TOPIC,
	otherSecret: 'arn:aws:sns:us-west-2:123456789012:OtherTopic',
	body: DELIVERY,
	carries: 'text',
	covers: { body: true, timestamp: true },
	certificate: amazon.cert,
} as const;

/** A body is what SES says; SNS puts it into an envelope of its own. */
export const ses: Scene = {
	...common,
	title: 'Amazon SES',
	sign: (signing) => snsRequest(signEnvelope(notification(signing))),
};

export const sesVersion1: Scene = {
	...common,
	title: 'Amazon SES, signature version 1',
	sign: (signing) => snsRequest(signEnvelope(notification(signing), '1')),
};
