/** A page with the tables between its `<!-- name -->` marks regenerated; the rest is written by hand. */
export function withTables(
	path: string,
	page: string,
	tables: Readonly<Record<string, string>>,
): string {
	return Object.entries(tables).reduce((text, [name, table]) => {
		const [start, end] = [`<!-- ${name} -->`, `<!-- end of ${name} -->`];
		const [before, after] = [text.indexOf(start), text.indexOf(end)];
		if (before < 0 || after < before) throw new Error(`${path} has no ${start} … ${end}`);
		return `${text.slice(0, before)}${start}\n\n${table}\n\n${text.slice(after)}`;
	}, page);
}
