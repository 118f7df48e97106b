import { textOf } from './json.ts';

/**
 * A body of `application/x-www-form-urlencoded` as its pairs, in their order; undefined when it is not UTF-8 or a pair
 * has no `=`, which no encoder writes (URL Standard §5.2).
 */
export function parseForm(body: Uint8Array): readonly (readonly [string, string])[] | undefined {
	const text = textOf(body);
	if (text === undefined) return undefined;
	const complete = text.split('&').every((pair) => pair === '' || pair.includes('='));
	return complete ? [...new URLSearchParams(text)] : undefined;
}

/** The pairs as an object: a name that came more often has a list. */
export function formObject(
	pairs: readonly (readonly [string, string])[],
): Record<string, string | readonly string[]> {
	const values = Map.groupBy(pairs, ([name]) => name);
	return Object.fromEntries(
		[...values].map(([name, list]) => {
			const [first, ...others] = list.map(([, value]) => value);
			return [name, others.length > 0 ? [first ?? '', ...others] : (first ?? '')];
		}),
	);
}
