/** A value of a list that was in it before, with both places. */
export interface Twin {
	readonly at: number;
	readonly first: number;
}

/** Values that a list has more than once, in one pass: configurations may hold thousands. */
export function twinsIn(values: readonly string[]): readonly Twin[] {
	const places = new Map<string, number>();
	return values.flatMap((value, at) => {
		const first = places.get(value);
		if (first === undefined) places.set(value, at);
		return first === undefined ? [] : [{ at, first }];
	});
}
