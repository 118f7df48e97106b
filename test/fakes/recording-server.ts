import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A request as a fake received it. */
export interface RecordedRequest {
	/** Milliseconds since 1970 at which the whole body had arrived. */
	readonly at: number;
	readonly method: string;
	/** With the query string, if any. */
	readonly path: string;
	readonly headers: IncomingHttpHeaders;
	/** The body as UTF-8 text, and the bytes that came. */
	readonly body: string;
	readonly bytes: Buffer;
}

/** A scripted answer to one request, instead of what the fake would say by itself. */
export interface ScriptedAnswer {
	readonly status?: number;
	readonly body?: string;
	readonly headers?: Readonly<Record<string, string>>;
	/** Seconds, as the `Retry-After` header, or as the vendor tells it. */
	readonly retryAfter?: number;
	/** Take the request and never answer. */
	readonly hang?: true;
	/** Take the request and drop the connection. */
	readonly reset?: true;
}

export interface Answer {
	readonly status: number;
	readonly headers?: Readonly<Record<string, string>>;
	readonly body: string;
	/** It tells the wait as its vendor does, which sends no `Retry-After`. */
	readonly tellsWait?: true;
}

export interface RecordingServer {
	readonly url: string;
	/** The newest requests, oldest first; never more than `MOST_REQUESTS`. */
	readonly requests: readonly RecordedRequest[];
	/** Queues answers for the next requests, in order. */
	answer(...next: ScriptedAnswer[]): void;
	/** Resolves once this many requests in all have arrived. */
	received(count: number): Promise<void>;
	close(): Promise<void>;
}

const MOST_REQUESTS = 20_000;
const LARGEST_BODY = 4 * 1024 * 1024;

/**
 * An HTTP server on a free port of 127.0.0.1 that records what it gets and answers with `reply`, or with the answers
 * that a test queued. `fill` completes a queued answer's headers and body as the vendor words them.
 */
export async function startRecordingServer(
	reply: (request: RecordedRequest) => Answer,
	fill: (answer: ScriptedAnswer, request: RecordedRequest) => Answer = plain,
): Promise<RecordingServer> {
	const requests: RecordedRequest[] = [];
	const scripted: ScriptedAnswer[] = [];
	const waiting: { count: number; resolve: () => void }[] = [];
	let total = 0;

	const record = (request: RecordedRequest): void => {
		requests.push(request);
		if (requests.length > MOST_REQUESTS) requests.shift();
		total++;
		for (const { resolve } of waiting.filter(({ count }) => count <= total)) resolve();
	};

	const server = createServer((incoming, response) => {
		const chunks: Buffer[] = [];
		let size = 0;
		incoming.on('data', (chunk: Buffer) => {
			size += chunk.length;
			if (size > LARGEST_BODY) incoming.destroy();
			else chunks.push(chunk);
		});
		incoming.on('error', () => undefined);
		incoming.on('end', () => {
			const bytes = Buffer.concat(chunks);
			const { method = 'GET', url = '/', headers } = incoming;
			const at = Date.now();
			const request = { at, method, path: url, headers, body: bytes.toString('utf8'), bytes };
			const next = scripted.shift();
			if (next?.reset) incoming.socket.destroy();
			else if (!next?.hang) write(response, next ? fill(next, request) : reply(request), next);
			record(request);
		});
	});
	await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
	const { port } = server.address() as AddressInfo; // It listens on TCP, so not a pipe's name.

	return {
		url: `http://127.0.0.1:${port}`,
		requests,
		answer: (...next) => void scripted.push(...next),
		received: (count) =>
			total >= count
				? Promise.resolve()
				: new Promise((resolve) => waiting.push({ count, resolve })),
		close: () =>
			new Promise((resolve, reject) => {
				server.close((error) => (error ? reject(error) : resolve()));
				server.closeAllConnections();
			}),
	};
}

function plain({ status = 200, body = '' }: ScriptedAnswer): Answer {
	return { status, body };
}

function write(response: ServerResponse, answer: Answer, script?: ScriptedAnswer): void {
	response.writeHead(answer.status, {
		...answer.headers,
		...script?.headers,
		...(script?.retryAfter === undefined || answer.tellsWait
			? {}
			: { 'retry-after': String(script.retryAfter) }),
	});
	response.end(answer.body);
}

/** A JSON answer. */
export function json(status: number, value: unknown): Answer {
	return {
		status,
		headers: { 'content-type': 'application/json; charset=utf-8' },
		body: JSON.stringify(value),
	};
}

/** The body as a JSON object, or undefined when it is anything else. */
export function objectIn(body: string): Readonly<Record<string, unknown>> | undefined {
	try {
		const value: unknown = JSON.parse(body);
		const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
		return isObject ? { ...value } : undefined;
	} catch {
		return undefined;
	}
}

/** The token of an `Authorization: Bearer` header. */
export function bearer({ headers }: RecordedRequest): string | undefined {
	return /^Bearer (\S+)$/i.exec(headers.authorization ?? '')?.[1];
}
