import Stripe from 'stripe';
import { type Scene, SCENE_URL, SIGNED_AT } from './scene.ts';

/** Only its webhook functions are used, which ask nobody. */
export const stripePackage = new Stripe('sk_test_none');

const SECRET = 'whsec_5f0c1a7e';
const BODY = JSON.stringify({
	id: 'evt_1NG8Du2eZvKYlo2CUI79vXWy',
	object: 'event',
	created: 1686089970,
	data: { object: { id: 'seti_1NG8Du2eZvKYlo2C9XMqbR0x', object: 'setup_intent' } },
	type: 'setup_intent.created',
});

/** Signed by Stripe's package. */
export const stripe: Scene = {
	provider: 'stripe',
	title: 'Stripe',
	secret: SECRET,
	otherSecret: 'whsec_other',
	body: BODY,
	signatureHeader: 'stripe-signature',
	carries: 'text',
	covers: { body: true, timestamp: true },
	sign({ body = BODY, secret = SECRET, at = SIGNED_AT, url = SCENE_URL } = {}) {
		const bytes = Buffer.from(body);
		return {
			method: 'POST',
			url,
			headers: {
				'content-type': 'application/json; charset=utf-8',
				'stripe-signature': stripePackage.webhooks.generateTestHeaderString({
					payload: bytes.toString(),
					secret,
					timestamp: at,
				}),
			},
			body: bytes,
		};
	},
};
