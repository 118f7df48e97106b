import type { EnvironmentIssue } from './environment.ts';

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
export function refuseTexts(value: unknown, issues: EnvironmentIssue[], path = ''): void {
	if (typeof value === 'string') {
		if (/\p{Cc}/u.test(value) && !isPem(value)) {
			issues.push({ path, message: 'must not hold line breaks or other control characters' });
		}
		return;
	}
	if (typeof value !== 'object' || value === null) return;
	for (const [name, member] of Object.entries(value)) {
		const below = path ? `${path}.${name}` : name;
		if (/(^|\.)headers$/.test(path)) refuseHeader(name, below, issues);
		refuseTexts(member, issues, below);
	}
}

function refuseHeader(name: string, path: string, issues: EnvironmentIssue[]): void {
	if (!HEADER_NAME.test(name)) {
		issues.push({ path: JSON.stringify(path).slice(1, -1), message: 'is not a header name' });
	} else if (TRANSPORT_HEADERS.has(name.toLowerCase())) {
		issues.push({ path, message: 'is a header that the runner sets itself' });
	}
}
