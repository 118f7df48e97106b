import { readBatch } from '../../parse/batch.ts';
import { parseJson } from '../../parse/json.ts';
import { provider } from '../../provider.ts';
import { isJsonSigned, verifyTwilio } from './signature.ts';
import { readCloudEvent, readForm } from './events.ts';

/**
 * Twilio's status callbacks for messages and calls and its incoming messages, which are forms, and its Event Streams,
 * which are CloudEvents in JSON, one or a list of them. The secret is the account's auth token. The request's URL must
 * be the one that Twilio called: it is signed.
 */
export const twilio = provider({
	id: 'twilio',
	parameter: 'twilio',
	title: 'Twilio',
	scheme: {
		proof: 'X-Twilio-Signature: the base64 HMAC-SHA1 of the URL and the sorted form fields',
		secret: "the account's auth token",
		documentation: 'https://www.twilio.com/docs/usage/security',
		signsUrl: true,
	},
	docs: {
		verifiedBy: 'HMAC over the URL',
		events: 'queued, sent, delivered, failed, read, received',
		setUp: '`StatusCallback`',
	},
	signatureHeaders: ['x-twilio-signature'],
	verify: verifyTwilio,
	read(genuine, { now }) {
		// The kind of signature tells the kind of request; the content type is not signed.
		if (!isJsonSigned(genuine.request)) return readForm(genuine, now);
		const payload = parseJson(genuine.request.body);
		if (payload === undefined) return undefined;
		return readBatch([payload].flat(), (raw) => readCloudEvent(raw, now));
	},
});
