import type { HttpClient, HttpReply, TransportFailure } from '@sureping/engine';
import { Agent, type Dispatcher, errors } from 'undici';
import { RefusedAddress, type UrlGuard } from './url-guard.ts';

/** More of an answer than this says nothing more about success or failure. */
const MOST_BODY_BYTES = 64 * 1024;

export interface HttpTransport {
	/** For the operator's own URLs, from the config file. */
	readonly trusted: HttpClient;
	/** For URLs that came through the API: each address is checked at the moment of connecting. */
	readonly guarded: HttpClient;
	close(): Promise<void>;
}

export function createHttpTransport(guard: UrlGuard): HttpTransport {
	const limits = { connections: 64, maxHeaderSize: 16 * 1024, pipelining: 1 };
	const open = new Agent(limits);
	const checked = new Agent({ ...limits, connect: { lookup: guard.lookup } });
	return {
		trusted: (request) => exchange(open, request),
		async guarded(request) {
			const refusal = guard.refuseSpelling(request.url);
			if (refusal) return { failure: 'refused_url', detail: refusal };
			return await exchange(checked, request);
		},
		async close() {
			await Promise.all([open.close(), checked.close()]);
		},
	};
}

async function exchange(
	dispatcher: Dispatcher,
	{ method, url, headers, body, timeoutMs }: Parameters<HttpClient>[0],
): Promise<HttpReply | TransportFailure> {
	const deadline = AbortSignal.timeout(timeoutMs);
	try {
		const response = await dispatcher.request({
			...splitUrl(url),
			method,
			headers: { 'user-agent': 'sureping', ...headers },
			body: body ?? null,
			signal: deadline,
			headersTimeout: timeoutMs,
			bodyTimeout: timeoutMs,
		});
		return {
			status: response.statusCode,
			headers: flatten(response.headers),
			body: await readStart(response.body),
		};
	} catch (error) {
		return deadline.aborted || isTimeout(error)
			? { failure: 'timeout', detail: `${timeoutMs / 1000} seconds` }
			: describe(error);
	}
}

function splitUrl(url: string): { origin: string; path: string } {
	const { origin, pathname, search } = new URL(url);
	return { origin, path: pathname + search };
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
	const code = error instanceof Error && 'code' in error ? String(error.code) : 'no answer';
	return { failure: 'connection', detail: code };
}
