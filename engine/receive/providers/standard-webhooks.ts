import { readStandardWebhooks, standardWebhooksBody } from '../parse/standard-webhooks-event.ts';
import { provider } from '../provider.ts';
import { verifyStandardWebhooks, WEBHOOK_HEADERS } from '../verify/standard-webhooks.ts';

/**
 * Standard Webhooks of any sender. A secret is `whsec_` and base64 (the prefix may be missing), or for asymmetric
 * signatures the sender's public key, `whpk_` and base64.
 */
export const standardWebhooks = provider({
	id: 'standard-webhooks',
	parameter: 'standardWebhooks',
	title: 'Standard Webhooks',
	scheme: {
		proof:
			'webhook-signature: a list of "v1," and the base64 HMAC-SHA256 (or "v1a," and the ed25519 signature) of webhook-id, webhook-timestamp and the body, with dots between',
		secret: 'a key of the form whsec_… (or whpk_… for ed25519)',
		documentation:
			'https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md',
	},
	docs: {
		verifiedBy: 'HMAC or ed25519, timestamp',
		events: 'by the last word of the type',
		setUp: 'give it to the sender',
	},
	signatureHeaders: ['webhook-signature'],
	verify: (request, secrets, options) =>
		verifyStandardWebhooks(WEBHOOK_HEADERS, request, secrets, options),
	read(genuine, { now }) {
		const body = standardWebhooksBody(genuine.request);
		return (
			body && {
				events: [readStandardWebhooks('standard-webhooks', body.payload, genuine, body.raw, now)],
			}
		);
	},
});
