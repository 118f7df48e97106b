import { excessOf, type JsonBounds, type JsonExcess } from '@sureping/engine';
import type { Readable } from 'node:stream';
import type { FastifyRequest } from 'fastify';
import type { App } from '../app.ts';
import { readBatch } from './batch-body.ts';
import { LIMITS } from '../limits.ts';
import { mayBeUnstorable, refuseUnstorable } from './storable-json.ts';
import { invalid, Problem } from '../problem.ts';
import { type OnBytes, readBody } from './read-body.ts';

/** Content types that are JSON by their suffix (RFC 6839 §3.1). */
const WITH_SUFFIX = /^application\/[\w.!#$&^+-]+\+json(?:\s*;|$)/i;

/** Bounds of a body, or of an item of a batch. */
const BOUNDS: JsonBounds = {
	levels: LIMITS.nesting,
	values: LIMITS.values,
	members: LIMITS.members,
};

const EXCESS: Readonly<Record<JsonExcess, string>> = {
	levels: `nests deeper than ${BOUNDS.levels} levels`,
	values: `holds more than ${BOUNDS.values} values`,
	members: `holds an object with more than ${BOUNDS.members} members`,
};

/**
 * Reads JSON bodies, and only in the form that every reader understands alike (RFC 8259, RFC 7493); anything else is a
 * 400, 415 or 422. Values are counted before they are parsed. `onBytes` is called with the bytes as they arrive.
 */
export function readJsonBodies(app: App, onBytes: (request: FastifyRequest) => OnBytes): void {
	const parse = createParse(app);
	const read = async (request: FastifyRequest, payload: Readable): Promise<unknown> => {
		refuseEncodings(request);
		const { bodyLimit, config } = request.routeOptions;
		const bytes = await readBody(payload, request.raw, bodyLimit ?? LIMITS.body, onBytes(request));
		if (bytes.length === 0) return nothing(request);
		if (config.batch !== undefined) {
			const rules = { limit: config.batch, itemBytes: LIMITS.body };
			return await readBatch(bytes, { ...rules, parse: (part) => parse(request, part) });
		}
		return parse(request, bytes);
	};
	app.removeAllContentTypeParsers();
	app.addContentTypeParser('application/json', read);
	app.addContentTypeParser(WITH_SUFFIX, read);
}

/** Parses JSON, or throws a `Problem`. */
function createParse(app: App): (request: FastifyRequest, bytes: Buffer) => unknown {
	// Refuses `__proto__` and `constructor.prototype`: copying such an object would change every other.
	const parseSafely = app.getDefaultJsonParser('error', 'error');
	return (request, bytes) => {
		const excess = excessOf(bytes, BOUNDS);
		if (excess) throw invalid([{ path: '', message: EXCESS[excess] }]);
		const text = decode(bytes);
		if (text === '') throw notJson();
		let result: { error: Error | null; value: unknown } | undefined;
		// Calls back before it returns.
		void parseSafely(request, text, (error, value: unknown) => (result = { error, value }));
		if (result?.error) throw whyNotParsed(text);
		if (mayBeUnstorable(text)) refuseUnstorable(result?.value);
		return result?.value;
	};
}

function refuseEncodings({ headers }: FastifyRequest): void {
	const charset = /;\s*charset\s*=\s*"?([^";\s]+)/i.exec(headers['content-type'] ?? '')?.[1];
	if (charset !== undefined && !/^(utf-?8|us-ascii)$/i.test(charset)) {
		throw new Problem(415, 'JSON must be UTF-8; other character sets are not supported');
	}
	const encoding = headers['content-encoding'];
	if (encoding !== undefined && encoding.toLowerCase() !== 'identity') {
		throw new Problem(
			415,
			'Compressed bodies are not supported',
			[],
			{},
			{ 'accept-encoding': 'identity' },
		);
	}
}

/** An empty body is fine for a route that takes none: some clients declare JSON with every request. */
function nothing({ routeOptions }: FastifyRequest): undefined {
	if (routeOptions.schema?.body) throw new Problem(400, 'The body is empty; it must be JSON');
	return undefined;
}

const UTF_8 = new TextDecoder('utf-8', { fatal: true });

function decode(bytes: Buffer): string {
	try {
		return UTF_8.decode(bytes);
	} catch {
		throw new Problem(400, 'The body is not valid UTF-8');
	}
}

/** Neither message repeats the body, which may hold anything. */
function whyNotParsed(text: string): Problem {
	try {
		JSON.parse(text);
	} catch {
		return notJson();
	}
	const message = 'must not have a member "__proto__" or "constructor.prototype", at any depth';
	return invalid([{ path: '', message }]);
}

const notJson = (): Problem => new Problem(400, 'The body is not JSON');
