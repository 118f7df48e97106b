const utf8 = new TextDecoder('utf-8', { fatal: true });

/** The bytes as text; undefined when they are not UTF-8. */
export function textOf(body: Uint8Array): string | undefined {
	try {
		return utf8.decode(body);
	} catch {
		return undefined;
	}
}

/** The body as JSON, or undefined; JSON itself has no undefined. */
export function parseJson(body: Uint8Array): unknown {
	try {
		return JSON.parse(utf8.decode(body));
	} catch {
		return undefined;
	}
}

export function isObject(value: unknown): value is Record<string, unknown> {
	return typeof value === 'object' && value !== null && !Array.isArray(value);
}
