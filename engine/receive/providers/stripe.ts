import { z } from 'zod/v4';
import { fact, kind, part, text } from '../parse/facts.ts';
import { isHmacOfOne } from '../../signing/hmac.ts';
import { isObject, parseJson } from '../parse/json.ts';
import { provider } from '../provider.ts';
import { refuse } from '../verify/verification.ts';
import { receivedEvent } from '../parse/build-event.ts';
import { refuseTimestamp } from '../verify/timestamp.ts';

/** A snapshot event (https://docs.stripe.com/api/events/object), or a thin one, which only names its `related_object`. */
const stripePayload = z.looseObject({
	id: text,
	type: kind,
	/** Unix seconds in a snapshot, an ISO time in a thin event. */
	created: fact(z.union([z.number(), z.string()])),
	data: part({ object: part({ id: text }) }),
	related_object: part({ id: text }),
});

const SIGNATURE = /^v1=([0-9a-f]{64})$/i;

/** Stripe rolls a secret over up to 24 hours and then sends one signature for each; the bound is for others. */
const MOST_PARTS = 16;

/**
 * Stripe's webhooks (https://docs.stripe.com/webhooks#verify-manually): `Stripe-Signature: t=<unix seconds>,v1=<hex>`,
 * with further `v1` during a rotation, over `{t}.{raw body}`. Other schemes (`v0` of test events) are skipped. A secret is
 * the endpoint's signing secret, `whsec_` included. No event of Stripe is about a notification, so each is `unknown`.
 */
export const stripe = provider({
	id: 'stripe',
	parameter: 'stripe',
	title: 'Stripe',
	scheme: {
		proof: 'Stripe-Signature: t= and v1=, the hex HMAC-SHA256 of the time, a dot and the body',
		secret: "the endpoint's signing secret, whsec_…",
		documentation: 'https://docs.stripe.com/webhooks#verify-manually',
	},
	docs: {
		verifiedBy: 'HMAC, timestamp',
		events: 'unknown: its own names',
		setUp: 'paste in the Workbench',
	},
	signatureHeaders: ['stripe-signature'],
	verify(request, secrets, { now, toleranceS }) {
		const header = request.headers['stripe-signature'];
		if (!header) return refuse('missing_header');
		if (typeof header !== 'string') return refuse('malformed_signature');
		const parts = header.split(',', MOST_PARTS + 1);
		const times = parts.filter((part) => part.startsWith('t='));
		const digests = parts.flatMap((part) => SIGNATURE.exec(part)?.[1] ?? []);
		const time = times[0]?.slice(2);
		if (
			time === undefined ||
			times.length > 1 ||
			digests.length === 0 ||
			parts.length > MOST_PARTS
		) {
			return refuse('malformed_signature');
		}
		const untimely = refuseTimestamp(time, now, toleranceS);
		if (untimely) return refuse(untimely);
		return isHmacOfOne(secrets, digests, `${time}.`, request.body)
			? { ok: true, request, signedAt: Number(time) * 1000 }
			: refuse('bad_signature');
	},
	read({ request, signedAt }, { now }) {
		const raw = parseJson(request.body);
		const parsed = stripePayload.safeParse(raw);
		if (!isObject(raw) || !parsed.success) return undefined;
		const { id, type, created, data, related_object: related } = parsed.data;
		const facts = {
			type: 'unknown',
			providerEvent: type,
			eventId: id,
			notificationId: data?.object?.id ?? related?.id ?? id,
			occurredAt: typeof created === 'number' ? created * 1000 : (created ?? signedAt),
		} as const;
		return { events: [receivedEvent('stripe', facts, raw, now)] };
	},
});
