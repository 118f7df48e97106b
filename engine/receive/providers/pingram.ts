import { z } from 'zod/v4';
import { kind, text } from '../parse/facts.ts';
import { isHmacOfOne } from '../../signing/hmac.ts';
import { isObject, parseJson } from '../parse/json.ts';
import { pingramFacts, pingramIdentity } from '../parse/pingram-event.ts';
import { receivedEvent } from '../parse/build-event.ts';
import { provider } from '../provider.ts';
import { refuse } from '../verify/verification.ts';
import { refuseMilliseconds } from '../verify/timestamp.ts';

/**
 * Events about a sent notification (`WebhookEvent` of npm `pingram`), and messages that came in
 * (https://www.pingram.io/docs/features/inbound), which belong to no notification unless they answer one.
 */
const eventPayload = z.looseObject({
	eventType: kind,
	trackingId: text,
	channel: text,
	userId: text,
	failureCode: text,
	clickedLink: text,
	from: text,
	messageId: text,
	receivedAt: text,
});

/**
 * Pingram's events webhook. `X-Pingram-Signature` is `v1,` and hex HMAC-SHA256 of `id.timestamp.body`, keyed with the
 * whole text of the webhook's secret; the timestamp is in milliseconds (`pingram/webhooks`). A request is one event
 * (https://www.pingram.io/docs/quick-start/set-up-webhooks).
 */
export const pingram = provider({
	id: 'pingram',
	parameter: 'pingram',
	title: 'Pingram',
	scheme: {
		proof:
			'X-Pingram-Signature: "v1," and the hex HMAC-SHA256 of X-Pingram-Id, X-Pingram-Timestamp (milliseconds) and the body, with dots between',
		secret: 'the secret that Pingram gave when the webhook was set up',
		documentation: 'https://www.pingram.io/docs (Events Webhook)',
	},
	docs: {
		verifiedBy: 'HMAC, timestamp',
		events: 'delivered, failed, opened, clicked, unsubscribed, subscribed, received',
		setUp: 'registers itself, or paste',
	},
	verify(request, secrets, { now, toleranceS }) {
		const {
			'x-pingram-id': id,
			'x-pingram-timestamp': timestamp,
			'x-pingram-signature': signature,
		} = request.headers;
		if (id === undefined || timestamp === undefined || signature === undefined) {
			return refuse('missing_header');
		}
		if (typeof id !== 'string' || typeof signature !== 'string') {
			return refuse('malformed_signature');
		}
		const hex = /^v1,([0-9a-f]{64})$/i.exec(signature.trim())?.[1];
		// A full stop in the id would let the end of an id pass for a timestamp, as Standard Webhooks warns.
		if (!hex || id === '' || id.includes('.')) return refuse('malformed_signature');
		if (typeof timestamp !== 'string') return refuse('bad_timestamp');
		const untimely = refuseMilliseconds(timestamp, now, toleranceS);
		if (untimely) return refuse(untimely);
		return isHmacOfOne(secrets, hex, `${id}.${timestamp}.`, request.body)
			? { ok: true, request, id, signedAt: Number(timestamp) }
			: refuse('bad_signature');
	},
	read({ request, id = '' }, { now }) {
		const raw = parseJson(request.body);
		const parsed = eventPayload.safeParse(raw);
		if (!isObject(raw)) return undefined;
		// The signed id may be the tracking id, which unreadable events share, so it cannot identify them.
		if (!parsed.success) {
			return { events: [{ unread: raw, ...(raw.trackingId === id ? { identity: [raw] } : {}) }] };
		}
		const payload = parsed.data;
		const facts = pingramFacts(payload);
		const inbound = facts.type === 'notification.received';
		const event = {
			...facts,
			notificationId: payload.trackingId ?? payload.messageId ?? id,
			// Nothing says whether the signed id is the event's or the notification's. Where it is the tracking id, every
			// event of a notification has it, and it identifies none of them.
			...(id === payload.trackingId
				? { identity: pingramIdentity(payload, raw, now) }
				: { eventId: id }),
			recipient: inbound ? (payload.from ?? facts.recipient) : facts.recipient,
			occurredAt: payload.receivedAt,
		};
		return { events: [receivedEvent('pingram', event, raw, now)] };
	},
});
