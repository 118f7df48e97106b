import { invalid, type Mistake, MOST_MISTAKES } from '../problem.ts';

/**
 * Whether the text of a JSON body can hold what cannot be kept. In UTF-8 there is no half of a surrogate pair and in
 * JSON no bare NUL, so both come as escapes only; a number is too large with 16 digits or an exponent.
 */
export function mayHoldUnkeepable(text: string): boolean {
	return text.includes('\\u') || /\d{16}|\d[eE]/.test(text);
}

/** Throws a 422 for text and numbers that could not be given back as they came. */
export function refuseUnkeepable(value: unknown): void {
	const mistakes: Mistake[] = [];
	collect(value, '', mistakes);
	if (mistakes.length > 0) throw invalid(mistakes);
}

function collect(value: unknown, path: string, mistakes: Mistake[]): void {
	if (mistakes.length >= MOST_MISTAKES) return;
	const refuse = (message: string): void => void mistakes.push({ path, message });
	if (typeof value === 'string' && !isKeepable(value)) {
		return refuse('must not hold a NUL character or half of a surrogate pair');
	}
	if (typeof value === 'number' && Math.abs(value) > Number.MAX_SAFE_INTEGER) {
		// RFC 7493 §2.2: such numbers lose digits on the way through JSON readers, this one included.
		return refuse('must be a string: numbers beyond 9007199254740991 lose digits');
	}
	if (typeof value !== 'object' || value === null) return;
	for (const [name, member] of Object.entries(value)) {
		if (!isKeepable(name)) refuse('has a name with a NUL character or half of a surrogate pair');
		else collect(member, path ? `${path}.${name}` : name, mistakes);
	}
}

/** PostgreSQL takes no NUL in text, and half a surrogate pair has no UTF-8 (RFC 3629 §3). */
function isKeepable(text: string): boolean {
	return !text.includes('\0') && text.isWellFormed();
}
