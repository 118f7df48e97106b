import { type RawRequest, trimMatching } from '@sureping/engine';

/**
 * Reads one raw HTTP request: request line, headers, a blank line, and the body's bytes. Lines before the body may end in LF or CRLF. Undefined when it is not a request.
 */
export function parseRawRequest(bytes: Buffer): RawRequest | undefined {
	const end = endOfHead(bytes);
	const [requestLine = '', ...lines] = bytes
		.subarray(0, end.head)
		.toString('latin1')
		.split(/\r?\n/);
	const [, method, url] = /^([A-Z]+) (\S+)(?: HTTP\/[\d.]+)?$/.exec(requestLine.trim()) ?? [];
	if (!method || !url) return undefined;
	const headers: Record<string, string | readonly string[]> = {};
	for (const line of lines) {
		const colon = line.indexOf(':');
		const name = line.slice(0, Math.max(0, colon));
		if (name === '' || /\s/.test(name)) return undefined;
		const value = trimMatching(line.slice(colon + 1), /[ \t]/);
		const key = name.toLowerCase();
		const earlier = Object.hasOwn(headers, key) ? headers[key] : undefined;
		headers[key] = earlier === undefined ? value : [earlier, value].flat();
	}
	return { method, url, headers, body: bytes.subarray(end.body) };
}

function endOfHead(bytes: Buffer): { head: number; body: number } {
	const found = ['\r\n\r\n', '\n\n']
		.map((mark) => ({ at: bytes.indexOf(mark), length: mark.length }))
		.filter(({ at }) => at >= 0)
		.sort((a, b) => a.at - b.at)
		.at(0);
	if (found) return { head: found.at, body: found.at + found.length };
	return { head: bytes.toString('latin1').trimEnd().length, body: bytes.length };
}
