/**
 * Characters that a terminal obeys instead of showing: control characters (CWE-150; CSI, for one, is U+009B) and the two
 * separators of lines and paragraphs.
 */
const CONTROLS = /[\p{Cc}\p{Zl}\p{Zp}]/gu;

/** Characters that change the direction of text, so that it reads differently than it is (CVE-2021-42574). */
const TURNS = /\p{Bidi_Control}/gu;

/** Untrusted text as one line in which every character is visible: nothing in it moves the cursor or forges a line. */
export function printable(text: string): string {
	return text.replace(CONTROLS, ' ').replace(TURNS, '\ufffd');
}

/** The same JSON, safe for a terminal: JSON itself leaves DEL, C1 controls and changes of direction as they are. */
export function toJson(value: unknown, indent?: number): string {
	return JSON.stringify(value, null, indent).replace(
		/[\u007f-\u009f\u2028\u2029]|\p{Bidi_Control}/gu,
		(unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
	);
}

/** Writes lines to standard output, for every command; each text is one line. */
export function print(...lines: readonly string[]): void {
	process.stdout.write(lines.map((line) => `${printable(line)}\n`).join(''));
}

/** Writes lines to standard error, for every command. */
export function printError(...lines: readonly string[]): void {
	process.stderr.write(lines.map((line) => `${printable(line)}\n`).join(''));
}

export function printJson(value: unknown, indent?: number): void {
	process.stdout.write(`${toJson(value, indent)}\n`);
}

/** Writes a command's result: as JSON for programs, as lines of text for people. */
export function show(json: boolean | undefined, value: unknown, ...lines: readonly string[]): void {
	if (json) printJson(value, 2);
	else print(...lines);
}

/** Lines of columns, each as wide as its widest cell. */
export function table(cells: readonly (readonly string[])[]): string[] {
	const rows = cells.map((row) => row.map(printable));
	const widths = (rows[0] ?? []).map((_, column) =>
		Math.max(...rows.map((row) => row[column]?.length ?? 0)),
	);
	return rows.map((row) =>
		row
			.map((cell, column) => cell.padEnd(widths[column] ?? 0))
			.join('  ')
			.trimEnd(),
	);
}
