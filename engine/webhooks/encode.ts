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

/** True when the profile has a payload for this event. Builds none to find out. */
export function hasPayloadFor(
	profileId: ProfileId,
	event: WebhookEvent,
	options: FormatOptions,
): boolean {
	return payloadOf(PROFILES[profileId], event, options) !== undefined;
}

/** Builds the event's payload when called; undefined where the profile has no payload for the event. */
function payloadOf(
	profile: Profile,
	event: WebhookEvent,
	options: FormatOptions,
): (() => object) | undefined {
	const { operational, overall } = profile;
	if (isOperational(event)) return operational && (() => operational(event));
	// A profile without such events has no payload for another runner's either.
	if (isOverallType(event.event) && !overall) return undefined;
	if (isForwarded(event)) return profile.payload(event, options);
	if (isOverall(event))
		return overall && (() => overall(profile.carriesAbout ? event : withoutAbout(event)));
	return profile.payload(profile.carriesAbout ? event : withoutAbout(event), options);
}

/**
 * The request that carries these events, signed now: sign anew for every attempt, since receivers refuse old
 * timestamps. Several events, or one of a `batched` endpoint, go as `{"events": […]}`. Undefined where the profile has
 * no payload for one of them.
 */
export function encodeWebhook(
	profileId: ProfileId,
	events: readonly WebhookEvent[],
	signing: Signing,
	batched = false,
): WebhookMessage | undefined {
	const profile: Profile = PROFILES[profileId];
	const payloads: object[] = [];
	for (const event of events) {
		const build = payloadOf(profile, event, signing);
		if (!build) return undefined;
		payloads.push(build());
	}
	const [first] = payloads;
	if (first === undefined) return undefined;
	const payload = batched ? { events: payloads } : first;
	const body = profile.write?.(payload, signing) ?? JSON.stringify(payload);
	const eventId = batched ? undefined : events[0]?.event_id;
	return {
		headers: { 'content-type': 'application/json', ...profile.headers(body, signing, eventId) },
		body,
	};
}
