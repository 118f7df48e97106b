import { z } from 'zod/v4';
import { oneHeader, isJsonType } from './headers.ts';
import type { ProviderId } from '../providers.ts';
import { signingKey } from '../signing-key.ts';
import { onePingDigest } from '../webhooks/sign.ts';
import { gathered } from './batch.ts';
import { sameBytes } from './compare.ts';
import { anyObject } from '../any-object.ts';
import { isObject, parseJson } from './json.ts';
import { verifyOnePing } from './one-ping-signature.ts';
import {
	type RawRequest,
	type ReceivedEvent,
	type Receiver,
	refuse,
	type Verification,
} from './received.ts';
import { receivedEvent } from './received-event.ts';
import { isReceivedType, type ReceivedType } from './vocabulary.ts';

/** What One-Ping's documented payloads have in common; each type's own fields are optional here, unknown ones kept. */
export const onePingPayload = z.looseObject({
	event: z
		.string()
		.max(100)
		.regex(/^[a-z_]+(\.[a-z_]+)+$/),
	notification_id: z.string().min(1),
	channel: z.string().optional(),
	status: z.string().optional(),
	recipient: z.string().optional(),
	timestamp: z.iso.datetime({ offset: true }),
	metadata: anyObject.optional(),
	attempt: z.number().optional(),
	attempts: z.number().optional(),
	max_attempts: z.number().optional(),
	next_retry_at: z.string().optional(),
	latency_ms: z.number().optional(),
	error: z.object({ code: z.string(), message: z.string() }).optional(),
	from_channel: z.string().optional(),
	bounce_type: z.enum(['hard', 'soft']).optional(),
	all_channels_failed: z.boolean().optional(),
	confirmation: z.enum(['service', 'device']).optional(),
	event_id: z.string().min(1).optional(),
	delivery_id: z.string().optional(),
	sequence: z.number().optional(),
	link: z.string().optional(),
	machine: z.literal(true).optional(),
});
type Payload = z.infer<typeof onePingPayload>;

/**
 * Webhooks in One-Ping's format, from One-Ping or from a runner: one event, or many as `{"events": […]}`, which is
 * what a runner posts to an endpoint that asks for batches. `readOther` reads what has another shape and comes first.
 */
export function onePingReceiver(
	provider: ProviderId,
	schema: z.ZodType<Payload> = onePingPayload,
	readOther: (raw: unknown, now: number) => ReceivedEvent | undefined = () => undefined,
): Receiver {
	const read = (raw: unknown, now: number): ReceivedEvent | undefined =>
		readOther(raw, now) ?? readOnePing(provider, raw, now, schema);
	return {
		verify: verifyOnePing,
		read({ request, payload = parseJson(request.body) }, { now }) {
			if (!isJsonType(request)) return undefined;
			const batch = isObject(payload) && !('event' in payload) ? payload.events : undefined;
			const list: readonly unknown[] = Array.isArray(batch) ? batch : [payload];
			return gathered(list.map((raw) => read(raw, now)));
		},
	};
}

/** One event in One-Ping's flat format; undefined when it is none. */
export function readOnePing(
	provider: ProviderId,
	raw: unknown,
	now: number,
	schema: z.ZodType<Payload> = onePingPayload,
): ReceivedEvent | undefined {
	const parsed = schema.safeParse(raw);
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
			? readGuide(parseJson(genuine.request.body), genuine.request, options.now)
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
	event: z.string().regex(/^message\.[a-z_]+$/),
	timestamp: z.iso.datetime({ offset: true }),
	data: z.looseObject({
		message_id: z.string().min(1),
		channel: z.string().optional(),
		recipient: z.string().optional(),
		status: z.string().optional(),
		error: z.object({ code: z.string(), message: z.string() }).optional(),
	}),
});

function readGuide(raw: unknown, request: RawRequest, now: number): ReturnType<Receiver['read']> {
	const parsed = guidePayload.safeParse(raw);
	if (!isJsonType(request) || !isObject(raw) || !parsed.success) return undefined;
	const { event, timestamp, data } = parsed.data;
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
		identity: [notificationId, event, channel, recipient, timestamp],
	};
	return { events: [receivedEvent('one-ping', facts, raw, now)] };
}

/** What keeps a body from being an event, each as `path: what is wrong`. */
export function missingFacts(
	body: Uint8Array,
	schema: z.ZodType = onePingPayload,
): readonly string[] {
	const payload = parseJson(body);
	if (payload === undefined) return ['the body is not JSON in UTF-8'];
	const issues = schema.safeParse(payload).error?.issues ?? [];
	const facts = issues.map(({ path, message }) => `${path.join('.') || 'the body'}: ${message}`);
	return [...new Set(facts)];
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
			identity: [
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
