import type { FeedEvent, OperationalEvent, ReceivedType } from '@sureping/engine';

/** The feeds of delivery events and of operational events, in commit order. */
export interface Feed {
	/** Delivery events after `cursor`. Undefined when the cursor is not one of ours. */
	read(
		cursor: string | undefined,
		limit: number,
		types?: readonly ReceivedType[],
	): Promise<EventPage | undefined>;
	/** Operational events after `cursor`. Undefined when the cursor is not one of ours. */
	readOperational(
		cursor: string | undefined,
		limit: number,
	): Promise<EventPage<OperationalEvent> | undefined>;
	/** The cursor before the first event stored at or after `time` (milliseconds since 1970); the end where there is none. */
	cursorSince(time: number): Promise<string>;
	/** The origin of one of our events; undefined for an event that is not stored here or not about a notification. */
	origin(eventId: string): Promise<EventOrigin | undefined>;
}

export interface EventPage<Event = FeedEvent> {
	readonly events: readonly Event[];
	/** Start of the next page; also when this one is empty. */
	readonly nextCursor: string;
	/** Events after the cursor were removed; the page is then empty and `nextCursor` starts at the oldest event. */
	readonly isPruned?: true;
}

/** The notification behind an event, for the sends that follow from it. */
export interface EventOrigin {
	readonly notificationId: string;
	/** `Notification.depth` of its notification. */
	readonly depth: number;
	/** Its notification is still stored. */
	readonly isKept: boolean;
	/** A loop was stopped at this notification before, with an event. */
	readonly isStopped: boolean;
}
