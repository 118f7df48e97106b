import { createHash, type KeyObject, verify } from 'node:crypto';

/** Verifies a signed mail by RFC 6376, in relaxed/relaxed canonicalisation with rsa-sha256. */
export interface DkimVerdict {
	readonly domain: string | undefined;
	readonly selector: string | undefined;
	/** Names of the signed headers, in lower case. */
	readonly signedHeaders: readonly string[];
	readonly bodyHashIsRight: boolean;
	readonly signatureIsRight: boolean;
}

/** §3.4.2: names in lower case, unfolded, runs of white space as one space. */
function relaxedHeader(name: string, value: string): string {
	return `${name.trim().toLowerCase()}:${value
		.replace(/\r\n/g, '')
		.replace(/[ \t]+/g, ' ')
		.trim()}`;
}

/** §3.4.4: runs of white space as one space, none at the end of a line, no empty lines at the end. */
function relaxedBody(body: string): string {
	const lines = body
		.replace(/[ \t]+/g, ' ')
		.replace(/ \r\n/g, '\r\n')
		.replace(/(\r\n)+$/, '');
	return lines === '' ? '' : `${lines}\r\n`;
}

export function verifyDkim(raw: string, key: KeyObject): DkimVerdict {
	const end = raw.indexOf('\r\n\r\n');
	const body = raw.slice(end + 4);
	const headers = [
		...raw.slice(0, end + 2).matchAll(/^([!-9;-~]+):((?:.*\r\n)(?:[ \t].*\r\n)*)/gm),
	];
	const signature = headers.find(([, name]) => name?.toLowerCase() === 'dkim-signature')?.[2] ?? '';
	const tags = new Map(
		signature.split(';').map((tag) => {
			const [name = '', ...value] = tag.split('=');
			return [name.trim(), value.join('=').trim()] as const;
		}),
	);
	if (tags.get('a') !== 'rsa-sha256' || tags.get('c') !== 'relaxed/relaxed') {
		throw new Error(`Not a signature that this can verify: ${signature}`);
	}
	const signedHeaders = (tags.get('h') ?? '').toLowerCase().split(/\s*:\s*/);
	// §5.4.2: a name stands for its last header that was not taken yet, or for nothing.
	const left = headers.map(([, name = '', value = '']) => ({ name, value }));
	const signed = signedHeaders.flatMap((name) => {
		const at = left.findLastIndex((header) => header.name.toLowerCase() === name);
		return at === -1 ? [] : left.splice(at, 1).map((h) => `${relaxedHeader(h.name, h.value)}\r\n`);
	});
	// §3.5, b=: the signature's own header is signed with an empty b.
	const own = relaxedHeader('dkim-signature', signature.replace(/\bb=[^;]*$/, 'b='));
	const b64 = (tag: string): string => (tags.get(tag) ?? '').replace(/\s+/g, '');
	return {
		domain: tags.get('d'),
		selector: tags.get('s'),
		signedHeaders,
		bodyHashIsRight: createHash('sha256').update(relaxedBody(body)).digest('base64') === b64('bh'),
		signatureIsRight: verify(
			'sha256',
			Buffer.from(signed.join('') + own),
			key,
			Buffer.from(b64('b'), 'base64'),
		),
	};
}
