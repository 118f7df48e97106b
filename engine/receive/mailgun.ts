import { createHash } from 'node:crypto';
import { z } from 'zod/v4';
import { isoTime } from '../time.ts';
import { isJsonType } from './headers.ts';
import { isHmacOfOne } from './hmac.ts';
import { anyObject } from '../any-object.ts';
import { isObject, parseJson } from './json.ts';
import { isMachine } from './machine.ts';
import { type Facts, receivedEvent } from './received-event.ts';
import { type Receiver, refuse, type Rejection, type ReceiveOptions } from './received.ts';
import { refuseTimestamp } from './timestamp.ts';
import type { ReceivedType } from './vocabulary.ts';

/** https://documentation.mailgun.com/docs/mailgun/user-manual/events/event-types; a failure says more by its severity. */
const TYPES: ReadonlyMap<string, ReceivedType> = new Map([
	['accepted', 'notification.queued'],
	['rejected', 'notification.failed'],
	['delivered', 'notification.delivered'],
	['failed', 'notification.bounced'],
	['opened', 'notification.opened'],
	['clicked', 'notification.clicked'],
	['unsubscribed', 'notification.unsubscribed'],
	['complained', 'notification.complained'],
	['stored', 'notification.received'],
]);

const signatureSchema = z.looseObject({
	timestamp: z.union([z.string(), z.number()]).transform(String),
	token: z.string().regex(/^[\w-]{1,100}$/),
	signature: z.string(),
	'parent-signature': z.string().optional(),
});
const signed = z.looseObject({ signature: signatureSchema });

/** A fact of another form is taken for absent: a genuine event is not lost for it. */
const text = z.string().nullish().catch(undefined);
const eventData = z.looseObject({
	event: z.string().min(1),
	id: z.string().min(1),
	timestamp: z.number(),
	recipient: text,
	message: z
		.looseObject({
			headers: z.looseObject({ 'message-id': text, from: text }).nullish().catch(undefined),
		})
		.nullish()
		.catch(undefined),
	severity: text,
	reason: text,
	'delivery-status': z
		.looseObject({
			'attempt-no': z.int().positive().nullish().catch(undefined),
			'bounce-type': text,
			'enhanced-code': text,
			'retry-seconds': z.number().nullish().catch(undefined),
			code: z.union([z.string(), z.number()]).nullish().catch(undefined),
			description: text,
			message: text,
		})
		.nullish()
		.catch(undefined),
	reject: z.looseObject({ reason: text, description: text }).nullish().catch(undefined),
	'client-info': z.looseObject({ bot: text, 'user-agent': text }).nullish().catch(undefined),
	url: text,
	// An empty list where there are none.
	'user-variables': z
		.union([anyObject, z.array(z.unknown())])
		.nullish()
		.catch(undefined),
});
type EventData = z.infer<typeof eventData>;

/**
 * Mailgun's webhooks in JSON (`event-data`); the forms of before 2018 and of routes are not read. The signature is in
 * the body: hex HMAC-SHA256 of its timestamp and token, keyed with the webhook signing key, which is the secret. For a
 * subaccount there is a second one by the primary account's key, which will do as well. Neither covers the event itself,
 * so a token is good for one body only, and the host must remember it
 * (https://documentation.mailgun.com/docs/mailgun/user-manual/webhooks/securing-webhooks).
 */
export const mailgun: Receiver = {
	verify(request, secrets, options) {
		const payload = parseJson(request.body);
		if (!isObject(payload)) return refuse('malformed_body');
		if (payload.signature === undefined) return refuse('missing_header');
		const parsed = signed.safeParse(payload);
		if (!parsed.success) return refuse('malformed_signature');
		const { timestamp, token, signature, 'parent-signature': parent } = parsed.data.signature;
		const claimed = [signature, ...(parent === undefined ? [] : [parent])];
		if (!claimed.every((hex) => /^[0-9a-f]{64}$/i.test(hex))) return refuse('malformed_signature');
		const untimely = refuseTimestamp(timestamp, options.now, options.toleranceS);
		if (untimely) return refuse(untimely);
		if (!isHmacOfOne(secrets, claimed, timestamp + token)) return refuse('bad_signature');
		return (
			refuseReplay(token, request.body, options) ?? {
				ok: true,
				request,
				signedAt: Number(timestamp) * 1000,
				payload,
			}
		);
	},
	read({ request, payload = parseJson(request.body) }, { now }) {
		const raw = isJsonType(request) && isObject(payload) ? payload['event-data'] : undefined;
		const parsed = eventData.safeParse(raw);
		if (!isObject(raw) || !parsed.success) return undefined;
		return { events: [receivedEvent('mailgun', factsOf(parsed.data), raw, now)] };
	},
};

