import { promisify } from 'node:util';
import { gunzip, inflate } from 'node:zlib';
import type { FastifyBodyParser, FastifyRequest } from 'fastify';
import type { App } from '../app.ts';
import { LIMITS } from '../limits.ts';
import { Problem } from '../problem.ts';

/** RFC 9110 §8.4.1: `deflate` is the zlib format. */
const INFLATERS: Readonly<
	Record<string, (bytes: Buffer, options: { maxOutputLength: number }) => Promise<Buffer>>
> = {
	gzip: promisify(gunzip),
	'x-gzip': promisify(gunzip),
	deflate: promisify(inflate),
};

/**
 * Reads bodies of any content type as raw bytes, decompressed where needed, for the scope of `app` alone. `refuse`
 * throws where a body of that size is not worth the work.
 */
export function readRawBodies(
	app: App,
	refuse: (request: FastifyRequest, size: number) => void,
): void {
	app.removeAllContentTypeParsers();
	// The content type is irrelevant, and may be invalid: fastify would refuse such a request before the parser.
	app.addHook('onRequest', async (request) => {
		request.headers = { 'content-type': 'application/octet-stream' };
	});
	const parse: FastifyBodyParser<Buffer> = async (request: FastifyRequest, bytes: Buffer) => {
		refuse(request, bytes.length);
		return await inflated(bytes, request.headers['content-encoding']);
	};
	app.addContentTypeParser<Buffer>('*', { parseAs: 'buffer' }, parse);
}

async function inflated(bytes: Buffer, encoding = 'identity'): Promise<Buffer> {
	const name = encoding.trim().toLowerCase();
	if (name === 'identity' || bytes.length === 0) return bytes;
	const inflater = Object.hasOwn(INFLATERS, name) ? INFLATERS[name] : undefined;
	if (!inflater) {
		const accepted = { 'accept-encoding': 'gzip, deflate' };
		throw new Problem(
			415,
			'This content encoding is not supported; use gzip, deflate or none',
			[],
			{},
			accepted,
		);
	}
	try {
		// A small body can inflate to a thousand times its size (CWE-409).
		return await inflater(bytes, { maxOutputLength: LIMITS.body });
	} catch (error) {
		const code = error instanceof Error && 'code' in error ? error.code : undefined;
		throw code === 'ERR_BUFFER_TOO_LARGE'
			? new Problem(413, 'The body is larger than 1 MiB after decompression')
			: new Problem(400, 'The body does not match its Content-Encoding');
	}
}
