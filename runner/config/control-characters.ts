import type { Mistake } from '../words/index.ts';

/** Keys and certificates are the only settings with line breaks (RFC 7468). */
const isPem = (text: string): boolean =>
	/-----BEGIN [A-Z0-9 ]+-----/.test(text) && !/[^\P{Cc}\t\n\r]/u.test(text);

/** RFC 9110 §5.6.2. */
const HEADER_NAME = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;

/** Headers that the transport sets itself; another value would break the message (RFC 9112 §6, RFC 9110 §7.6.1). */
const TRANSPORT_HEADERS: ReadonlySet<string> = new Set([
	...['connection', 'content-length', 'expect', 'host', 'keep-alive', 'proxy-connection'],
	...['te', 'trailer', 'transfer-encoding', 'upgrade'],
]);

/**
 * Refuses control characters, which a token picks up from the last line break of a file and which could start another
 * header or mail command (CRLF injection, CWE-93), and header names that cannot be sent.
 */
export function refuseControlCharacters(
	value: unknown,
	refused: Mistake[],
	path: readonly string[] = [],
): void {
	if (typeof value === 'string') {
		if (/\p{Cc}/u.test(value) && !isPem(value)) {
			refused.push({ path, message: 'must not hold line breaks or other control characters' });
		}
		return;
	}
	if (typeof value !== 'object' || value === null) return;
	for (const [name, member] of Object.entries(value)) {
		const below = [...path, name];
		if (path.at(-1) === 'headers') refuseHeader(name, below, refused);
		refuseControlCharacters(member, refused, below);
	}
}

function refuseHeader(name: string, path: readonly string[], refused: Mistake[]): void {
	if (!HEADER_NAME.test(name)) {
		refused.push({ path, message: 'is not a header name' });
	} else if (TRANSPORT_HEADERS.has(name.toLowerCase())) {
		refused.push({ path, message: 'is a header that the runner sets itself' });
	}
}
