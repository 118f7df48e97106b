const utf8 = new TextDecoder('utf-8', { fatal: true });

/** The bytes as text; undefined when they are not UTF-8. */
export function textOf(body: Uint8Array): string | undefined {
	try {
		return utf8.decode(body);
	} catch {
		return undefined;
	}
}

/** No provider's payload comes near this many levels of objects and lists. */
const DEEPEST_JSON = 100;

/** The name `__proto__` in JSON, each letter as it is or as an escape. */
const NAMES_PROTO = new RegExp(
	`"${[...'__proto__']
		.map((letter) => `(?:${letter}|\\\\u00${letter.charCodeAt(0).toString(16)})`)
		.join('')}"`,
	'i',
);

/**
 * The body as JSON, or undefined; JSON itself has no undefined. A body that nests too deep counts as no JSON, since
 * `JSON.stringify` has only the stack's depth to write it again. A member `__proto__` is left out: where it is copied
 * by assignment, as zod does, it becomes the prototype, and so facts that no schema has seen.
 */
export function parseJson(body: Uint8Array): unknown {
	const text = nestsTooDeep(body) ? undefined : textOf(body);
	if (text === undefined) return undefined;
	try {
		const value: unknown = JSON.parse(text);
		// A reviver would make every text ten times as slow to parse.
		if (NAMES_PROTO.test(text)) dropProto(value);
		return value;
	} catch {
		return undefined;
	}
}

/** Counts in the bytes, before parsing, since the body may not be proved yet; the cost beside parsing is negligible. */
function nestsTooDeep(body: Uint8Array): boolean {
	let depth = 0;
	let inText = false;
	for (let i = 0; i < body.length; i++) {
		const byte = body[i];
		if (byte === QUOTE) inText = !inText;
		else if (inText) {
			// An escaped quote does not end the string.
			if (byte === BACKSLASH) i++;
		} else if (byte === OPEN_LIST || byte === OPEN_OBJECT) {
			depth++;
			if (depth > DEEPEST_JSON) return true;
		} else if (byte === CLOSE_LIST || byte === CLOSE_OBJECT) depth--;
	}
	return false;
}

const [QUOTE, BACKSLASH] = [0x22, 0x5c];
const [OPEN_LIST, CLOSE_LIST] = [0x5b, 0x5d];
const [OPEN_OBJECT, CLOSE_OBJECT] = [0x7b, 0x7d];

/** No deeper than `DEEPEST_JSON`, so the stack is enough. */
function dropProto(value: unknown): void {
	if (Array.isArray(value)) value.forEach(dropProto);
	else if (isObject(value)) {
		delete value['__proto__'];
		for (const name in value) dropProto(value[name]);
	}
}

export function isObject(value: unknown): value is Record<string, unknown> {
	return typeof value === 'object' && value !== null && !Array.isArray(value);
}
