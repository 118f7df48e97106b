/** Code units allowed per character. Some emoji and accented letters have several, and a hostile one has no end. */
const UNITS_PER_CHARACTER = 16;

/** In it every code unit is a character of its own. */
const PLAIN = /^[\x20-\x7e\n]*$/;

const segmenter = new Intl.Segmenter('en', { granularity: 'grapheme' });

/**
 * The first `limit` characters of a text, as its reader counts them: an emoji of several parts, or a letter with its
 * accents, is one and is never cut in two (Unicode Standard Annex #29, "Grapheme Cluster Boundaries").
 */
export function firstCharacters(text: string, limit: number): string {
	if (text.length <= limit) return text;
	const start = text.slice(0, limit + 1);
	if (PLAIN.test(start)) return text.slice(0, limit);
	const bound = limit * UNITS_PER_CHARACTER;
	let end = 0;
	let count = 0;
	// One unit more than may be used, so that a character which the bound would cut is seen whole or left out.
	for (const { index, segment } of segmenter.segment(text.slice(0, bound + 1))) {
		const next = index + segment.length;
		if (count === limit || next > bound) break;
		end = next;
		count++;
	}
	return text.slice(0, end);
}

/** The most code points of a text that `firstCharacters` looks at, so that a store need not read more. */
export const pointsFor = (limit: number): number => limit * UNITS_PER_CHARACTER + 1;
