import type { IWebhookFunctions } from 'n8n-workflow';
import { trimEndMatching } from '../../engine/trim-matching.ts';

/** Present in n8n since 2.34. */
type MaybeNewer = Partial<Pick<IWebhookFunctions, 'getWebhookResourceUrl'>>;

/** The end of a webhook's URL below n8n's own address: `webhook` or `webhook-test`, the webhook's id, and the path's name. */
const SEGMENTS_OF_WEBHOOK = 3;

/**
 * The URL at n8n that was called. An older n8n gives only the production URL; the request's path then tells the test URL.
 * @param path of the request
 */
export function ownUrl(context: IWebhookFunctions, path: string): string | undefined {
	const { getWebhookResourceUrl }: MaybeNewer = context;
	if (getWebhookResourceUrl) return getWebhookResourceUrl.call(context, 'default');
	const production = context.getNodeWebhookUrl('default');
	if (production === undefined || context.getMode() !== 'manual') return production;
	const address = production.split('/').slice(0, -SEGMENTS_OF_WEBHOOK);
	return [...address, ...path.split('/').slice(-SEGMENTS_OF_WEBHOOK)].join('/');
}

/**
 * The URLs that a provider may have called, for providers that sign the URL. A proxy may change host and path, so the node
 * has an option for the public URL. It may be the webhook's URL or the address of n8n; only a signature can tell which.
 * @param own the webhook's URL at n8n
 * @param query of the request, with its question mark; it is signed too
 */
export function possibleUrls(
	own: string | undefined,
	publicUrl: string | undefined,
	query: string,
): readonly string[] {
	if (publicUrl === undefined) return own === undefined ? [] : [withoutQuery(own) + query];
	const whole = withoutQuery(publicUrl);
	if (own === undefined) return [whole + query];
	return [...new Set([whole, joined(whole, withoutQuery(own))])].map((url) => url + query);
}

/**
 * A webhook's URL below another address, such as `https://x.example/n8n/` and `…/webhook/1a2b/webhook`. Path segments that
 * the address already ends with are not repeated.
 */
export function joined(base: string, own: string): string {
	const path = own.split('/').slice(-SEGMENTS_OF_WEBHOOK);
	const given = trimEndMatching(base, /\//).split('/');
	const common = path.findLastIndex((_, index) => {
		const start = path.slice(0, index + 1);
		return given.slice(-start.length).join('/') === start.join('/');
	});
	return [...given, ...path.slice(common + 1)].join('/');
}

function withoutQuery(url: string): string {
	return url.split('?', 1)[0] ?? url;
}
