import { z } from 'zod/v4';
import { isoTime } from '../../../time.ts';
import { fact, kind, number, object, part, text } from '../../parse/facts.ts';
import { isObject } from '../../parse/json.ts';
import { isMachine } from '../../parse/machine.ts';
import { mailAddresses } from '../../parse/mail-addresses.ts';
import { derivedId, type Facts, receivedEvent } from '../../parse/build-event.ts';
import type { Draft } from '../../provider.ts';
import { forEachRecipient } from '../../parse/recipients.ts';
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

/** Reads the event in a payload, once for each recipient. */
export function readEvent(payload: unknown, now: number): Draft | undefined {
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
}

/** Without the signature, which is another when Mailgun sends again. */
function unreadable(payload: unknown): Draft | undefined {
	if (!isObject(payload)) return undefined;
	const { signature: _signature, ...said } = payload;
	return { events: [{ unread: payload, identity: [said] }] };
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
