import type { ApiKey } from '../config/config.ts';

/**
 * A URL as it is shown to a key. A key that may change endpoints sees it without query, fragment and user, any other
 * sees its origin. Slack's, Discord's and n8n's own URLs are secrets by their path.
 */
export function shownUrl(url: string, { scopes }: Pick<ApiKey, 'scopes'>): string {
	const { origin, pathname } = new URL(url);
	const mayChange = scopes.includes('endpoints') || scopes.includes('admin');
	return mayChange
		? url.replace(/[?#].*$/s, '').replace(/^(\w+:\/\/)[^/@]*@/, '$1')
		: `${origin}${pathname === '/' ? '/' : '/…'}`;
}
