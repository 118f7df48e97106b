import { z } from 'zod/v4';
import { signingKey } from '../../signing/keys.ts';
import { sameBytes } from '../../signing/compare.ts';
import { onePingDigest } from '../../signing/one-ping.ts';
import { isReceivedType } from '../../vocabulary.ts';
import { explainOnePing } from '../explain/one-ping.ts';
import { receivedEvent } from '../parse/build-event.ts';
import { failure, kind, part, text } from '../parse/facts.ts';
import { isObject, parseJson } from '../parse/json.ts';
import { readOnePingBody, readOnePingEvent } from '../parse/one-ping-event.ts';
import { type Draft, provider } from '../provider.ts';
import { oneHeader } from '../verify/headers.ts';
import { verifyOnePing } from '../verify/one-ping.ts';
import { type RawRequest, refuse, type Verification } from '../verify/verification.ts';

/**
 * One-Ping documents two forms: the flat `notification.*` events of its webhook page, and in its guide `message.*` events
 * with their facts under `data`, signed over the bare body in `X-Webhook-Signature`.
 */
export const onePing = provider({
	id: 'one-ping',
	parameter: 'onePing',
	title: 'One-Ping',
	scheme: {
		proof:
			'X-OnePing-Signature: "sha256=" and the hex HMAC-SHA256 of X-OnePing-Timestamp, a dot and the body; or X-Webhook-Signature: the hex HMAC-SHA256 of the body',
		secret: 'the webhook secret of the One-Ping dashboard',
		documentation: 'https://one-ping.com/features/webhooks',
	},
	docs: {
		verifiedBy: 'HMAC, timestamp',
		events: 'delivered, failed, retrying, bounced, fallback',
		setUp: 'paste the URL in its dashboard',
	},
	explain: explainOnePing({
		documentation: 'One-Ping, Webhooks, "Security: Signature Verification"',
		memberOrder:
			'event notification_id channel from_channel status recipient delivered_at latency_ms attempt max_attempts next_retry_at bounce_type error attempts first_attempt_at last_attempt_at metadata timestamp',
	}),
	verify: (request, secrets, options) =>
		isGuideForm(request) ? verifyGuide(request, secrets) : verifyOnePing(request, secrets, options),
	read: (genuine, { now }) =>
		isGuideForm(genuine.request)
			? readGuide(parseJson(genuine.request.body), now)
			: readOnePingBody(genuine, (raw) => readOnePingEvent('one-ping', raw, now)),
});

const BARE_HEX = /^[0-9a-f]{64}$/i;

function isGuideForm(request: RawRequest): boolean {
	const signature = oneHeader(request, 'x-webhook-signature')?.trim() ?? '';
	return BARE_HEX.test(signature) && request.headers['x-oneping-signature'] === undefined;
}

/** The age of such a request is unknown: the guide's scheme has no timestamp. A repeat is known by its event. */
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

function readGuide(raw: unknown, now: number): Draft | undefined {
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
