import { z } from 'zod/v4';
import type { ProviderId } from '../../providers.ts';
import { failure, kind, object, text } from '../parse/facts.ts';
import { isObject, parseJson } from '../parse/json.ts';
import type { Genuine, ReceivedEvent, Receiver, ReceiveOptions } from '../received.ts';
import { receivedEvent } from '../parse/build-event.ts';
import { verifyStandardWebhooks, WEBHOOK_HEADERS } from '../verify/standard-webhooks.ts';
import { readOwn } from './sureping.ts';
import { isReceivedType, type ReceivedType } from '../../vocabulary.ts';

/** The payload that the specification recommends ("Payload structure"); `data` may be missing, its facts beside `type`. */
export const standardWebhooksPayload = z.looseObject({
	type: kind,
	timestamp: text,
	data: z.unknown(),
});
export type StandardWebhooksPayload = z.infer<typeof standardWebhooksPayload>;

/** What senders of delivery reports commonly put in `data`. The specification does not say. */
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

/** What a type must be about to be a delivery report, and the channel that it names. `order.delivered` is none. */
const SUBJECTS: Readonly<Record<string, string | undefined>> = {
	notification: undefined,
	message: undefined,
	email: 'email',
	sms: 'sms',
	whatsapp: 'whatsapp',
	push: 'push',
	call: 'call',
};

/** What `email.delivered` and the like mean in our words. */
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
	provider: ProviderId,
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

/**
 * Standard Webhooks of any sender. A secret is `whsec_` and base64 (the prefix may be missing), or for asymmetric
 * signatures the sender's public key, `whpk_` and base64.
 */
export const standardWebhooks: Receiver = {
	verify: (request, secrets, options) =>
		verifyStandardWebhooks(WEBHOOK_HEADERS, request, secrets, options),
	read(genuine: Genuine, { now }: ReceiveOptions) {
		const body = standardWebhooksBody(genuine.request);
		return (
			body && {
				events: [readStandardWebhooks('standard-webhooks', body.payload, genuine, body.raw, now)],
			}
		);
	},
};
