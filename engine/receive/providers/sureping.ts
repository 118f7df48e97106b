import { z } from 'zod/v4';
import type { ReceivedEvent } from '../../received-event.ts';
import { isReceivedType } from '../../vocabulary.ts';
import { explainOnePing } from '../explain/one-ping.ts';
import { receivedEvent } from '../parse/build-event.ts';
import { fact, failure, flag, kind, number, object, text } from '../parse/facts.ts';
import { isObject } from '../parse/json.ts';
import { readOnePingBody } from '../parse/one-ping-event.ts';
import { readOwn } from '../parse/own-event.ts';
import { provider, type ReadContext } from '../provider.ts';
import { verifyOnePing } from '../verify/one-ping.ts';

/**
 * Our own runner's webhooks: One-Ping's format, with our ids and sequence on every event. An event that the runner
 * passes on for another provider reads as if that provider had called here itself, but for the event's id.
 */
export const sureping = provider({
	id: 'sureping',
	parameter: 'sureping',
	title: 'Sureping Runner',
	scheme: {
		proof:
			'X-OnePing-Signature: "sha256=" and the hex HMAC-SHA256 of X-OnePing-Timestamp, a dot and the body',
		secret: "the endpoint's secret, as the runner showed it",
		documentation: 'Sureping, docs/runner/endpoints.md, "Verify a webhook"',
	},
	docs: {
		verifiedBy: 'HMAC, timestamp',
		events: 'all',
		setUp: 'registers itself',
	},
	explain: explainOnePing({
		documentation: 'Sureping, docs/runner/endpoints.md, "Verify a webhook"',
		memberOrder:
			'event status notification_id delivery_id event_id sequence channel recipient metadata timestamp from_channel delivered_at latency_ms attempt confirmation max_attempts next_retry_at bounce_type error attempts first_attempt_at last_attempt_at all_channels_failed',
	}),
	verify: verifyOnePing,
	read: (genuine, context) =>
		readOnePingBody(
			genuine,
			(raw) => readForwarded(raw, context) ?? readOwn('sureping', raw, context.now),
		),
});

/** An event that a runner passes on (`ForwardedEvent`). Its `provider` distinguishes it from an event of ours. */
const forwarded = z.looseObject({
	event: kind,
	provider: kind,
	connection: text,
	notification_id: text,
	event_id: text,
	status: text,
	final: flag,
	timestamp: text,
	metadata: object,
	raw: z.unknown(),
	unreadable: fact(z.literal(true)),
	provider_event: text,
	channel: text,
	recipient: text,
	confirmation: fact(z.enum(['service', 'device'])),
	delivery_id: text,
	sequence: number,
	attempt: number,
	max_attempts: number,
	next_retry_at: text,
	from_channel: text,
	bounce_type: fact(z.enum(['hard', 'soft'])),
	all_channels_failed: flag,
	latency_ms: number,
	error: failure,
	link: text,
	machine: fact(z.literal(true)),
	out_of_order: fact(z.literal(true)),
});

function readForwarded(
	payload: unknown,
	{ now, isKnownProvider }: ReadContext,
): ReceivedEvent | undefined {
	const parsed = forwarded.safeParse(payload);
	if (!parsed.success || !isObject(payload)) return undefined;
	const { event, provider: sender, raw, ...facts } = parsed.data;
	// A newer runner may know more providers and types than this reader.
	const type = isReceivedType(event) ? event : 'unknown';
	return receivedEvent(
		isKnownProvider(sender) ? sender : 'sureping',
		{
			type,
			providerEvent: facts.provider_event ?? (type === event ? undefined : event),
			notificationId: facts.notification_id,
			eventId: facts.event_id,
			deliveryId: facts.delivery_id,
			connection: facts.connection,
			channel: facts.channel,
			status: facts.status,
			final: facts.final,
			confirmation: facts.confirmation,
			recipient: facts.recipient,
			attempt: facts.attempt,
			maxAttempts: facts.max_attempts,
			nextRetryAt: facts.next_retry_at,
			fromChannel: facts.from_channel,
			bounceType: facts.bounce_type,
			allChannelsFailed: facts.all_channels_failed,
			latencyMs: facts.latency_ms,
			error: facts.error,
			link: facts.link,
			machine: facts.machine,
			outOfOrder: facts.out_of_order,
			unreadable: facts.unreadable,
			occurredAt: facts.timestamp,
			sequence: facts.sequence,
			metadata: facts.metadata,
			identity: [payload],
		},
		// Facts that only the provider could state are optional here.
		raw === undefined ? payload : raw,
		now,
	);
}
