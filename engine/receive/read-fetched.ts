import { completeReading, type Reading } from './complete-reading.ts';
import { isProviderId, type ProviderId, PROVIDERS } from './providers/index.ts';

/** Providers that can be asked for the events that their webhooks report. */
export type FetchedProvider = Extract<ProviderId, 'sureping' | 'pingram' | 'otpiq'>;

export interface FetchedOptions {
	/** Milliseconds since 1970: the time of the fetch, or of the event where the time is part of its id. */
	readonly now: number;
	/** The id that the request of the provider's webhook would have. */
	readonly id?: string | undefined;
}

/**
 * Reads a payload in the form of a provider's webhook that a host fetched itself. It is not signed; the TLS connection
 * proves its origin. Its events are those that the webhook gives, their ids included.
 */
export function readFetched(
	provider: FetchedProvider,
	payload: unknown,
	{ now, id }: FetchedOptions,
): Reading {
	const body = new TextEncoder().encode(JSON.stringify(payload));
	const request = { method: 'POST', url: '/', headers: {}, body };
	const genuine = { ok: true, request, ...(id === undefined ? {} : { id }) } as const;
	const draft = PROVIDERS[provider].read(genuine, { now, isKnownProvider: isProviderId });
	return completeReading(provider, genuine, draft, { now });
}
