import type { IWebhookFunctions } from 'n8n-workflow';
import type { RawRequest } from '../../engine/receive/index.ts';

/** n8n's additions to an Express request (its body-parser middleware). */
interface RequestWithRawBody {
	readonly method: string;
	/** From the root, with the query. */
	readonly originalUrl?: string;
	readonly url: string;
	readonly headers: Readonly<Record<string, string | string[] | undefined>>;
	readonly rawBody?: Uint8Array;
	readonly readRawBody?: () => Promise<void>;
}

/**
 * The request as it came over the wire, or undefined where its body cannot be read, such as gzip that is none. n8n keeps
 * the inflated bytes, though not of every content type unasked.
 */
export async function rawRequest(
	context: IWebhookFunctions,
	publicUrl: string | undefined,
): Promise<RawRequest | undefined> {
	const request: RequestWithRawBody = context.getRequestObject();
	const { method, headers } = request;
	if (request.rawBody === undefined && request.readRawBody) {
		const isRead = await request.readRawBody().then(
			() => true,
			() => false,
		);
		if (!isRead) return undefined;
	}
	return {
		method,
		url: calledUrl(context, request, publicUrl),
		headers,
		body: request.rawBody ?? new Uint8Array(),
	};
}

/**
 * The URL as the provider called it, for those that sign it. A proxy may have changed host and path on the way, so they
 * are those that n8n shows, or that the node was given; the query is the request's.
 */
function calledUrl(
	context: IWebhookFunctions,
	{ originalUrl, url }: RequestWithRawBody,
	publicUrl: string | undefined,
): string {
	const target = originalUrl ?? url;
	const query = target.includes('?') ? target.slice(target.indexOf('?')) : '';
	// Of the test URL, where that was called; `getNodeWebhookUrl` only knows the production URL here.
	const base = publicUrl ?? context.getWebhookResourceUrl('default');
	return base === undefined ? target : withoutQuery(base) + query;
}

function withoutQuery(url: string): string {
	return url.split('?', 1)[0] ?? url;
}
