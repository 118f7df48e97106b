import type { HttpClient, HttpReply, TransportFailure } from '@sureping/engine';
import type { IncomingHttpHeaders } from 'node:http';
import type { LookupFunction } from 'node:net';
import { Agent, type Dispatcher, errors } from 'undici';
import { Deadline } from '../deadline.ts';
import { localFault } from '../local-fault.ts';
import { sharedLookup } from '../shared-lookup.ts';
import { withProxyNote } from '../proxy-note.ts';
import { RefusedAddress, type UrlGuard } from '../url-guard.ts';

/** More of an answer than this says nothing more about success or failure. */
const MOST_BODY_BYTES = 64 * 1024;

/** For a connection, whatever an attempt's own time is: a network that answers takes far less. */
const CONNECT_MS = 10_000;

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
			const scheme = new URL(request.url).protocol === 'http:' ? 'http:' : 'https:';
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
	{ method, url, headers, body, timeoutMs }: Parameters<HttpClient>[0],
): Promise<HttpReply | TransportFailure> {
	const { credentials, ...target } = splitUrl(url);
	return new Promise((resolve) => {
		dispatcher.dispatch(
			{
				...target,
				method,
				headers: { 'user-agent': 'sureping', ...credentials, ...headers },
				body: body ?? null,
				// One deadline for the whole exchange, below: a server that sends a byte now and then resets every other.
				headersTimeout: 0,
				bodyTimeout: 0,
			},
			new Exchange(timeoutMs, resolve),
		);
	});
}

/**
 * One request and what comes back. undici's `request` would make a stream of the body and a signal of the deadline, which
 * costs as much as the exchange itself (docs/design/performance.md).
 */
class Exchange implements Dispatcher.DispatchHandler {
	private readonly timeoutMs: number;
	private readonly deadline: Deadline;
	private resolve: ((result: HttpReply | TransportFailure) => void) | undefined;
	private controller: Dispatcher.DispatchController | undefined;
	private status = 0;
	private headers: IncomingHttpHeaders = {};
	private readonly chunks: Buffer[] = [];
	/** Bytes of the body, and of interim answers before it. */
	private size = 0;

	constructor(timeoutMs: number, resolve: (result: HttpReply | TransportFailure) => void) {
		this.timeoutMs = timeoutMs;
		this.resolve = resolve;
		this.deadline = new Deadline(timeoutMs, () => this.abandon(this.answered() ?? this.timeout()));
	}

	onRequestStart(controller: Dispatcher.DispatchController): void {
		this.controller = controller;
		// Its time was over while it waited for a connection.
		if (!this.resolve) controller.abort(new Abandoned());
	}

	onResponseStart(
		_: Dispatcher.DispatchController,
		status: number,
		headers: IncomingHttpHeaders,
	): void {
		// The real one is still to come after an interim one (RFC 9110 section 15.2), whose place it takes.
		this.status = status;
		this.headers = headers;
		if (status >= 200) {
			this.size = 0;
			return;
		}
		this.size += sizeOf(headers);
		// There may be any number of them, and none is a word on the request.
		if (this.size >= MOST_BODY_BYTES) this.abandon(TOO_MANY_INTERIM);
	}

	onResponseData(_: Dispatcher.DispatchController, chunk: Buffer): void {
		this.chunks.push(chunk);
		this.size += chunk.length;
		// The rest is left unread and its connection closed.
		if (this.size >= MOST_BODY_BYTES) this.abandon(this.reply());
	}

	onResponseEnd(): void {
		this.end(this.reply());
	}

	onResponseError(_: Dispatcher.DispatchController, error: Error): void {
		this.end(this.answered() ?? describe(error));
	}

	/**
	 * The answer as far as it came, once its status has. A body that is cut off or never ends takes back nothing: after a 2xx
	 * the request was taken, and asking again would repeat it.
	 */
	private answered(): HttpReply | undefined {
		return this.status >= 200 ? this.reply() : undefined;
	}

	private reply(): HttpReply {
		const { status, headers, chunks } = this;
		const start = Buffer.concat(chunks).subarray(0, MOST_BODY_BYTES);
		return { status, headers: flatten(headers), body: start.toString('utf8') };
	}

	private timeout(): TransportFailure {
		return { failure: 'timeout', detail: `${this.timeoutMs / 1000} seconds` };
	}

	private abandon(result: HttpReply | TransportFailure): void {
		this.end(result);
		this.controller?.abort(new Abandoned());
	}

	private end(result: HttpReply | TransportFailure): void {
		this.deadline.clear();
		this.resolve?.(result);
		this.resolve = undefined;
	}
}

const TOO_MANY_INTERIM: TransportFailure = {
	failure: 'connection',
	detail: `it sent more than ${MOST_BODY_BYTES / 1024} KiB of interim answers (1xx) and no final one`,
};

/** Bytes of an answer's head, about: as HTTP/1.1 writes it, with its status line. */
function sizeOf(headers: IncomingHttpHeaders): number {
	const lines = Object.entries(headers).flatMap(([name, value = '']) =>
		[value].flat().map((one) => name.length + one.length + ': \r\n'.length),
	);
	return lines.reduce((sum, length) => sum + length, 'HTTP/1.1 103 \r\n\r\n'.length);
}

/** Nobody waits for the rest. */
class Abandoned extends Error {
	override readonly name = 'Abandoned';
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

function flatten(headers: IncomingHttpHeaders): Record<string, string> {
	const flat: Record<string, string> = {};
	for (const [name, value] of Object.entries(headers)) {
		if (value !== undefined) flat[name] = Array.isArray(value) ? value.join(', ') : value;
	}
	return flat;
}

/** No connection was made, as behind a firewall that lets only a proxy out. */
const NOT_CONNECTED: ReadonlySet<string> = new Set([
	...['ECONNREFUSED', 'ENOTFOUND', 'ETIMEDOUT', 'EHOSTUNREACH', 'EHOSTDOWN', 'ECONNABORTED'],
]);

/** Only the system's error code is told: messages of the network stack can hold the URL, and URLs hold secrets. */
function describe(error: unknown): TransportFailure {
	if (error instanceof RefusedAddress) return { failure: 'refused_url', detail: error.message };
	if (error instanceof errors.HeadersOverflowError) {
		const detail = `its answer has more than ${LIMITS.maxHeaderSize / 1024} KiB of headers`;
		return { failure: 'connection', detail };
	}
	if (error instanceof errors.ConnectTimeoutError) {
		const detail = `${CONNECT_MS / 1000} seconds, while connecting`;
		return withProxyNote({ failure: 'timeout', detail });
	}
	const ours = localFault(error);
	if (ours) return ours.failure === 'offline' ? withProxyNote(ours) : ours;
	const code = error instanceof Error && 'code' in error ? String(error.code) : 'no answer';
	const failure = { failure: 'connection', detail: code } as const;
	return NOT_CONNECTED.has(code) ? withProxyNote(failure) : failure;
}
