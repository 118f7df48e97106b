import { createHash } from 'node:crypto';
import { z } from 'zod/v4';
import { isoTime } from '../../../time.ts';
import { fact, kind, number, object, part, text } from '../../parse/facts.ts';
import { isHmacOfOne } from '../../../signing/hmac.ts';
import { isObject, parseJson } from '../../parse/json.ts';
import { isMachine } from '../../parse/machine.ts';
import { mailAddresses } from '../../parse/mail-addresses.ts';
import { membersOf } from '../../parse/members.ts';
import { derivedId, type Facts, receivedEvent } from '../../parse/build-event.ts';
import { type Draft, provider } from '../../provider.ts';
import { refuse, type Rejection } from '../../verify/verification.ts';
import type { ReceiveOptions } from '../../options.ts';
import { forEachRecipient } from '../../parse/recipients.ts';
import { refuseTimestamp } from '../../verify/timestamp.ts';
import type { ReceivedType } from '../../../vocabulary.ts';

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
/** Bytes of the object with a timestamp, a token and two digests in it. */
const LONGEST_SIGNATURE = 4096;

const eventData = z.looseObject({
	event: kind,
	id: text,
	timestamp: number,
	recipient: text,
	message: part({ headers: part({ 'message-id': text, from: text, to: text }) }),
	severity: text,
	reason: text,
	'delivery-status': part({
		'attempt-no': fact(z.int().positive()),
		'bounce-type': text,
		'enhanced-code': text,
		'retry-seconds': number,
		code: text,
		description: text,
		message: text,
	}),
	reject: part({ reason: text, description: text }),
	'client-info': part({ bot: text, 'user-agent': text }),
	url: text,
	// An empty list where there are none.
	'user-variables': object,
});
type EventData = z.infer<typeof eventData>;

/**
 * Mailgun's webhooks in JSON (`event-data`); the forms of before 2018 and of routes are not read. The signature is in
 * the body: hex HMAC-SHA256 of its timestamp and token, keyed with the webhook signing key, which is the secret. For a
 * subaccount there is a second one by the primary account's key, which will do as well. Neither covers the event itself,
 * so a token is good for one body only, and the host must remember it
 * (https://documentation.mailgun.com/docs/mailgun/user-manual/webhooks/securing-webhooks).
 */
export const mailgun = provider({
	id: 'mailgun',
	parameter: 'mailgun',
	title: 'Mailgun',
	scheme: {
		proof:
			'signature.signature in the body: the hex HMAC-SHA256 of its timestamp and token, which is taken once',
		secret: 'the HTTP webhook signing key of the account',
		documentation:
			'https://documentation.mailgun.com/docs/mailgun/user-manual/webhooks/securing-webhooks',
	},
	docs: {
		verifiedBy: 'HMAC of a one-time token, timestamp',
		events:
			'queued, delivered, retrying, bounced, failed, suppressed, opened, clicked, complained, unsubscribed, received',
		setUp: 'paste in Webhooks, per type',
	},
	verify(request, secrets, options) {
		const members = membersOf(request.body, ['signature'], LONGEST_SIGNATURE);
		if (!members) return refuse('malformed_body');
		if (members.signature === undefined) return refuse('missing_header');
		const parsed = signatureSchema.safeParse(members.signature);
		if (!parsed.success) return refuse('malformed_signature');
		const { timestamp, token, signature, 'parent-signature': parent } = parsed.data;
		const claimed = [signature, ...(parent === undefined ? [] : [parent])];
		if (!claimed.every((hex) => /^[0-9a-f]{64}$/i.test(hex))) return refuse('malformed_signature');
		const untimely = refuseTimestamp(timestamp, options.now, options.toleranceS);
		if (untimely) return refuse(untimely);
		const key = secrets.find((secret) => isHmacOfOne([secret], claimed, timestamp + token));
		if (key === undefined) return refuse('bad_signature');
		return (
			refuseReplay(key, token, request.body, options) ?? {
				ok: true,
				request,
				signedAt: Number(timestamp) * 1000,
			}
		);
	},
	read({ request }, { now }) {
		const payload = parseJson(request.body);
		const raw = isObject(payload) ? payload['event-data'] : undefined;
		const parsed = eventData.safeParse(raw);
		if (!isObject(raw) || !parsed.success) return unreadable(payload);
		const { type, ...facts } = factsOf(parsed.data, raw);
		const people = recipientsOf(type, parsed.data);
		const eventId = derivedId('mailgun', facts.identity);
		return {
			events: forEachRecipient(type, eventId, people).map((person) =>
				receivedEvent('mailgun', { type, ...facts, ...person }, raw, now),
			),
		};
	},
});

/** Without the signature, which is another when Mailgun sends again. */
function unreadable(payload: unknown): Draft | undefined {
	if (!isObject(payload)) return undefined;
	const { signature: _signature, ...said } = payload;
	return { events: [{ unread: payload, identity: [said] }] };
}

/**
 * A token that came with another body before is a replay; with the same body it is a resend, which the event's id
 * shows.
 */
function refuseReplay(
	key: string,
	token: string,
	body: Uint8Array,
	{ found }: ReceiveOptions,
): Rejection | undefined {
	if (found?.tokenUse === 'first' || found?.tokenUse === 'same-body') return undefined;
	if (found?.tokenUse === 'other-body') return refuse('replayed');
	const need = {
		fact: 'token-use',
		key: hashOf(`one-time token\n${key}`),
		token,
		bodyHash: hashOf(body),
	} as const;
	return { ...refuse('replayed'), need };
}

function hashOf(data: string | Uint8Array): string {
	return createHash('sha256').update(data).digest('hex');
}

function factsOf(
	event: EventData,
	raw: Record<string, unknown>,
): Facts & Required<Pick<Facts, 'identity'>> {
	const { timestamp, 'delivery-status': status } = event;
	const type = typeOf(event);
	const wait = status?.['retry-seconds'];
	return {
		type,
		providerEvent: event.event,
		notificationId: event.message?.headers?.['message-id']?.replace(/^<|>$/g, ''),
		// An id is unique for a day only (…/user-manual/events/event-structure), and all of Mailgun's samples have one.
		identity:
			event.id === undefined
				? [raw]
				: [event.id, timestamp, event.event, event.recipient, event.url],
		channel: 'email',
		confirmation: type === 'notification.delivered' ? 'service' : undefined,
		attempt: status?.['attempt-no'],
		nextRetryAt:
			type === 'notification.retrying' && wait !== undefined && timestamp !== undefined
				? timeAfter(timestamp, wait)
				: undefined,
		bounceType: type === 'notification.bounced' ? bounceType(event) : undefined,
		error: errorOf(type, event),
		link: event.url,
		machine: byMachine(type, event) ? true : undefined,
		occurredAt: timestamp === undefined ? undefined : Math.round(timestamp * 1000),
		metadata: event['user-variables'],
	};
}

/** A message that Mailgun did not accept names its recipient in the headers only. */
function recipientsOf(type: ReceivedType, { recipient, message }: EventData): readonly string[] {
	const { from, to } = message?.headers ?? {};
	if (type === 'notification.received') return mailAddresses(from ?? '');
	return recipient === undefined ? mailAddresses(to ?? '') : [recipient];
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
	return Boolean(client?.bot) || isMachine(client?.['user-agent']);
}

/** Seconds after unix seconds, as the wire's text; undefined beyond what a date can hold. */
function timeAfter(timestamp: number, seconds: number): string | undefined {
	const ms = Math.round((timestamp + seconds) * 1000);
	return Math.abs(ms) <= 8.64e15 ? isoTime(ms) : undefined;
}
