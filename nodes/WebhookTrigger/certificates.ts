import type { IWebhookFunctions } from 'n8n-workflow';
import { BoundedMap } from './bounded-map.ts';

/** Amazon keeps a signing certificate for months. */
const KEPT_MS = 6 * 3600 * 1000;
/** Delay before a URL that gave no certificate is asked again: anyone can send us such URLs at the provider's host. */
const FAILED_KEPT_MS = 60_000;
const MOST_CERTIFICATES = 32;
const MOST_REQUESTS_AT_ONCE = 4;
const TIMEOUT_MS = 5_000;
/** A chain of RSA certificates in PEM has about 6 kB. */
const LARGEST_BYTES = 64 * 1024;

interface Fetched {
	/** Undefined when the URL gave no certificate. */
	readonly pem: string | undefined;
	readonly at: number;
}

const fetched = new BoundedMap<Fetched>(MOST_CERTIFICATES);
const underWay = new Map<string, Promise<string | undefined>>();

/** The certificate (PEM) at a URL that the engine has found to be the provider's own; undefined if there is none. */
export async function certificateAt(
	context: IWebhookFunctions,
	url: string,
	now: number,
): Promise<string | undefined> {
	if (!url.startsWith('https://')) return undefined;
	const known = fetched.get(url);
	if (known && now - known.at < (known.pem === undefined ? FAILED_KEPT_MS : KEPT_MS)) {
		return known.pem;
	}
	const waiting = underWay.get(url);
	if (waiting) return await waiting;
	if (underWay.size >= MOST_REQUESTS_AT_ONCE) return undefined;
	const request = fetchPem(context, url);
	underWay.set(url, request);
	const pem = await request;
	underWay.delete(url);
	fetched.set(url, { pem, at: now });
	return pem;
}

async function fetchPem(context: IWebhookFunctions, url: string): Promise<string | undefined> {
	try {
		const stream: unknown = await context.helpers.httpRequest({
			method: 'GET',
			url,
			encoding: 'stream',
			// Covers the whole answer; n8n's own `timeout` ends with the headers.
			abortSignal: AbortSignal.timeout(TIMEOUT_MS),
			disableFollowRedirect: true,
		});
		const text = await textWithin(stream, LARGEST_BYTES);
		return text?.includes('-----BEGIN CERTIFICATE-----') ? text : undefined;
	} catch {
		context.logger.warn(`${context.getNode().name} could not get the certificate at ${url}`);
		return undefined;
	}
}

/** The text of a stream; undefined when it is longer, or no stream. */
async function textWithin(stream: unknown, bytes: number): Promise<string | undefined> {
	if (!isChunks(stream)) return undefined;
	const chunks: Uint8Array[] = [];
	let size = 0;
	for await (const chunk of stream) {
		size += chunk.length;
		// Leaving the loop destroys the stream.
		if (size > bytes) return undefined;
		chunks.push(chunk);
	}
	return Buffer.concat(chunks).toString('utf8');
}

function isChunks(value: unknown): value is AsyncIterable<Uint8Array> {
	return typeof value === 'object' && value !== null && Symbol.asyncIterator in value;
}
