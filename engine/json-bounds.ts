/** Limits on the content of a JSON text. */
export interface JsonBounds {
	/** Nesting depth of objects and lists. */
	readonly levels: number;
	/** Members and elements in the whole text. */
	readonly values: number;
	/** Members of any one object. */
	readonly members: number;
}

export type JsonExcess = keyof JsonBounds;

/**
 * The first limit that a JSON text exceeds. Counts bytes, before parsing: a parsed value takes up to a hundred times
 * the room of its text, and a text of 1 MiB can hold half a million values. Invalid JSON may pass; the parser refuses
 * it later.
 */
export function excessOf(bytes: Uint8Array, bounds: JsonBounds): JsonExcess | undefined {
	const membersAt = new Uint32Array(bounds.levels + 1);
	let depth = 0;
	let values = 0;
	let inText = false;
	for (let i = 0; i < bytes.length; i++) {
		const byte = bytes[i];
		if (byte === QUOTE) inText = !inText;
		else if (inText) {
			// An escaped quote does not end the string.
			if (byte === BACKSLASH) i++;
		} else if (byte === OPEN_LIST || byte === OPEN_OBJECT) {
			if (++depth > bounds.levels) return 'levels';
			if (++values > bounds.values) return 'values';
			membersAt[depth] = 0;
		} else if (byte === CLOSE_LIST || byte === CLOSE_OBJECT) {
			if (depth > 0) depth--;
		} else if (byte === COMMA) {
			if (++values > bounds.values) return 'values';
		} else if (byte === COLON) {
			const members = (membersAt[depth] ?? 0) + 1;
			if (members > bounds.members) return 'members';
			membersAt[depth] = members;
		}
	}
	return undefined;
}

const [QUOTE, BACKSLASH, COMMA, COLON] = [0x22, 0x5c, 0x2c, 0x3a];
const [OPEN_LIST, CLOSE_LIST] = [0x5b, 0x5d];
const [OPEN_OBJECT, CLOSE_OBJECT] = [0x7b, 0x7d];
