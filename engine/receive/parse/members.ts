const [QUOTE, BACKSLASH, COMMA, COLON] = [0x22, 0x5c, 0x2c, 0x3a];
const [OPEN_LIST, CLOSE_LIST, OPEN_OBJECT, CLOSE_OBJECT] = [0x5b, 0x5d, 0x7b, 0x7d];

/**
 * The named members of a body's outermost object, parsed; the rest is not parsed. For a proof inside its own body: a
 * stranger could make the rest as costly to parse as its size allows. Undefined where the body is no object or more
 * than one, a name comes twice (readers differ in which one counts), or a member is none or has more than `limit` bytes.
 */
export function membersOf(
	body: Uint8Array,
	names: readonly string[],
	limit: number,
): Readonly<Record<string, unknown>> | undefined {
	const found: Record<string, unknown> = {};
	let at = afterSpace(body, hasByteOrderMark(body) ? 3 : 0);
	if (body[at] !== OPEN_OBJECT) return undefined;
	do {
		const start = afterSpace(body, at + 1);
		if (body[start] !== QUOTE) return undefined;
		const end = afterText(body, start);
		const colon = afterSpace(body, end);
		if (body[colon] !== COLON) return undefined;
		const from = afterSpace(body, colon + 1);
		at = afterValue(body, from);
		const name = nameIn(body.subarray(start, end), names);
		if (name === undefined) continue;
		if (Object.hasOwn(found, name) || at - from > limit) return undefined;
		const value = parsed(body.subarray(from, at));
		if (value === undefined) return undefined;
		found[name] = value;
	} while (body[at] === COMMA);
	const isWhole = body[at] === CLOSE_OBJECT && afterSpace(body, at + 1) === body.length;
	return isWhole ? found : undefined;
}

function hasByteOrderMark(body: Uint8Array): boolean {
	return body[0] === 0xef && body[1] === 0xbb && body[2] === 0xbf;
}

function afterSpace(body: Uint8Array, from: number): number {
	let at = from;
	while (body[at] === 0x20 || body[at] === 0x0a || body[at] === 0x0d || body[at] === 0x09) at++;
	return at;
}

/** The position behind the string that begins at `from`. */
function afterText(body: Uint8Array, from: number): number {
	let at = from + 1;
	while (at < body.length && body[at] !== QUOTE) at += body[at] === BACKSLASH ? 2 : 1;
	return at + 1;
}

/** The position of the comma or bracket that ends the value. */
function afterValue(body: Uint8Array, from: number): number {
	let depth = 0;
	let at = from;
	while (at < body.length) {
		const byte = body[at];
		if (byte === QUOTE) {
			at = afterText(body, at);
			continue;
		}
		if (byte === OPEN_LIST || byte === OPEN_OBJECT) depth++;
		else if (byte === COMMA && depth === 0) return at;
		else if (byte === CLOSE_LIST || byte === CLOSE_OBJECT) {
			if (depth === 0) return at;
			depth--;
		}
		at++;
	}
	return at;
}

/** Finds the name among those asked for, however it is written: each letter may be an escape of six bytes. */
function nameIn(quoted: Uint8Array, names: readonly string[]): string | undefined {
	const plain = names.find((name) => isWritten(quoted, name));
	if (plain !== undefined || !quoted.includes(BACKSLASH)) return plain;
	const longest = Math.max(...names.map((name) => name.length));
	const name = quoted.length > 6 * longest + 2 ? undefined : parsed(quoted);
	return names.find((one) => one === name);
}

function isWritten(quoted: Uint8Array, name: string): boolean {
	if (quoted.length !== name.length + 2) return false;
	for (let i = 0; i < name.length; i++) {
		if (quoted[i + 1] !== name.charCodeAt(i)) return false;
	}
	return true;
}

function parsed(bytes: Uint8Array): unknown {
	try {
		return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
	} catch {
		return undefined;
	}
}
