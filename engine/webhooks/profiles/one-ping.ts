import { ONE_PING_EVENTS } from '../../event.ts';
import { WEBHOOK_RETRY } from '../../retry.ts';
import { signingKey } from '../../signing/keys.ts';
import { pythonJson } from '../../signing/python-json.ts';
import { signFormer, signOnePing } from '../../signing/one-ping.ts';
import type { Profile } from './profile.ts';

/** For receivers written for One-Ping: the five types that it documents. */
export const onePing: Profile = {
	docs: {
		signature: '`X-OnePing-Signature`',
		events: 'delivered, failed, retrying, bounced, fallback',
	},
	defaultEvents: ONE_PING_EVENTS,
	retry: WEBHOOK_RETRY,
	secret: 'required',
	batches: true,
	signsWithFormer: true,
	payload: (event) => () => event,
	operational: (event) => event,
	write: (payload, { signatureInput }) =>
		signatureInput === 'python-json' ? pythonJson(payload) : JSON.stringify(payload),
	headers: (body, { secrets: [secret = '', ...former], now, signatureInput }, eventId) => ({
		...signOnePing(signingKey(secret), body, now, signatureInput),
		...signFormer(former.map(signingKey), body, now, signatureInput),
		...(eventId === undefined ? {} : { 'X-OnePing-Event-Id': eventId }),
	}),
};
