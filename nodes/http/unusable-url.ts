import type { Unanswered } from './transport-failure.ts';

/** The mistake in a URL that a person typed; undefined where it can be called. Independent of the host. */
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
