import type { IWebhookFunctions } from 'n8n-workflow';
import type { RawRequest } from '../../engine/receive/index.ts';
import { ownUrl, possibleUrls } from './called-url.ts';

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

/** A request as it came over the network. */
export interface WireRequest extends RawRequest {
	/** Other URLs that it may have been sent to; `url` is the most likely one. */
	readonly otherUrls: readonly string[];
}

/**
 * The request as it came over the network; undefined when its body cannot be read, such as broken gzip. n8n keeps the
 * decompressed bytes, but for some content types only on request.
 */
export async function rawRequest(
	context: IWebhookFunctions,
	publicUrl: string | undefined,
): Promise<WireRequest | undefined> {
	const request: RequestWithRawBody = context.getRequestObject();
	const { method, headers } = request;
	if (request.rawBody === undefined && request.readRawBody) {
		const isRead = await request.readRawBody().then(
			() => true,
			() => false,
		);
		if (!isRead) return undefined;
	}
	const target = request.originalUrl ?? request.url;
	const [path = target] = target.split('?', 1);
	const query = target.slice(path.length);
	const [url = target, ...otherUrls] = possibleUrls(ownUrl(context, path), publicUrl, query);
	return { method, url, otherUrls, headers, body: request.rawBody ?? new Uint8Array() };
}
