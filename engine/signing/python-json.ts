/**
 * JSON as Python's `json.dumps` writes it by default: `", "` and `": "` between parts, everything outside printable
 * ASCII escaped (docs.python.org/3/library/json, `ensure_ascii`), floats as `repr` shows them. Reading the text in
 * Python and dumping it again gives the same bytes, which is what One-Ping's Python sample verifies.
 */
export function pythonJson(value: unknown): string {
	if (Array.isArray(value)) return `[${value.map(pythonJson).join(', ')}]`;
	if (typeof value === 'object' && value !== null) {
		const members = Object.entries(value)
			.filter(([, member]) => member !== undefined)
			.map(([name, member]) => `${pythonString(name)}: ${pythonJson(member)}`);
		return `{${members.join(', ')}}`;
	}
	if (typeof value === 'string') return pythonString(value);
	if (typeof value === 'number') return pythonNumber(value);
	return JSON.stringify(value ?? null);
}

function pythonString(text: string): string {
	return JSON.stringify(text).replace(
		/[^ -~]/g,
		(unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
	);
}

/** JavaScript writes small fractions plainly down to 1e-6 and exponents without padding; Python's `repr` does neither. */
function pythonNumber(value: number): string {
	const text = JSON.stringify(value);
	if (Number.isInteger(value) && !text.includes('e')) return text;
	const plain = Math.abs(value) >= 1e-4 && !text.includes('e');
	const shown = plain ? text : value.toExponential();
	return shown.replace(/e([+-])(\d)$/, 'e$10$2');
}
