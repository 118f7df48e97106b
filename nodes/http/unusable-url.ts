import type { Unanswered } from './transport-failure.ts';

/** Checks a URL that a user typed, with the same message in every node; undefined when it can be called. */
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
