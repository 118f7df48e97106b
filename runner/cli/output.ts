/** Writes what a command found: as JSON for programs, as text for people. */
export function show(json: boolean | undefined, value: unknown, text: string): void {
	process.stdout.write(`${json ? JSON.stringify(value, null, 2) : text}\n`);
}

/** Columns, each as wide as its widest cell. */
export function table(rows: readonly (readonly string[])[]): string {
	const widths = (rows[0] ?? []).map((_, column) =>
		Math.max(...rows.map((row) => row[column]?.length ?? 0)),
	);
	return rows
		.map((row) =>
			row
				.map((cell, column) => cell.padEnd(widths[column] ?? 0))
				.join('  ')
				.trimEnd(),
		)
		.join('\n');
}

/** Text of a stranger's on a terminal: nothing that moves the cursor, changes colours or forges a line. */
export function printable(text: string): string {
	return text.replace(/\p{Cc}/gu, ' ');
}
