import type { Opening } from '../contract/incidents.ts';
import type { Acceptance } from '../contract/sends.ts';

/** A request for a notification or an incident, as its idempotency key and its quota see it. */
export interface KeyedRequest extends Pick<
	Acceptance,
	'apiKey' | 'idempotency' | 'quota' | 'answer'
> {
	/** Milliseconds since 1970. */
	readonly at: number;
}

export const sendRequest = (acceptance: Acceptance): KeyedRequest => {
	const { apiKey, idempotency, quota, answer, transition } = acceptance;
	return { apiKey, idempotency, quota, answer, at: transition.notification.createdAt };
};

export const openingRequest = (opening: Opening): KeyedRequest => {
	const { apiKey, idempotency, quota, answer, transition } = opening;
	return { apiKey, idempotency, quota, answer, at: transition.incident.openedAt };
};
