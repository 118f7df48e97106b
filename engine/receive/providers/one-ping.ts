import { z } from 'zod/v4';
import { fact, failure, flag, kind, number, object, part, text } from '../parse/facts.ts';
import { oneHeader } from '../verify/headers.ts';
import type { ProviderId } from '../../providers.ts';
import { signingKey } from '../../signing/keys.ts';
import { onePingDigest } from '../../signing/one-ping.ts';
import { readBatch } from '../parse/batch.ts';
import { sameBytes } from '../../signing/compare.ts';
import { isObject, parseJson } from '../parse/json.ts';
import { verifyOnePing } from '../verify/one-ping.ts';
import {
	type RawRequest,
	type ReceivedEvent,
	type Receiver,
	refuse,
	type Verification,
} from '../received.ts';
import { receivedEvent } from '../parse/build-event.ts';
import { isReceivedType, type ReceivedType } from '../../vocabulary.ts';

/** What One-Ping's documented payloads and a runner's have. */
const onePingPayload = z.looseObject({
	event: kind,
	notification_id: text,
	channel: text,
	status: text,
	recipient: text,
	timestamp: text,
	metadata: object,
	attempt: number,
	attempts: number,
	max_attempts: number,
	next_retry_at: text,
	latency_ms: number,
	error: failure,
	from_channel: text,
	bounce_type: fact(z.enum(['hard', 'soft'])),
	all_channels_failed: flag,
	confirmation: fact(z.enum(['service', 'device'])),
	event_id: text,
	delivery_id: text,
	sequence: number,
	link: text,
	machine: fact(z.literal(true)),
});
type Payload = z.infer<typeof onePingPayload>;

/**
 * Webhooks in One-Ping's format, from One-Ping or from a runner: one event, or many as `{"events": […]}`, which is
 * what a runner posts to an endpoint that asks for batches. `readOther` reads what has another shape and comes first.
 */
export function onePingReceiver(
	provider: ProviderId,
	readOther: (raw: unknown, now: number) => ReceivedEvent | undefined = () => undefined,
): Receiver {
	const read = (raw: unknown, now: number): ReceivedEvent | undefined =>
		readOther(raw, now) ?? readOnePing(provider, raw, now);
	return {
		verify: verifyOnePing,
		read({ request, payload = parseJson(request.body) }, { now }) {
			const batch = isObject(payload) && !('event' in payload) ? payload.events : undefined;
			if (Array.isArray(batch)) return readBatch(batch, (raw) => read(raw, now));
			const event = read(payload, now);
			return event && { events: [event] };
		},
	};
}

/** One event in One-Ping's flat format; undefined when it is none. */
export function readOnePing(
	provider: ProviderId,
	raw: unknown,
	now: number,
): ReceivedEvent | undefined {
	const parsed = onePingPayload.safeParse(raw);
	return isObject(raw) && parsed.success ? normalise(provider, parsed.data, raw, now) : undefined;
}

const flat = onePingReceiver('one-ping');

/**
 * One-Ping documents two forms: the flat `notification.*` events of its webhook page, and in its guide `message.*` events
 * with their facts under `data`, signed over the bare body in `X-Webhook-Signature`.
 */
export const onePing: Receiver = {
	verify: (request, secrets, options) =>
		isGuideForm(request) ? verifyGuide(request, secrets) : flat.verify(request, secrets, options),
	read: (genuine, options) =>
		isGuideForm(genuine.request)
			? readGuide(parseJson(genuine.request.body), options.now)
			: flat.read(genuine, options),
};

const BARE_HEX = /^[0-9a-f]{64}$/i;

function isGuideForm(request: RawRequest): boolean {
	const signature = oneHeader(request, 'x-webhook-signature')?.trim() ?? '';
	return BARE_HEX.test(signature) && request.headers['x-oneping-signature'] === undefined;
}

/** Nothing tells how old such a request is: the guide's scheme has no timestamp. A repeat is known by its event. */
function verifyGuide(request: RawRequest, secrets: readonly string[]): Verification {
	const claimed = Buffer.from(oneHeader(request, 'x-webhook-signature')?.trim() ?? '', 'hex');
	const genuine = secrets.some(
		(secret) =>
			secret !== '' &&
			sameBytes(claimed, onePingDigest(signingKey(secret), '', request.body, 'body-only')),
	);
	return genuine ? { ok: true, request } : refuse('bad_signature');
}

/** The guide's payload ("How Webhooks Work", step 4). */
const guidePayload = z.looseObject({
	event: kind,
	timestamp: text,
	data: part({ message_id: text, channel: text, recipient: text, status: text, error: failure }),
});

function readGuide(raw: unknown, now: number): ReturnType<Receiver['read']> {
	const parsed = guidePayload.safeParse(raw);
	if (!isObject(raw) || !parsed.success) return undefined;
	const { event, timestamp, data = {} } = parsed.data;
	const type = event.replace(/^message/, 'notification');
	const known = isReceivedType(type) ? type : 'unknown';
	const { message_id: notificationId, channel, recipient, error } = data;
	const facts = {
		type: known,
		providerEvent: event,
		notificationId,
		channel,
		recipient,
		error,
		occurredAt: timestamp,
		identity:
			notificationId === undefined ? [raw] : [notificationId, event, channel, recipient, timestamp],
	};
	return { events: [receivedEvent('one-ping', facts, raw, now)] };
}

/** A recipient opens a mail and follows its links as often as they like. */
function isRepeatable(type: ReceivedType): boolean {
	return /\.(?:opened|clicked|read)$/.test(type);
}

function normalise(
	provider: ProviderId,
	payload: Payload,
	raw: Record<string, unknown>,
	now: number,
): ReceivedEvent {
	const { event, notification_id: notificationId, channel, recipient } = payload;
	const type = isReceivedType(event) ? event : 'unknown';
	const attempt = payload.attempt ?? payload.attempts;
	return receivedEvent(
		provider,
		{
			type,
			providerEvent: type === 'unknown' ? event : undefined,
			notificationId,
			eventId: payload.event_id,
			// One-Ping gives no event id and advises to deduplicate by notification and event, which would merge two channels
			// and two retries. So the channel, the attempt and the recipient count too. Headers do not: they are not signed.
			identity:
				notificationId === undefined
					? [raw]
					: [
							...[notificationId, event, channel, attempt, recipient],
							...(isRepeatable(type) ? [payload.link, payload.timestamp] : []),
						],
			deliveryId: payload.delivery_id,
			channel,
			status: type === 'unknown' ? undefined : payload.status,
			confirmation: payload.confirmation,
			recipient,
			attempt,
			maxAttempts: payload.max_attempts,
			nextRetryAt: payload.next_retry_at,
			fromChannel: payload.from_channel,
			bounceType: payload.bounce_type,
			allChannelsFailed: payload.all_channels_failed,
			latencyMs: payload.latency_ms,
			error: payload.error,
			link: payload.link,
			machine: payload.machine,
			occurredAt: payload.timestamp,
			sequence: payload.sequence,
			metadata: payload.metadata,
		},
		raw,
		now,
	);
}
