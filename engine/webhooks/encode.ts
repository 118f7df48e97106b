import { withoutAbout } from '../about.ts';
import { isOverall, isOverallType } from '../event.ts';
import { isForwarded } from '../feed-event.ts';
import { isOperational, type WebhookEvent } from './operational.ts';
import {
	type FormatOptions,
	type Profile,
	type ProfileId,
	PROFILES,
	type Signing,
	type WebhookMessage,
} from './profiles/index.ts';

/** Whether the format has a word for this event. */
export function tells(profile: ProfileId, event: WebhookEvent, options: FormatOptions): boolean {
	return payloadOf(PROFILES[profile], event, options) !== undefined;
}

function payloadOf(
	format: Profile,
	event: WebhookEvent,
	options: FormatOptions,
): object | undefined {
	if (isOperational(event)) return format.operational?.(event);
	// A format that has no words for such events has none for another runner's either.
	if (isOverallType(event.event) && !format.overall) return undefined;
	if (isForwarded(event)) return format.payload(event, options);
	const told = format.tellsAbout ? event : withoutAbout(event);
	return isOverall(told) ? format.overall?.(told) : format.payload(told, options);
}

/**
 * The request that tells these events, signed now: sign anew for every attempt, since receivers refuse old
 * timestamps. Several events, or one of a `batched` endpoint, go as `{"events": […]}`. Undefined where the format has
 * no word for one of them.
 */
export function encodeWebhook(
	profile: ProfileId,
	events: readonly WebhookEvent[],
	signing: Signing,
	batched = false,
): WebhookMessage | undefined {
	const format: Profile = PROFILES[profile];
	const payloads = events.map((event) => payloadOf(format, event, signing));
	const [first] = payloads;
	if (first === undefined || payloads.includes(undefined)) return undefined;
	const payload = batched ? { events: payloads } : first;
	const body = format.write?.(payload, signing) ?? JSON.stringify(payload);
	const eventId = batched ? undefined : events[0]?.event_id;
	return {
		headers: { 'content-type': 'application/json', ...format.headers(body, signing, eventId) },
		body,
	};
}
