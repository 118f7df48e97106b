import { encodeWebhook, type FeedEvent, type HttpClient, PROFILES } from '@sureping/engine';
import type { Endpoint } from '../store/store.ts';

/** Where a webhook goes and how it is written, for an endpoint and for a send's own callback alike. */
export type Destination = Pick<
	Endpoint,
	| 'url'
	| 'profile'
	| 'signatureInput'
	| 'reportType'
	| 'ack'
	| 'policy'
	| 'source'
	| 'secret'
	| 'previousSecret'
	| 'batch'
>;

/** For URLs from the config file, and for those that came through the API. */
export interface HttpClients {
	readonly trusted: HttpClient;
	readonly guarded: HttpClient;
}

/** Posts events in one request, signed at `now`; undefined when there is nothing that could be sent. */
export async function postEvents(
	events: readonly FeedEvent[],
	to: Destination,
	http: HttpClients,
	now: number,
): Promise<Awaited<ReturnType<HttpClient>> | undefined> {
	const { profile, url, secret, previousSecret, policy } = to;
	if (secret === undefined && PROFILES[profile].secret === 'required') {
		return { failure: 'connection', detail: 'Its API key has no webhook_secret any more' };
	}
	const former = previousSecret && now < previousSecret.until ? [previousSecret.secret] : [];
	const secrets = secret === undefined ? [] : [secret, ...former];
	const message = encodeWebhook(profile, events, { ...to, secrets, now }, to.batch !== undefined);
	if (!message) return undefined;
	const send = to.source === 'config' ? http.trusted : http.guarded;
	const { timeoutMs } = policy;
	return await send({ method: 'POST', url, ...message, timeoutMs });
}
