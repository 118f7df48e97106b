import { invalid, type Mistake, MOST_MISTAKES } from '../problem.ts';

/**
 * A quick check of the text of a JSON body: false means that all of it can be stored. UTF-8 has no lone surrogate and JSON
 * no bare NUL, so both occur only as escapes; a number is too large only with 16 digits or an exponent.
 */
export function mayBeUnstorable(text: string): boolean {
	return text.includes('\\u') || /\d{16}|\d[eE]/.test(text);
}

/** Throws a 422 for strings and numbers that could not be stored and returned unchanged. */
export function refuseUnstorable(value: unknown): void {
	const mistakes: Mistake[] = [];
	collect(value, '', mistakes);
	if (mistakes.length > 0) throw invalid(mistakes);
}

function collect(value: unknown, path: string, mistakes: Mistake[]): void {
	if (mistakes.length >= MOST_MISTAKES) return;
	const refuse = (message: string): void => void mistakes.push({ path, message });
	if (typeof value === 'string' && !isStorable(value)) {
		return refuse('must not hold a NUL character or half of a surrogate pair');
	}
	if (typeof value === 'number' && Math.abs(value) > Number.MAX_SAFE_INTEGER) {
		// RFC 7493 §2.2: such numbers lose digits on the way through JSON readers, this one included.
		return refuse('must be a string: numbers beyond 9007199254740991 lose digits');
	}
	if (typeof value !== 'object' || value === null) return;
	for (const [name, member] of Object.entries(value)) {
		if (!isStorable(name)) refuse('has a name with a NUL character or half of a surrogate pair');
		else collect(member, path ? `${path}.${name}` : name, mistakes);
	}
}

/** PostgreSQL takes no NUL in text, and half a surrogate pair has no UTF-8 (RFC 3629 §3). */
function isStorable(text: string): boolean {
	return !text.includes('\0') && text.isWellFormed();
}
