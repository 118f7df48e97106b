import { z } from 'zod/v4';
import { fact, kind, part, text } from '../../parse/facts.ts';
import { type Facts } from '../../parse/build-event.ts';
import type { ReceivedType } from '../../../vocabulary.ts';
import { isSignedByParameter, withoutSigning } from './sms.ts';

const party = z.union([z.string().min(1), z.looseObject({ type: text, number: text, id: text })]);
type Party = z.infer<typeof party>;

const error = part({ title: text, detail: text, code: text, reason: text });

/** v1 names its parties by their number or id, v0.1 by an object that says the channel too. */
const message = z.looseObject({
	message_uuid: kind,
	to: fact(party),
	from: fact(party),
	channel: text,
	timestamp: text,
	client_ref: text,
});
const messageStatus = message.extend({
	status: kind,
	error,
});

/** https://developer.vonage.com/en/messages/concepts/messages-status-callbacks */
const STATUSES: ReadonlyMap<string, ReceivedType> = new Map([
	['submitted', 'notification.sent'],
	['delivered', 'notification.delivered'],
	['read', 'notification.read'],
	['rejected', 'notification.failed'],
	['undeliverable', 'notification.failed'],
]);

/** The facts of a status of the Messages API. */
export function statusFacts(raw: Record<string, unknown>): Facts | undefined {
	const { data } = messageStatus.safeParse(raw);
	if (!data) return undefined;
	const { message_uuid: id, status, timestamp, client_ref: reference } = data;
	const type = STATUSES.get(status) ?? 'unknown';
	const recipient = addressOf(data.to);
	const code = data.error?.title ?? data.error?.code;
	return {
		type,
		providerEvent: status,
		notificationId: id,
		identity: [id, status, recipient, timestamp],
		channel: channelOf(data),
		confirmation: type === 'notification.delivered' ? 'device' : undefined,
		recipient,
		error:
			code === undefined
				? undefined
				: { code, message: data.error?.detail ?? data.error?.reason ?? code },
		occurredAt: timestamp,
		metadata: reference === undefined ? undefined : { client_ref: reference },
	};
}

/** A message that came in: it has no status. */
export function inboundFacts(raw: Record<string, unknown>): Facts | undefined {
	const { data } = message.safeParse(raw);
	if (!data) return undefined;
	return {
		type: 'notification.received',
		notificationId: data.message_uuid,
		identity: ['inbound', data.message_uuid],
		channel: channelOf(data),
		recipient: addressOf(data.from),
		occurredAt: data.timestamp,
	};
}

const other = z.looseObject({
	conversation_uuid: text,
	uuid: text,
	status: text,
	timestamp: text,
});

/**
 * Other signed webhooks of Vonage, such as the events of a call
 * (https://developer.vonage.com/en/voice/voice-api/webhook-reference).
 */
export function otherFacts(raw: Record<string, unknown>): Facts {
	const { uuid, conversation_uuid: conversation, status, timestamp } = other.parse(raw);
	return {
		type: 'unknown',
		providerEvent: status,
		notificationId: uuid ?? conversation,
		identity: [isSignedByParameter(raw) ? withoutSigning(raw) : raw],
		occurredAt: timestamp,
	};
}

function addressOf(one: Party | undefined): string | undefined {
	return typeof one === 'object' ? (one.number ?? one.id) : one;
}

function channelOf({ channel, to }: z.infer<typeof message>): string | undefined {
	const name = channel ?? (typeof to === 'object' ? to.type : undefined);
	return name?.startsWith('viber') ? 'viber' : name;
}
