import { type HttpClient, type HttpReply, memoized, type TransportFailure } from '@sureping/engine';
import type { LookupFunction } from 'node:net';
import { Agent, type Dispatcher } from 'undici';
import { sharedLookup } from '../shared-lookup.ts';
import type { UrlGuard } from '../url-guard.ts';
import { Exchange } from './exchange.ts';
import { CONNECT_MS, LIMITS } from './limits.ts';

export interface HttpTransport {
	/** For the operator's own URLs, from the config file. */
	readonly trusted: HttpClient;
	/** For URLs that came through the API: each address is checked at the moment of connecting. */
	readonly guarded: HttpClient;
	close(): Promise<void>;
}

/** HTTP over pooled connections, per origin: a connection that was checked for a host serves only that host. */
export function createHttpTransport(guard: UrlGuard): HttpTransport {
	const open = agent({ lookup: sharedLookup() });
	const checked = {
		'https:': agent({ lookup: guard.lookupFor('https:') }),
		'http:': agent({ lookup: guard.lookupFor('http:') }),
	};
	return {
		trusted: (request) => exchange(open, request),
		async guarded(request) {
			const refusal = guard.refuseSpelling(request.url);
			if (refusal) return { failure: 'refused_url', detail: refusal };
			const scheme = partsOf(request.url).isPlain ? 'http:' : 'https:';
			return await exchange(checked[scheme], request);
		},
		async close() {
			await Promise.all([open, ...Object.values(checked)].map((agent) => agent.close()));
		},
	};
}

const agent = (connect: { lookup: LookupFunction }): Agent =>
	new Agent({ ...LIMITS, connect: { timeout: CONNECT_MS, ...connect } });

function exchange(
	dispatcher: Dispatcher,
	{ method, url, headers, body, ...waits }: Parameters<HttpClient>[0],
): Promise<HttpReply | TransportFailure> {
	const { origin, path, credentials } = partsOf(url);
	return new Promise((resolve) => {
		dispatcher.dispatch(
			{
				origin,
				path,
				method,
				headers: { 'user-agent': 'sureping', ...credentials, ...headers },
				body: body ?? null,
				// `Exchange` has one deadline for the whole: a server that sends a byte now and then would reset these.
				headersTimeout: 0,
				bodyTimeout: 0,
			},
			new Exchange(waits, resolve),
		);
	});
}

interface UrlParts {
	readonly origin: string;
	readonly path: string;
	/** Over HTTP without TLS. */
	readonly isPlain: boolean;
	/** A user and password in the operator's own URL, as the header for them (RFC 7617). */
	readonly credentials: Readonly<Record<string, string>>;
}

const partsOf = memoized((url: string): UrlParts => {
	const { origin, protocol, pathname, search, username, password } = new URL(url);
	const pair = [username, password].map(decodeURIComponent).join(':');
	const credentials =
		pair === ':'
			? undefined
			: { authorization: `Basic ${Buffer.from(pair, 'utf8').toString('base64')}` };
	const isPlain = protocol === 'http:';
	return { origin, path: pathname + search, isPlain, credentials: { ...credentials } };
});
