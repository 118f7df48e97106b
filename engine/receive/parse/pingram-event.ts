import type { Facts } from './build-event.ts';
import type { ReceivedType } from '../../vocabulary.ts';

/** The facts of NotificationAPI's and Pingram's payloads, each with its own schema. */
export interface PingramPayload {
	readonly eventType: string;
	/** One of Pingram's names for a channel; the event type's own is used where there is none. */
	readonly channel?: string | undefined;
	/** The id that the send API answered with. */
	readonly trackingId?: string | undefined;
	readonly userId?: string | undefined;
	readonly failureCode?: string | undefined;
	readonly clickedLink?: string | undefined;
}

/** The last word of an event type. NotificationAPI's payloads say a bare `OPEN` and `CLICK`, its settings `EMAIL_OPEN`. */
const WORDS: Readonly<Record<string, ReceivedType>> = {
	DELIVERED: 'notification.delivered',
	FAILED: 'notification.failed',
	OPEN: 'notification.opened',
	CLICK: 'notification.clicked',
	UNSUBSCRIBE: 'notification.unsubscribed',
	SUBSCRIBE: 'notification.subscribed',
	INBOUND: 'notification.received',
};

/** Pingram's channels (`ChannelsEnum` of npm `pingram`), and the `VOICE` of `VOICE_INBOUND`. */
const CHANNELS: Readonly<Record<string, string>> = {
	EMAIL: 'email',
	SMS: 'sms',
	CALL: 'call',
	VOICE: 'call',
	PUSH: 'push',
	WEB_PUSH: 'web_push',
	INAPP_WEB: 'in_app',
	SLACK: 'slack',
};

/** Opens and clicks of the same message may be real repeats; within this time they are taken for one that was resent. */
const REPEAT_WINDOW_MS = 60_000;

/** The facts of an event of either provider, except its ids and time. */
export function pingramFacts(
	payload: PingramPayload,
): Omit<Facts, 'notificationId' | 'eventId' | 'identity'> {
	const { eventType, failureCode } = payload;
	const [, prefix, word = ''] = /^(?:(.+)_)?([A-Z]+)$/.exec(eventType) ?? [];
	const known = prefix === undefined || Object.hasOwn(CHANNELS, prefix);
	const type = (known && own(WORDS, word)) || 'unknown';
	const named = payload.channel ?? prefix;
	const channel = named === undefined ? undefined : (own(CHANNELS, named) ?? named.toLowerCase());
	return {
		type,
		providerEvent: eventType,
		channel,
		// Pingram calls a phone call delivered that was busy or not answered, and a mail that the mailbox's server took:
		// only a carrier's report on an SMS speaks for the device.
		confirmation:
			type === 'notification.delivered' ? (channel === 'sms' ? 'device' : 'service') : undefined,
		recipient: payload.userId,
		link: payload.clickedLink,
		error:
			failureCode === undefined
				? undefined
				: { code: failureCode, message: `Reported as ${eventType}: ${failureCode}` },
	};
}

/**
 * The content that identifies an event. Opens and clicks have nothing that distinguishes two of them
 * (https://github.com/notificationapi-com/docs/blob/main/docs/features/events-webhook.md), so the minute counts too.
 */
export function pingramIdentity(
	payload: PingramPayload,
	raw: unknown,
	now: number,
): readonly unknown[] {
	const { eventType, trackingId, channel, userId, failureCode, clickedLink } = payload;
	// Without the message's id, only the same words are the same event.
	if (trackingId === undefined) return [raw];
	const repeats = /(?:^|_)(?:OPEN|CLICK)$/.test(eventType);
	const minute = repeats ? Math.floor(now / REPEAT_WINDOW_MS) : undefined;
	return [trackingId, eventType, channel, userId, failureCode, clickedLink, minute];
}

function own<Value>(table: Readonly<Record<string, Value>>, key: string): Value | undefined {
	return Object.hasOwn(table, key) ? table[key] : undefined;
}
