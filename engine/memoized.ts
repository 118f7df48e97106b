/** The texts in use at once are few; the bounds only keep a caller with endless texts from filling memory. */
const MOST_KNOWN = 256;
/** Characters of a text that is kept: as many as a certificate needs. */
const LONGEST_KNOWN = 8_192;

/** Keeps what was made of each text. `make` must depend on the text alone. */
export function memoized<T>(make: (text: string) => T): (text: string) => T {
	const known = new Map<string, { readonly made: T }>();
	return (text) => {
		const before = known.get(text);
		if (before) return before.made;
		const made = make(text);
		if (text.length > LONGEST_KNOWN) return made;
		if (known.size >= MOST_KNOWN) known.clear();
		known.set(text, { made });
		return made;
	};
}
