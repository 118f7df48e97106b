import { z } from 'zod/v4';
import { type FeedEvent } from '../feed-event.ts';
import type { NewId } from '../ids.ts';
import type { ReceivedType } from '../vocabulary.ts';
import { isReceivedType } from '../vocabulary.ts';
import { isoTime } from '../time.ts';

/** The operational event types, with a description for the person who chooses one. */
export const OPERATIONAL_TYPES = {
	'endpoint.failing': 'Requests to an endpoint have been failing for some time',
	'endpoint.disabled': 'An endpoint gets nothing more; its events are held until it is enabled',
	'endpoint.recovered': 'An endpoint that was failing takes events again',
	'endpoint.enabled': 'An endpoint was enabled; what was held for it is on its way',
} as const;
export type OperationalType = keyof typeof OPERATIONAL_TYPES;

/** `gone`: it answered 410. `failing`: for too long. `requested`: its owner disabled it. */
export const DISABLED_REASONS = ['gone', 'failing', 'requested'] as const;
export type DisabledReason = (typeof DISABLED_REASONS)[number];

/** An operational event as it is stored, listed and posted. Not part of the feed of delivery events. */
export const operationalEventSchema = z.object({
	event: z.enum([
		'endpoint.failing',
		'endpoint.disabled',
		'endpoint.recovered',
		'endpoint.enabled',
	]),
	event_id: z.string(),
	timestamp: z.iso.datetime(),
	endpoint_id: z.string(),
	endpoint_name: z.string(),
	/** Of `endpoint.disabled`. */
	reason: z.enum(DISABLED_REASONS).optional(),
	/** Time of the first failed request of the current series. */
	failing_since: z.iso.datetime().optional(),
	consecutive_failures: z.int().optional(),
	/** Error of the latest failed request. */
	error: z.object({ code: z.string(), message: z.string() }).optional(),
});
export type OperationalEvent = Readonly<z.infer<typeof operationalEventSchema>>;

/** Events that endpoints can receive: delivery events and operational events. */
export type WebhookEvent = FeedEvent | OperationalEvent;
export type WebhookType = ReceivedType | OperationalType;

export function isOperationalType(text: string): text is OperationalType {
	return Object.hasOwn(OPERATIONAL_TYPES, text);
}

export function isOperational(event: WebhookEvent): event is OperationalEvent {
	return isOperationalType(event.event);
}

/** The type of an event that a webhook carries. */
export const webhookTypeSchema = z.string().transform((text, context): WebhookType => {
	if (isReceivedType(text) || isOperationalType(text)) return text;
	context.addIssue('is not an event type; see the table of event types');
	return z.NEVER;
});

/** Every type of delivery event and every event about no single delivery, also those that later versions bring. */
export const ALL_TYPES = '*';
export type WantedType = WebhookType | typeof ALL_TYPES;

/** An endpoint's choice of events: types, or all of them. */
export const wantedTypeSchema = z.string().transform((text, context): WantedType => {
	if (text === ALL_TYPES || isReceivedType(text) || isOperationalType(text)) return text;
	context.addIssue('is not an event type; see the table of event types, or "*" for all of them');
	return z.NEVER;
});

/** True when a list of wanted types includes this one. */
export function wants(events: readonly WantedType[], type: WebhookType): boolean {
	return events.includes(type) || (events.includes(ALL_TYPES) && !isOperationalType(type));
}

/** Makes an event about an endpoint. `now` in milliseconds. */
export function operationalEvent(
	type: OperationalType,
	endpoint: { readonly id: string; readonly name: string },
	facts: Pick<OperationalEvent, 'reason' | 'failing_since' | 'consecutive_failures' | 'error'>,
	now: number,
	newId: NewId,
): OperationalEvent {
	return {
		event: type,
		event_id: newId('evt'),
		timestamp: isoTime(now),
		endpoint_id: endpoint.id,
		endpoint_name: endpoint.name,
		...facts,
	};
}

/** The event in words, for the operator. */
export function operationalText(event: OperationalEvent): string {
	const { endpoint_name: name, failing_since: since, consecutive_failures: failures } = event;
	const history =
		since === undefined ? '' : ` It has failed since ${since}, ${failures ?? 0} requests in a row.`;
	const latest = event.error ? ` ${event.error.message}.` : '';
	switch (event.event) {
		case 'endpoint.failing':
			return `The endpoint "${name}" is failing.${history}${latest}`;
		case 'endpoint.disabled': {
			const why =
				event.reason === 'gone'
					? ' because it answered 410 Gone'
					: event.reason === 'failing'
						? ' because it failed for too long'
						: '';
			return `The endpoint "${name}" was disabled${why}.${history}${latest} Its events are held until it is enabled.`;
		}
		case 'endpoint.recovered':
			return `The endpoint "${name}" takes events again.${history}`;
		case 'endpoint.enabled':
			return `The endpoint "${name}" was enabled; what was held for it is on its way.`;
	}
}
