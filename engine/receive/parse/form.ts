import { grouped } from '../../grouped.ts';
import { parseJson, textOf } from './json.ts';

/**
 * As many as Express and PHP take (`parameterLimit`, `max_input_vars`): parameters are sorted before the proof, so
 * their number must be small.
 */
export const MOST_PARAMETERS = 1000;

/**
 * A body of `application/x-www-form-urlencoded` as its pairs, in their order; undefined when it is not UTF-8, a pair has
 * no `=`, which no encoder writes (URL Standard §5.2), or there are too many.
 */
export function parseForm(body: Uint8Array): readonly (readonly [string, string])[] | undefined {
	const text = textOf(body);
	if (text === undefined || !hasFewPairs(text)) return undefined;
	const complete = text.split('&').every((pair) => pair === '' || pair.includes('='));
	return complete ? [...new URLSearchParams(text)] : undefined;
}

/** Counted before they are split, since splitting is the cost that the limit avoids. */
function hasFewPairs(text: string): boolean {
	let at = -1;
	for (let pairs = 1; pairs <= MOST_PARAMETERS; pairs++) {
		at = text.indexOf('&', at + 1);
		if (at === -1) return true;
	}
	return false;
}

/**
 * A body as JSON, else as the fields of a form. A body that parses as JSON is never read as a form: the content type is
 * not signed, so it must not decide.
 */
export function jsonOrForm(body: Uint8Array): unknown {
	const json = parseJson(body);
	if (json !== undefined) return json;
	const pairs = parseForm(body);
	return pairs && pairs.length > 0 ? formObject(pairs) : undefined;
}

/** The pairs as an object: a name that came more often has a list. */
export function formObject(
	pairs: readonly (readonly [string, string])[],
): Record<string, string | readonly string[]> {
	const values = grouped(pairs, ([name]) => name);
	return Object.fromEntries(
		[...values].map(([name, list]) => {
			const [first, ...others] = list.map(([, value]) => value);
			return [name, others.length > 0 ? [first ?? '', ...others] : (first ?? '')];
		}),
	);
}
