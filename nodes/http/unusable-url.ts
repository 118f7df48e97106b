import type { Unanswered } from './transport-failure.ts';

/** Why a URL, as a person typed it, cannot be called; undefined where it can. Says the same on every host. */
export function unusableUrl(url: string): Unanswered | undefined {
	const detail = /^https?:\/\//i.test(url)
		? URL.canParse(url)
			? undefined
			: 'the URL is not valid'
		: 'the URL must begin with http:// or https://';
	return detail === undefined
		? undefined
		: { failure: 'refused_url', detail, mayHaveArrived: false };
}
