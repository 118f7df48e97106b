import type { HttpClient, HttpReply, TransportFailure } from '@sureping/engine';
import { Agent, type Dispatcher, errors } from 'undici';
import { RefusedAddress, type UrlGuard } from './url-guard.ts';

/** More of an answer than this says nothing more about success or failure. */
const MOST_BODY_BYTES = 64 * 1024;

const LIMITS = {
	/**
	 * Per origin; more than the workers have under way together. Fewer, and requests that hang would keep others of the same
	 * host waiting here, behind the back of the queues that share fairly.
	 */
	connections: 512,
	pipelining: 1,
	/** Bytes of an answer's header section. */
	maxHeaderSize: 16 * 1024,
	// One protocol, so that these limits hold whatever a server offers.
	allowH2: false,
} as const;

export interface HttpTransport {
	/** For the operator's own URLs, from the config file. */
	readonly trusted: HttpClient;
	/** For URLs that came through the API: each address is checked at the moment of connecting. */
	readonly guarded: HttpClient;
	close(): Promise<void>;
}

/** Connections are pooled per origin, so one that was checked for a host serves that host alone. */
export function createHttpTransport(guard: UrlGuard): HttpTransport {
	const open = new Agent(LIMITS);
	const checked = {
		'https:': new Agent({ ...LIMITS, connect: { lookup: guard.lookupFor('https:') } }),
		'http:': new Agent({ ...LIMITS, connect: { lookup: guard.lookupFor('http:') } }),
	};
	return {
		trusted: (request) => exchange(open, request),
		async guarded(request) {
			const refusal = guard.refuseSpelling(request.url);
			if (refusal) return { failure: 'refused_url', detail: refusal };
			const scheme = new URL(request.url).protocol === 'http:' ? 'http:' : 'https:';
			return await exchange(checked[scheme], request);
		},
		async close() {
			await Promise.all([open, ...Object.values(checked)].map((agent) => agent.close()));
		},
	};
}

async function exchange(
	dispatcher: Dispatcher,
	{ method, url, headers, body, timeoutMs }: Parameters<HttpClient>[0],
): Promise<HttpReply | TransportFailure> {
	// For the whole exchange: a server that sends a byte now and then resets every timeout but this one.
	const deadline = new AbortController();
	// Ended with the exchange: AbortSignal.timeout would keep all of it in memory until the time is over.
	const timer = setTimeout(() => deadline.abort(), timeoutMs);
	try {
		const { credentials, ...target } = splitUrl(url);
		const response = await dispatcher.request({
			...target,
			method,
			headers: { 'user-agent': 'sureping', ...credentials, ...headers },
			body: body ?? null,
			signal: deadline.signal,
			headersTimeout: timeoutMs,
			bodyTimeout: timeoutMs,
		});
		return {
			status: response.statusCode,
			headers: flatten(response.headers),
			body: await readStart(response.body),
		};
	} catch (error) {
		return deadline.signal.aborted || isTimeout(error)
			? { failure: 'timeout', detail: `${timeoutMs / 1000} seconds` }
			: describe(error);
	} finally {
		clearTimeout(timer);
	}
}

/** A user and password in the operator's own URL become the header that they stand for (RFC 7617). */
function splitUrl(url: string): {
	origin: string;
	path: string;
	credentials: Record<string, string>;
} {
	const { origin, pathname, search, username, password } = new URL(url);
	const pair = [username, password].map(decodeURIComponent).join(':');
	const credentials =
		pair === ':'
			? undefined
			: { authorization: `Basic ${Buffer.from(pair, 'utf8').toString('base64')}` };
	return { origin, path: pathname + search, credentials: { ...credentials } };
}

function flatten(headers: Record<string, string | string[] | undefined>): Record<string, string> {
	const flat: Record<string, string> = {};
	for (const [name, value] of Object.entries(headers)) {
		if (value !== undefined) flat[name] = Array.isArray(value) ? value.join(', ') : value;
	}
	return flat;
}

/** The first 64 KiB; the rest is left unread and its connection closed. */
async function readStart(body: AsyncIterable<Buffer>): Promise<string> {
	const chunks: Buffer[] = [];
	let size = 0;
	for await (const chunk of body) {
		chunks.push(chunk);
		size += chunk.length;
		if (size >= MOST_BODY_BYTES) break;
	}
	return Buffer.concat(chunks).subarray(0, MOST_BODY_BYTES).toString('utf8');
}

function isTimeout(error: unknown): boolean {
	return (
		error instanceof errors.ConnectTimeoutError ||
		error instanceof errors.HeadersTimeoutError ||
		error instanceof errors.BodyTimeoutError
	);
}

/** Only the system's error code is told: messages of the network stack can hold the URL, and URLs hold secrets. */
function describe(error: unknown): TransportFailure {
	if (error instanceof RefusedAddress) return { failure: 'refused_url', detail: error.message };
	if (error instanceof errors.HeadersOverflowError) {
		const detail = `its answer has more than ${LIMITS.maxHeaderSize / 1024} KiB of headers`;
		return { failure: 'connection', detail };
	}
	const code = error instanceof Error && 'code' in error ? String(error.code) : 'no answer';
	return { failure: 'connection', detail: code };
}
