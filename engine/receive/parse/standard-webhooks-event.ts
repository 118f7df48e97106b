import { z } from 'zod/v4';
import type { ReceivedEvent } from '../../received-event.ts';
import { isReceivedType, type ReceivedType } from '../../vocabulary.ts';
import type { Genuine } from '../verify/verification.ts';
import { receivedEvent } from './build-event.ts';
import { failure, kind, object, text } from './facts.ts';
import { isObject, parseJson } from './json.ts';
import { readOwn } from './own-event.ts';

/** The payload that the specification recommends ("Payload structure"); `data` may be missing, its facts beside `type`. */
const standardWebhooksPayload = z.looseObject({
	type: kind,
	timestamp: text,
	data: z.unknown(),
});
export type StandardWebhooksPayload = z.infer<typeof standardWebhooksPayload>;

/** Facts that senders of delivery reports commonly put in `data`. The specification does not say. */
const commonFacts = z.looseObject({
	notification_id: text,
	message_id: text,
	id: text,
	email_id: text,
	channel: text,
	recipient: text,
	to: text,
	error: failure,
	metadata: object,
});

/** The subjects of a type that make it a delivery report, and the channel that each names. `order.delivered` is none. */
const SUBJECTS: Readonly<Record<string, string | undefined>> = {
	notification: undefined,
	message: undefined,
	email: 'email',
	sms: 'sms',
	whatsapp: 'whatsapp',
	push: 'push',
	call: 'call',
};

/** Translates `email.delivered` and the like into our words. */
function commonType(type: string): { type: ReceivedType; channel?: string | undefined } {
	const words = type.split('.', 8);
	const ours = `notification.${words.at(-1) ?? ''}`;
	const subject = words.slice(0, -1).find((word) => Object.hasOwn(SUBJECTS, word));
	return subject !== undefined && isReceivedType(ours)
		? { type: ours, channel: SUBJECTS[subject] }
		: { type: 'unknown' };
}

/** Reads any sender's payload: our own facts under `data`, common words about messages, all else as `unknown`. */
export function readStandardWebhooks(
	provider: string,
	payload: StandardWebhooksPayload,
	{ id: eventId = '', signedAt }: Genuine,
	raw: Record<string, unknown>,
	now: number,
): ReceivedEvent {
	const { type: providerEvent, timestamp, data } = payload;
	// A runner posts its event whole under `data`.
	if (isObject(data) && data.event === providerEvent) {
		const ours = readOwn(provider, data, now);
		if (ours)
			return { ...ours, eventId: typeof data.event_id === 'string' ? ours.eventId : eventId };
	}
	const facts = commonFacts.parse(isObject(data) ? data : raw);
	const messageId = facts.notification_id ?? facts.message_id ?? facts.id ?? facts.email_id;
	const common = messageId === undefined ? { type: 'unknown' as const } : commonType(providerEvent);
	const known = common.type !== 'unknown';
	return receivedEvent(
		provider,
		{
			...common,
			providerEvent: providerEvent === common.type ? undefined : providerEvent,
			eventId,
			notificationId: messageId ?? eventId,
			channel: facts.channel ?? ('channel' in common ? common.channel : undefined),
			recipient: known ? (facts.recipient ?? facts.to) : undefined,
			error: known ? facts.error : undefined,
			metadata: facts.metadata,
			occurredAt: timestamp ?? signedAt,
		},
		raw,
		now,
	);
}

/** The JSON object in a genuine request, if it has the recommended form. */
export function standardWebhooksBody(
	request: Genuine['request'],
): { payload: StandardWebhooksPayload; raw: Record<string, unknown> } | undefined {
	const raw = parseJson(request.body);
	const parsed = standardWebhooksPayload.safeParse(raw);
	return isObject(raw) && parsed.success ? { payload: parsed.data, raw } : undefined;
}
