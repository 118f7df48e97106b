/** A value that occurs earlier in its list, by both positions. */
export interface Duplicate {
	readonly at: number;
	readonly first: number;
}

/** Values that occur more than once, found in one pass: a config may list thousands. */
export function duplicatesIn(values: readonly string[]): readonly Duplicate[] {
	const places = new Map<string, number>();
	return values.flatMap((value, at) => {
		const first = places.get(value);
		if (first === undefined) places.set(value, at);
		return first === undefined ? [] : [{ at, first }];
	});
}