/** A token that came with another body is somebody else's; the same body again is a resend, known by its event's id. */
function refuseReplay(
	token: string,
	body: Uint8Array,
	{ found }: ReceiveOptions,
): Rejection | undefined {
	if (found?.tokenUse === 'first' || found?.tokenUse === 'same-body') return undefined;
	if (found?.tokenUse === 'other-body') return refuse('replayed');
	const bodyHash = createHash('sha256').update(body).digest('hex');
	return { ...refuse('replayed'), need: { fact: 'token-use', token, bodyHash } };
}

function factsOf(event: EventData): Facts {
	const { timestamp, 'delivery-status': status, 'user-variables': variables } = event;
	const headers = event.message?.headers;
	const type = typeOf(event);
	const wait = status?.['retry-seconds'];
	return {
		type,
		providerEvent: event.event,
		notificationId: headers?.['message-id']?.replace(/^<|>$/g, ''),
		// An id is unique for a day only (…/user-manual/events/event-structure).
		identity: [event.id, timestamp],
		channel: 'email',
		recipient: (type === 'notification.received' ? headers?.from : event.recipient) ?? undefined,
		confirmation: type === 'notification.delivered' ? 'service' : undefined,
		attempt: status?.['attempt-no'] ?? undefined,
		nextRetryAt:
			type === 'notification.retrying' && typeof wait === 'number'
				? timeAfter(timestamp, wait)
				: undefined,
		bounceType: type === 'notification.bounced' ? bounceType(event) : undefined,
		error: errorOf(type, event),
		link: event.url ?? undefined,
		machine: byMachine(type, event) ? true : undefined,
		occurredAt: Math.round(timestamp * 1000),
		metadata: isObject(variables) ? variables : undefined,
	};
}

/** A permanent failure is a bounce, or an address that Mailgun did not even try (`reason: suppress-…`). */
function typeOf({ event, severity, reason }: EventData): ReceivedType {
	if (event !== 'failed') return TYPES.get(event) ?? 'unknown';
	if (severity === 'temporary') return 'notification.retrying';
	return reason?.startsWith('suppress-') ? 'notification.suppressed' : 'notification.bounced';
}

/**
 * Mailgun says so, or the recipient's server refused for good (RFC 5321 §4.2.1). A message that was given up for its age
 * (`reason: old`, code 602) says nothing against the address.
 */
function bounceType({ reason, 'delivery-status': status }: EventData): 'hard' | 'soft' {
	const said = status?.['bounce-type'];
	if (said === 'hard' || said === 'soft') return said;
	return reason === 'bounce' && /^5\d\d$/.test(String(status?.code)) ? 'hard' : 'soft';
}

function errorOf(type: ReceivedType, event: EventData): Facts['error'] {
	if (!/retrying|bounced|failed|suppressed/.test(type)) return undefined;
	const { 'delivery-status': status, reject, reason } = event;
	const code = status?.['enhanced-code'] || status?.code || reason || event.event;
	const message = status?.message || status?.description || reject?.reason || reason;
	return { code: String(code), message: message || event.event };
}

/** `bot` is `apple`, `gmail`, `generic` or empty (…/user-manual/tracking-messages/open-click-bot-detect). */
function byMachine(type: ReceivedType, { 'client-info': client }: EventData): boolean {
	if (type !== 'notification.opened' && type !== 'notification.clicked') return false;
	return Boolean(client?.bot) || isMachine(client?.['user-agent'] ?? undefined);
}

/** Seconds after unix seconds, as the wire's text; undefined beyond what a date can hold. */
function timeAfter(timestamp: number, seconds: number): string | undefined {
	const ms = Math.round((timestamp + seconds) * 1000);
	return Math.abs(ms) <= 8.64e15 ? isoTime(ms) : undefined;
}
