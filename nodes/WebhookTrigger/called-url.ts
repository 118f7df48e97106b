import type { IWebhookFunctions } from 'n8n-workflow';
import { trimEndMatching } from '../../engine/trim-matching.ts';

/** A function that n8n has only since 2.34. */
type MaybeNewer = Partial<Pick<IWebhookFunctions, 'getWebhookResourceUrl'>>;

/** `webhook` or `webhook-test`, the webhook's id, and the name of the path: the path below n8n's own address. */
const SEGMENTS_OF_WEBHOOK = 3;

/**
 * The URL at n8n that was called. An older n8n knows the production URL only; the request's path shows whether the test
 * URL was called.
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
 * The URLs that a provider may have called, for those that sign it. A proxy may have changed host and path on the way,
 * so the node can be given a public URL: a whole one, or the address under which n8n as such is reached. Only the
 * signature shows which of the two it is.
 * @param own the webhook's URL at n8n
 * @param query of the request, with its question mark; it is signed as well
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
 * A webhook's URL below another address: `https://x.example/n8n/` and `…/webhook/1a2b/webhook`; a part of the path that
 * the address already has is not added again.
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
