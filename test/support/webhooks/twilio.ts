import { getExpectedBodyHash, getExpectedTwilioSignature } from 'twilio/lib/webhooks/webhooks.js';
import { type Scene, SCENE_URL } from './scene.ts';

const SECRET = '12345678901234567890123456789012';
const OTHER_SECRET = 'ffffffffffffffffffffffffffffffff';

/** https://www.twilio.com/docs/messaging/guides/track-outbound-message-status */
const CALLBACK = new URLSearchParams({
	SmsSid: 'SM2xxxxxx',
	SmsStatus: 'sent',
	MessageStatus: 'sent',
	To: '+1512zzzyyyy',
	MessageSid: 'SM2xxxxxx',
	AccountSid: 'ACxxxxxxx',
	From: '+1512xxxyyyy',
	ApiVersion: '2010-04-01',
}).toString();

/** Status callbacks, signed by Twilio's own package. */
export const twilio: Scene = {
	provider: 'twilio',
	title: 'Twilio',
	secret: SECRET,
	otherSecret: OTHER_SECRET,
	body: CALLBACK,
	signatureHeader: 'x-twilio-signature',
	carries: 'form',
	covers: { body: true, timestamp: false, url: true },
	sign({ body = CALLBACK, secret = SECRET, url = SCENE_URL } = {}) {
		const bytes = Buffer.from(body);
		const form = Map.groupBy(new URLSearchParams(bytes.toString()), ([name]) => name);
		const parameters = [...form].map(([name, pairs]) => [name, pairs.map(([, value]) => value)]);
		return {
			method: 'POST',
			url,
			headers: {
				'content-type': 'application/x-www-form-urlencoded',
				'x-twilio-signature': getExpectedTwilioSignature(
					secret,
					url,
					Object.fromEntries(parameters),
				),
			},
			body: bytes,
		};
	},
};

/** https://www.twilio.com/docs/events/event-types/messaging/outbound-message */
const EVENTS = JSON.stringify([
	{
		specversion: '1.0',
		type: 'com.twilio.messaging.message.delivered',
		source: 'AB00000000000000000000000001',
		id: 'NO00000000000000000000000001',
		dataschema: 'https://events-schemas.twilio.com/Messaging.MessageStatus/7',
		datacontenttype: '2025-10-08T07:17:02.363Z',
		data: {
			messageSid: 'SM0000000000000000000000000000001',
			timestamp: '2025-01-01T00:00:00.000Z',
			accountSid: 'AC0000000000000000000000000000001',
			eventName: 'com.twilio.messaging.message.delivered',
			apiVersion: '2010-04-01',
			from: '+11234567890',
			to: '+12345678901',
			messageStatus: 'QUEUED',
			messagingServiceSid: 'MG0000000000000000000000000000001',
			body: 'Ahoy!',
			statusCallBackUrl: 'https://mycompany.com/an-endpoint',
			mnc: '090',
			mcc: '310',
			numberOfSegments: 1,
			dateUpdated: '2025-01-01T00:01:00.000Z',
		},
	},
]);

/** Event Streams: JSON, whose hash is in the URL that is signed. */
export const twilioEventStreams: Scene = {
	provider: 'twilio',
	title: 'Twilio Event Streams',
	secret: SECRET,
	otherSecret: OTHER_SECRET,
	body: EVENTS,
	signatureHeader: 'x-twilio-signature',
	carries: 'text',
	covers: { body: true, timestamp: false, url: true },
	sign({ body = EVENTS, secret = SECRET, url = SCENE_URL } = {}) {
		const bytes = Buffer.from(body);
		const called = `${url}${url.includes('?') ? '&' : '?'}bodySHA256=${getExpectedBodyHash(bytes.toString())}`;
		return {
			method: 'POST',
			url: called,
			headers: {
				'content-type': 'application/json',
				'x-twilio-signature': getExpectedTwilioSignature(secret, called, {}),
			},
			body: bytes,
		};
	},
};
