import { createHash } from 'node:crypto';
import { isoTime } from '../../time.ts';
import type { ReceivedEvent } from '../../received-event.ts';
import { MEANINGS, type ReceivedType } from '../../vocabulary.ts';

/** The facts of a provider's payload in our terms; undefined where the payload does not state them. */
export type Facts = {
	readonly [
		K in keyof Omit<
			ReceivedEvent,
			'provider' | 'type' | 'receivedAt' | 'raw' | 'eventId' | 'occurredAt' | 'notificationId'
		>
	]?: ReceivedEvent[K] | undefined;
} & {
	readonly type: ReceivedType;
	/** Undefined or empty for an event about no message, which then gets the event's id. */
	readonly notificationId: string | undefined;
	/** The provider's own id of the event. */
	readonly eventId?: string | undefined;
	/** Where it gives none: the facts that identify this event and stay the same when it is sent again. */
	readonly identity?: readonly unknown[];
	/** Milliseconds since 1970, or a text that `Date` reads; the time of receipt where it says nothing usable. */
	readonly occurredAt?: number | string | undefined;
};

/** Builds an event. Its status, finality and time follow from its type where the facts do not say otherwise. */
export function receivedEvent(
	provider: string,
	{ type, eventId, identity, occurredAt, notificationId, ...facts }: Facts,
	raw: unknown,
	now: number,
): ReceivedEvent {
	const { status, final, metadata, ...others } = facts;
	const id = storable(eventId) || derivedId(provider, identity ?? [raw]);
	const event: ReceivedEvent = {
		eventId: id,
		provider,
		type,
		notificationId: notificationId || id,
		status: status || type.slice(type.lastIndexOf('.') + 1),
		final: final ?? MEANINGS[type].final === true,
		occurredAt: isoTime(timeOf(occurredAt) ?? now),
		receivedAt: isoTime(now),
		metadata: metadata ?? {},
		raw,
	};
	for (const [name, value] of Object.entries(others)) {
		if (value !== undefined && value !== '') Object.assign(event, { [name]: value });
	}
	return event;
}

/** Without NUL, which PostgreSQL takes in no text. */
function storable(id: string | undefined): string | undefined {
	return id?.replaceAll('\0', '\ufffd');
}

const PREFIXES: Partial<Readonly<Record<string, string>>> = {
	'one-ping': 'op',
	sureping: 'op',
};

/** The same for the same identity, whenever and wherever it is computed. */
export function derivedId(provider: string, identity: readonly unknown[]): string {
	const digest = createHash('sha256').update(JSON.stringify(identity)).digest('hex');
	return `${PREFIXES[provider] ?? provider}_${digest.slice(0, 32)}`;
}

/** Milliseconds since 1970; undefined where there is no such time. */
function timeOf(time: number | string | undefined): number | undefined {
	const ms = typeof time === 'string' ? Date.parse(time) : time;
	// Outside the range of a date (ECMA-262, "Time Values and Time Range").
	return ms !== undefined && Math.abs(ms) <= 8.64e15 ? ms : undefined;
}
