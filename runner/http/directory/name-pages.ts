/** Part of a list in the order of names. `nextCursor` is the last name of the page, and absent at the end of the list. */
export interface NamePage<T> {
	readonly items: readonly T[];
	readonly nextCursor?: string;
}

/** A page of a list that is in memory. An entry that is removed meanwhile hides no other. */
export function pageByName<T>(
	entries: readonly T[],
	nameOf: (entry: T) => string,
	{ after = '', limit }: { readonly after?: string | undefined; readonly limit: number },
): NamePage<T> {
	const rest = entries
		.map((entry) => ({ entry, name: nameOf(entry) }))
		.filter(({ name }) => name > after)
		.sort((a, b) => (a.name < b.name ? -1 : 1));
	const page = rest.slice(0, limit);
	const last = page.at(-1);
	return {
		items: page.map(({ entry }) => entry),
		...(last && rest.length > limit ? { nextCursor: last.name } : {}),
	};
}
