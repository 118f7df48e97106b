import { z } from 'zod/v4';
import { kind, object, part, text } from '../../parse/facts.ts';
import { formObject, parseForm } from '../../parse/form.ts';
import { type Facts, receivedEvent } from '../../parse/build-event.ts';
import type { Draft } from '../../provider.ts';
import type { Genuine } from '../../verify/verification.ts';
import type { ReceivedEvent } from '../../../received-event.ts';
import type { ReceivedType } from '../../../vocabulary.ts';

/** https://www.twilio.com/docs/messaging/api/message-resource#message-status-values; others are unknown. */
const MESSAGE_STATUSES: ReadonlyMap<string, ReceivedType> = new Map([
	['accepted', 'notification.queued'],
	['scheduled', 'notification.queued'],
	['queued', 'notification.queued'],
	['sending', 'notification.queued'],
	['sent', 'notification.sent'],
	['delivered', 'notification.delivered'],
	['undelivered', 'notification.failed'],
	['failed', 'notification.failed'],
	['canceled', 'notification.failed'],
	['read', 'notification.read'],
	['receiving', 'notification.received'],
	['received', 'notification.received'],
]);

/** https://help.twilio.com/articles/223132547: an answered call completes, whether a person or a machine answered. */
const CALL_STATUSES: ReadonlyMap<string, ReceivedType> = new Map([
	['queued', 'notification.queued'],
	['initiated', 'notification.queued'],
	['ringing', 'notification.sent'],
	['in-progress', 'notification.sent'],
	['completed', 'notification.delivered'],
	['busy', 'notification.failed'],
	['no-answer', 'notification.failed'],
	['canceled', 'notification.failed'],
	['failed', 'notification.failed'],
]);

/** An empty parameter says nothing, and one that came twice or in another form is none of Twilio's. */
const parameter = z.string().min(1).optional().catch(undefined);

/** Two letters and 32 hex digits (https://www.twilio.com/docs/glossary/what-is-a-sid); its examples are shorter. */
const sid = z
	.string()
	.regex(/^[A-Z]{2}[0-9A-Za-z]{1,32}$/)
	.optional()
	.catch(undefined);

const statusWord = z
	.string()
	.regex(/^[a-z_-]+$/)
	.optional()
	.catch(undefined);

/** Fields of status callbacks and incoming messages; the product decides which are present. */
const callback = z.looseObject({
	MessageSid: sid,
	SmsSid: sid,
	MessageStatus: statusWord,
	SmsStatus: statusWord,
	CallSid: sid,
	CallStatus: statusWord,
	ConferenceSid: sid,
	ConversationSid: sid,
	RecordingSid: sid,
	EventType: parameter,
	StatusCallbackEvent: parameter,
	AnsweredBy: parameter,
	Direction: parameter,
	From: parameter,
	To: parameter,
	ErrorCode: parameter,
	ErrorMessage: parameter,
	Timestamp: parameter,
});
type Callback = z.infer<typeof callback>;

/** https://www.twilio.com/docs/events/event-types/messaging/outbound-message */
const cloudEvent = z.looseObject({
	type: kind,
	id: text,
	data: part({
		messageSid: text,
		sid: text,
		timestamp: text,
		from: text,
		to: text,
		errorCode: text,
		tags: object,
	}),
});

/** Reads a status callback or an incoming message. */
export function readForm({ request, signed }: Genuine, now: number): Draft | undefined {
	const pairs = parseForm(request.body) ?? [];
	if (pairs.length === 0) return undefined;
	const raw: Record<string, unknown> = formObject(pairs);
	const form = callback.parse(raw);
	const facts = messageFacts(form) ?? callFacts(form) ?? otherFacts(form);
	// Two requests about a call may differ in nothing but the digits that were pressed, and Twilio sends no id. When it
	// tries again, it sends the same parameters.
	return { events: [receivedEvent('twilio', { ...facts, identity: [signed ?? raw] }, raw, now)] };
}

