import { z } from 'zod/v4';
import { isOverallType } from '../../event.ts';
import type { ReceivedEvent } from '../../received-event.ts';
import { isReceivedType } from '../../vocabulary.ts';
import { readAbout } from './about.ts';
import { receivedEvent } from './build-event.ts';
import { fact, kind, number, object, text } from './facts.ts';
import { isObject } from './json.ts';
import { readOnePingEvent } from './one-ping-event.ts';

/** An event about no single delivery. A newer runner may have more types of them than this reader knows. */
const overallPayload = z.looseObject({
	event: kind,
	event_id: text,
	timestamp: text,
	sequence: number,
	metadata: object,
	notification_id: text,
	incident_id: text,
	ask_id: text,
	check_in: text,
	status: text,
	in_reply_to: text,
	deliveries: fact(
		z.array(
			z.object({
				channel: z.string(),
				connection: z.string(),
				recipient: z.string(),
				error: z.object({ code: z.string(), message: z.string() }),
			}),
		),
	),
	dedup_key: text,
	policy: text,
	step: number,
	round: number,
	pages: fact(
		z.array(
			z.object({
				notification_id: z.string(),
				contact_id: z.string().optional(),
				on_call: z.string().optional(),
				channels: z.array(z.string()),
			}),
		),
	),
	problems: fact(z.array(z.object({ notify: z.string(), message: z.string() }))),
	by: text,
	via: text,
	via_channel: text,
	note: text,
	reason: text,
});

/** One of a runner's own events, as it posts them itself or under `data`; undefined for anything else. */
export function readOwn(provider: string, raw: unknown, now: number): ReceivedEvent | undefined {
	const found = readOverall(provider, raw, now) ?? readOnePingEvent(provider, raw, now);
	return found && { ...found, ...readAbout(raw) };
}

function readOverall(provider: string, raw: unknown, now: number): ReceivedEvent | undefined {
	const parsed = overallPayload.safeParse(raw);
	if (!isObject(raw) || !parsed.success || 'delivery_id' in raw) return undefined;
	const { event, ...facts } = parsed.data;
	// Types of single deliveries have to say which one.
	if (isReceivedType(event) && !isOverallType(event)) return undefined;
	const type = isOverallType(event) ? event : 'unknown';
	return receivedEvent(
		provider,
		{
			type,
			providerEvent: type === 'unknown' ? event : undefined,
			notificationId: facts.notification_id,
			incidentId: facts.incident_id,
			askId: facts.ask_id,
			checkIn: facts.check_in,
			eventId: facts.event_id,
			status: type === 'unknown' ? undefined : facts.status,
			deliveries: facts.deliveries,
			dedupKey: facts.dedup_key,
			policy: facts.policy,
			step: facts.step,
			round: facts.round,
			pages: facts.pages?.map((page) => ({
				notificationId: page.notification_id,
				...(page.contact_id === undefined ? {} : { contactId: page.contact_id }),
				...(page.on_call === undefined ? {} : { onCall: page.on_call }),
				channels: page.channels,
			})),
			problems: facts.problems,
			by: facts.by,
			via: facts.via,
			viaChannel: facts.via_channel,
			note: facts.note,
			reason: facts.reason,
			inReplyTo: facts.in_reply_to,
			occurredAt: facts.timestamp,
			sequence: facts.sequence,
			metadata: facts.metadata,
		},
		raw,
		now,
	);
}
