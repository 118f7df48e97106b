import { type FeedEvent, isAboutMessage } from '../feed-event.ts';
import { hasPayloadFor } from './encode.ts';
import { isOperational, type WantedType, wants, type WebhookEvent } from './operational.ts';
import { type FormatOptions, type ProfileId, PROFILES } from './profiles/index.ts';

/** The part of an endpoint, or of a send's own callback, that decides which events it gets. */
export interface Subscription extends FormatOptions {
	readonly events: readonly WantedType[];
	readonly profile: ProfileId;
	/** A send's own `callback_url` takes this endpoint's place. */
	readonly isDefault: boolean;
}

/** The facts about an event's notification that decide which endpoints get the event. */
export interface Background {
	/** It named a `callback_url`. */
	readonly hasCallback: boolean;
	/** Its events so far; called only where a profile has a last event per notification. */
	earlier(): readonly FeedEvent[];
}

/**
 * The endpoints that an event is owed to, also those that are disabled: they get it when they are enabled again.
 * Nothing is owed where the profile has no payload for the event, or sends nothing more about its notification.
 */
export function subscribersOf<S extends Subscription>(
	event: WebhookEvent,
	{ hasCallback, earlier }: Background,
	endpoints: readonly S[],
): readonly S[] {
	return endpoints.filter((one) => {
		if (!isAskedFor(event, one) || (hasCallback && one.isDefault)) return false;
		if (!hasPayloadFor(one.profile, event, one)) return false;
		if (isOperational(event)) return true;
		const { concludes } = PROFILES[one.profile];
		return !concludes || !earlier().some((past) => isAboutMessage(past) && concludes(past));
	});
}

/** An unreadable event may be of any type, so no filter excludes it. */
function isAskedFor(event: WebhookEvent, { events }: Subscription): boolean {
	return wants(events, event.event) || ('unreadable' in event && event.unreadable === true);
}
