import { isHmacOfOne } from '../../signing/hmac.ts';
import { isObject, parseJson } from '../parse/json.ts';
import { LONGEST_REWRITTEN, written } from '../verify/one-ping.ts';
import { derivedId, receivedEvent } from '../parse/build-event.ts';
import { provider } from '../provider.ts';
import { refuse } from '../verify/verification.ts';
import type { ReceivedType } from '../../vocabulary.ts';

/**
 * The words after `email.` in `type`. Of the seven events only `email.delivered` and `email.opened` are spelled out,
 * the others described (https://onepush.app/blog/webhooks-real-time-email-event-tracking), so the spellings that other
 * mail services have are taken as well. `sent` is a mail "queued for delivery": OnePush has taken it, and reports later
 * what became of it.
 */
const EVENTS = new Map<string, ReceivedType>([
	['sent', 'notification.sent'],
	['delivered', 'notification.delivered'],
	['delivery', 'notification.delivered'],
	['opened', 'notification.opened'],
	['open', 'notification.opened'],
	['clicked', 'notification.clicked'],
	['click', 'notification.clicked'],
	['link_clicked', 'notification.clicked'],
	['bounced', 'notification.bounced'],
	['bounce', 'notification.bounced'],
	['complained', 'notification.complained'],
	['complaint', 'notification.complained'],
	['spam_complaint', 'notification.complained'],
	['unsubscribed', 'notification.unsubscribed'],
	['unsubscribe', 'notification.unsubscribed'],
]);

/** Possible names of each fact: no payload is published beyond `type`. */
const NAMES = {
	notificationId: ['email_id', 'emailId', 'message_id', 'messageId', 'id'],
	recipient: ['to', 'recipient', 'email'],
	occurredAt: ['timestamp', 'created_at', 'createdAt', 'occurred_at'],
	bounceType: ['bounce_type', 'bounceType'],
	reason: ['reason', 'error'],
	link: ['link', 'url'],
} as const;

/**
 * OnePush's e-mail events. `X-OnePush-Signature` is bare hex HMAC-SHA256, keyed with the whole text of the webhook's
 * secret, over the body as OnePush's sample writes it again: `JSON.stringify` of what was parsed. There is no
 * timestamp, so the age of a request is unknown; a repeat is recognised by its event.
 */
export const onePush = provider({
	id: 'onepush',
	parameter: 'onePush',
	title: 'OnePush',
	scheme: {
		proof: 'X-OnePush-Signature: the hex HMAC-SHA256 of the body',
		secret: 'the webhook secret of the OnePush dashboard',
		documentation: 'https://onepush.app/blog (Webhooks and Real-Time Email Event Tracking)',
	},
	docs: {
		verifiedBy: 'HMAC',
		events: 'sent, delivered, opened, clicked, bounced, complained, unsubscribed',
		setUp: 'paste in its dashboard, per type',
	},
	verify(request, secrets) {
		const signature = request.headers['x-onepush-signature'];
		if (signature === undefined) return refuse('missing_header');
		const hex = typeof signature === 'string' && /^[0-9a-f]{64}$/i.exec(signature.trim())?.[0];
		if (!hex) return refuse('malformed_signature');
		if (isHmacOfOne(secrets, hex, request.body)) return { ok: true, request };
		const isShort = request.body.length <= LONGEST_REWRITTEN;
		const payload = isShort ? parseJson(request.body) : undefined;
		const rewritten = payload === undefined ? undefined : written(JSON.stringify, payload);
		return rewritten !== undefined && isHmacOfOne(secrets, hex, rewritten)
			? { ok: true, request, payload }
			: refuse('bad_signature');
	},
	read({ request, payload: raw = parseJson(request.body) }, { now }) {
		const rewritten = written(JSON.stringify, raw);
		if (!isObject(raw) || rewritten === undefined) return undefined;
		const providerEvent = raw.type;
		if (typeof providerEvent !== 'string' || providerEvent === '') return undefined;
		const places = isObject(raw.data) ? [raw.data, raw] : [raw];
		const text = (names: readonly string[]): string | undefined => firstText(places, names);

		const type = EVENTS.get(providerEvent.toLowerCase().replace(/^email\./, '')) ?? 'unknown';
		const bounced = type === 'notification.bounced';
		const reason = bounced ? text(NAMES.reason) : undefined;
		// An `id` may be the mail's as well as the event's: only a field that is named as an event's id counts as one.
		const eventId = text(['event_id', 'eventId']) ?? derivedId('onepush', [rewritten]);
		const facts = {
			type,
			providerEvent,
			eventId,
			notificationId: text(NAMES.notificationId) ?? eventId,
			channel: 'email',
			// `delivered` means that the recipient's mailbox took the mail.
			confirmation: type === 'notification.delivered' ? ('service' as const) : undefined,
			recipient: text(NAMES.recipient),
			bounceType: bounced ? bounceTypeOf(text(NAMES.bounceType)) : undefined,
			error: reason === undefined ? undefined : { code: 'NOT_DELIVERED', message: reason },
			link: type === 'notification.clicked' ? text(NAMES.link) : undefined,
			occurredAt: text(NAMES.occurredAt) ?? firstTime(places, NAMES.occurredAt),
			metadata: isObject(raw.metadata) ? raw.metadata : undefined,
		};
		return { events: [receivedEvent('onepush', facts, raw, now)] };
	},
});

function bounceTypeOf(text: string | undefined): 'hard' | 'soft' | undefined {
	return text === 'hard' || text === 'soft' ? text : undefined;
}

/** The values that are there, the best name's first. */
function valuesOf(
	places: readonly Record<string, unknown>[],
	names: readonly string[],
): readonly unknown[] {
	return names.flatMap((name) => places.map((place) => place[name])).flat();
}

function firstText(
	places: readonly Record<string, unknown>[],
	names: readonly string[],
): string | undefined {
	return valuesOf(places, names).find(
		(value): value is string => typeof value === 'string' && value !== '',
	);
}

/** Milliseconds, from a number of either unit: below 10^11 it is seconds, until the year 5138. */
function firstTime(
	places: readonly Record<string, unknown>[],
	names: readonly string[],
): number | undefined {
	const time = valuesOf(places, names).find((value) => typeof value === 'number');
	return time !== undefined && time < 1e11 ? time * 1000 : time;
}