/** Other webhooks of Twilio: a recording, a conversation, the party that answered a call. */
function otherFacts(form: Callback): Facts {
	const { MessageSid, CallSid, ConversationSid, ConferenceSid, RecordingSid } = form;
	return {
		type: 'unknown',
		providerEvent: form.EventType ?? form.StatusCallbackEvent,
		notificationId: MessageSid ?? CallSid ?? ConversationSid ?? ConferenceSid ?? RecordingSid,
		occurredAt: form.Timestamp,
	};
}

function messageFacts(form: Callback): Facts | undefined {
	const { MessageSid, SmsSid, MessageStatus, SmsStatus, ErrorCode } = form;
	const notificationId = MessageSid ?? SmsSid;
	const word = MessageStatus ?? SmsStatus;
	if (notificationId === undefined || word === undefined) return undefined;
	return {
		...statusFacts(MESSAGE_STATUSES.get(word), word, form.From, form.To),
		notificationId,
		error: errorOf(ErrorCode, form.ErrorMessage),
	};
}

function callFacts(form: Callback): Facts | undefined {
	const { CallSid, CallStatus, AnsweredBy, ErrorCode } = form;
	if (CallSid === undefined || CallStatus === undefined) return undefined;
	// An incoming call, which is no delivery of ours.
	const type = form.Direction === 'inbound' ? undefined : CALL_STATUSES.get(CallStatus);
	return {
		...statusFacts(type, CallStatus, form.From, form.To),
		notificationId: CallSid,
		channel: 'call',
		// A voicemail completes a call too (https://www.twilio.com/docs/voice/answering-machine-detection).
		confirmation:
			type !== 'notification.delivered' ? undefined : AnsweredBy === 'human' ? 'device' : 'service',
		error:
			type === 'notification.failed'
				? (errorOf(ErrorCode, form.ErrorMessage) ?? {
						code: CallStatus,
						message: `The call ended as ${CallStatus}`,
					})
				: undefined,
		occurredAt: form.Timestamp,
	};
}

const MESSAGE_EVENT = /^com\.twilio\.messaging\.(?:message|inbound-message)\.([a-z]+)$/;

/** Reads an event of Event Streams. */
export function readCloudEvent(
	raw: Record<string, unknown>,
	now: number,
): ReceivedEvent | undefined {
	const parsed = cloudEvent.safeParse(raw);
	if (!parsed.success) return undefined;
	const { type, id, data = {} } = parsed.data;
	const word = MESSAGE_EVENT.exec(type)?.[1];
	const facts: Facts = {
		...(word === undefined
			? { type: 'unknown' }
			: statusFacts(MESSAGE_STATUSES.get(word), word, data.from, data.to)),
		providerEvent: type,
		notificationId: data.messageSid ?? data.sid,
		// Event Streams delivers at least once; its id is the same every time.
		eventId: id,
		error: errorOf(data.errorCode, undefined),
		occurredAt: data.timestamp,
		metadata: data.tags,
	};
	return receivedEvent('twilio', facts, raw, now);
}

/** A channel other than SMS stands before its addresses (https://www.twilio.com/docs/sms/channels). */
const CHANNEL_ADDRESS = /^(whatsapp|messenger|rcs):/;

/** The facts in a status and the two addresses. */
function statusFacts(
	type: ReceivedType = 'unknown',
	word: string,
	from: string | undefined,
	to: string | undefined,
): Pick<Facts, 'channel' | 'confirmation' | 'providerEvent' | 'recipient' | 'status'> & {
	type: ReceivedType;
} {
	const person = type === 'notification.received' ? from : to;
	const channel = [from, to].map((address = '') => CHANNEL_ADDRESS.exec(address)?.[1]);
	return {
		type,
		status: word,
		providerEvent: word,
		channel: channel.find(Boolean) ?? 'sms',
		confirmation: type === 'notification.delivered' ? 'device' : undefined,
		recipient: person?.replace(CHANNEL_ADDRESS, ''),
	};
}

/** Twilio explains each of its codes on a page of its own, and often gives no message. */
function errorOf(code: string | undefined, message: string | undefined): Facts['error'] {
	if (code === undefined || code === '0') return undefined;
	return { code, message: message ?? `https://www.twilio.com/docs/api/errors/${code}` };
}
