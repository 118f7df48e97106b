import { encodeWebhook, type HttpClient, PROFILES, type WebhookEvent } from '@sureping/engine';
import type { Endpoint } from '../store/contract/endpoints.ts';

/** Receiver of a webhook and how to write for it: an endpoint, or the callback of a send. */
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
	| 'previousSecrets'
	| 'headers'
	| 'batch'
>;

/** HTTP clients for URLs of the config file, and for URLs of API callers. */
export interface HttpClients {
	readonly trusted: HttpClient;
	readonly guarded: HttpClient;
}

/** Posts events in one request, signed at `now`. Undefined when there is nothing to send. */
export async function postEvents(
	events: readonly WebhookEvent[],
	to: Destination,
	http: HttpClients,
	now: number,
): Promise<Awaited<ReturnType<HttpClient>> | undefined> {
	const { profile, url, secret, previousSecrets = [], policy } = to;
	if (!canBeSigned(to)) {
		return { failure: 'connection', detail: 'Its API key has no webhook_secret any more' };
	}
	const former = previousSecrets.filter(({ until }) => now < until).map((one) => one.secret);
	const secrets = secret === undefined ? [] : [secret, ...former];
	const message = encodeWebhook(profile, events, { ...to, secrets, now }, to.batch !== undefined);
	if (!message) return undefined;
	const send = to.source === 'config' ? http.trusted : http.guarded;
	const { timeoutMs } = policy;
	const headers = to.headers
		? { ...withoutThoseOf(message.headers, to.headers), ...message.headers }
		: message.headers;
	return await send({ method: 'POST', url, ...message, headers, timeoutMs });
}

/** True if the endpoint has the secret that its profile requires. Without it nothing is posted. */
export function canBeSigned({ profile, secret }: Destination): boolean {
	return secret !== undefined || PROFILES[profile].secret !== 'required';
}

/** Headers of the format take precedence, even one that a later version introduced. */
function withoutThoseOf(
	own: Readonly<Record<string, string>>,
	custom: Readonly<Record<string, string>>,
): Readonly<Record<string, string>> {
	const taken = new Set(Object.keys(own).map((name) => name.toLowerCase()));
	return Object.fromEntries(
		Object.entries(custom).filter(([name]) => !taken.has(name.toLowerCase())),
	);
}

/** True if a request can be made of the event; false means a fault of the runner. */
export function canBeWritten(event: WebhookEvent, to: Destination, now: number): boolean {
	try {
		const secrets = to.secret === undefined ? [] : [to.secret];
		encodeWebhook(to.profile, [event], { ...to, secrets, now }, to.batch !== undefined);
		return true;
	} catch {
		return false;
	}
}

/** The secrets of each endpoint, for as long as its description is the same object. */
const knownSecrets = new WeakMap<Destination, readonly string[]>();

/** Secrets that a request carries and that must not be shown if its answer repeats them. */
export function secretsOf(to: Destination): readonly string[] {
	const known = knownSecrets.get(to) ?? findSecrets(to);
	knownSecrets.set(to, known);
	return known;
}

function findSecrets({ url, headers = {}, secret, previousSecrets = [] }: Destination): string[] {
	const { search, searchParams, username, password } = new URL(url);
	const credentials = [username, password].map(decodeURIComponent).join(':');
	const values = [
		...Object.values(headers).flatMap((value) => [value, ...value.split(' ')]),
		search,
		...searchParams.values(),
		password,
		credentials === ':' ? '' : Buffer.from(credentials).toString('base64'),
		secret ?? '',
		...previousSecrets.map((one) => one.secret),
	];
	return values.filter((value) => value !== '');
}
