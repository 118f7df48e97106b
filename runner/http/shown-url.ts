import type { ApiKey } from '../config/config.ts';
import type { Scope } from '../config/settings/index.ts';

/**
 * A URL as it is shown to a key. A key with the scope that may change it sees it without query, fragment and user, any other
 * sees its origin. Slack's, Discord's, n8n's and calendars' own URLs are secrets by their path.
 */
export function shownUrl(
	url: string,
	{ scopes }: Pick<ApiKey, 'scopes'>,
	scope: Scope = 'endpoints',
): string {
	const { origin, pathname } = new URL(url);
	const mayChange = scopes.includes(scope) || scopes.includes('admin');
	return mayChange
		? url.replace(/[?#].*$/s, '').replace(/^(\w+:\/\/)[^/@]*@/, '$1')
		: `${origin}${pathname === '/' ? '/' : '/…'}`;
}
