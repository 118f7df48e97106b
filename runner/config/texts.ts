import type { Mistake } from '../words/index.ts';

/** Keys and certificates have lines (RFC 7468); no other setting has. */
const isPem = (text: string): boolean =>
	/-----BEGIN [A-Z0-9 ]+-----/.test(text) && !/[^\P{Cc}\t\n\r]/u.test(text);

/** RFC 9110 §5.6.2. */
const HEADER_NAME = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;

/** Those that the transport sets itself; another value would break the message (RFC 9112 §6, RFC 9110 §7.6.1). */
const TRANSPORT_HEADERS: ReadonlySet<string> = new Set([
	...['connection', 'content-length', 'expect', 'host', 'keep-alive', 'proxy-connection'],
	...['te', 'trailer', 'transfer-encoding', 'upgrade'],
]);

/**
 * Finds control characters, which a token gets from a file's last line break and which would begin another header or
 * mail command (CRLF injection, CWE-93), and names of headers that cannot be sent.
 */
export function refuseTexts(
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
		refuseTexts(member, refused, below);
	}
}

function refuseHeader(name: string, path: readonly string[], refused: Mistake[]): void {
	if (!HEADER_NAME.test(name)) {
		refused.push({ path, message: 'is not a header name' });
	} else if (TRANSPORT_HEADERS.has(name.toLowerCase())) {
		refused.push({ path, message: 'is a header that the runner sets itself' });
	}
}
