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
 * Takes bodies of any type as bytes, inflated where they came compressed, within the scope of `app`. `refuse` throws
 * for a body of a size that is not worth reading.
 */
export function readRawBodies(
	app: App,
	refuse: (request: FastifyRequest, size: number) => void,
): void {
	app.removeAllContentTypeParsers();
	// The content type is ignored, even an invalid one, which Fastify would refuse before the parser.
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
		throw new Problem(415, 'Bodies are taken as they are, or in gzip or deflate', [], {}, accepted);
	}
	try {
		// A small body can inflate to a thousand times its size (CWE-409).
		return await inflater(bytes, { maxOutputLength: LIMITS.body });
	} catch (error) {
		const code = error instanceof Error && 'code' in error ? error.code : undefined;
		throw code === 'ERR_BUFFER_TOO_LARGE'
			? new Problem(413, 'The body is larger than 1 MiB when it is inflated')
			: new Problem(400, 'The body is not what its content encoding says');
	}
}
