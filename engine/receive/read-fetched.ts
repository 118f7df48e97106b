import { otpiq } from './providers/otpiq.ts';
import { pingram } from './providers/pingram.ts';
import type { Reading, Receiver } from './received.ts';
import { sureping } from './providers/sureping.ts';
import { completed } from './complete-reading.ts';

/** Providers that can be asked for what their webhooks tell. */
const RECEIVERS = { sureping, pingram, otpiq } as const satisfies Readonly<
	Record<string, Receiver>
>;
export type FetchedProvider = keyof typeof RECEIVERS;

export interface FetchedOptions {
	/** Milliseconds since 1970: when it was fetched, or when it happened where the provider's events are told apart by it. */
	readonly now: number;
	/** What the provider's webhook would have as the id of its request. */
	readonly id?: string | undefined;
}

/**
 * Reads a payload in the form of a provider's webhook that a host fetched itself, from whom its connection proves:
 * nothing signs it. Its events are those that the webhook gives, their ids included.
 */
export function readFetched(
	provider: FetchedProvider,
	payload: unknown,
	{ now, id }: FetchedOptions,
): Reading {
	const body = new TextEncoder().encode(JSON.stringify(payload));
	const request = { method: 'POST', url: '/', headers: {}, body };
	const genuine = { ok: true, request, ...(id === undefined ? {} : { id }) } as const;
	return completed(provider, genuine, RECEIVERS[provider].read(genuine, { now }), { now });
}
