import { nestsDeeper } from '@sureping/engine';
import type { FastifyBodyParser, FastifyRequest } from 'fastify';
import type { App } from './api.ts';
import { LIMITS } from './limits.ts';
import { mayHoldUnkeepable, refuseUnkeepable } from './keepable.ts';
import { invalid, Problem } from './problem.ts';

/** What is JSON by its suffix (RFC 6839 §3.1). */
const WITH_SUFFIX = /^application\/[\w.!#$&^+-]+\+json(?:\s*;|$)/i;

/** JSON is all that is taken, in the form that every reader understands alike (RFC 8259, RFC 7493); else 400, 415 or 422. */
export function readJsonBodies(app: App): void {
	// Refuses `__proto__` and `constructor.prototype`: whoever copies such an object changes every other.
	const parseSafely = app.getDefaultJsonParser('error', 'error');
	const parse = (request: FastifyRequest, text: string): unknown => {
		let result: { error: Error | null; value: unknown } | undefined;
		// Calls back before it returns.
		void parseSafely(request, text, (error, value: unknown) => (result = { error, value }));
		if (result?.error) throw whyNotParsed(text);
		return result?.value;
	};
	const read: FastifyBodyParser<Buffer> = (request, bytes, done) => {
		try {
			refuseEncodings(request);
			if (bytes.length === 0) return done(null, nothing(request));
			const text = decode(bytes);
			const value = parse(request, text);
			if (nestsDeeper(value, LIMITS.nesting)) {
				throw invalid([{ path: '', message: `nests deeper than ${LIMITS.nesting} levels` }]);
			}
			if (!request.routeOptions.config.checksItems && mayHoldUnkeepable(text)) {
				refuseUnkeepable(value);
			}
			done(null, value);
		} catch (error) {
			done(error instanceof Error ? error : new Error(String(error)));
		}
	};
	app.removeAllContentTypeParsers();
	app.addContentTypeParser<Buffer>('application/json', { parseAs: 'buffer' }, read);
	app.addContentTypeParser<Buffer>(WITH_SUFFIX, { parseAs: 'buffer' }, read);
}

function refuseEncodings({ headers }: FastifyRequest): void {
	const charset = /;\s*charset\s*=\s*"?([^";\s]+)/i.exec(headers['content-type'] ?? '')?.[1];
	if (charset !== undefined && !/^(utf-?8|us-ascii)$/i.test(charset)) {
		throw new Problem(415, 'JSON is UTF-8; other character sets are not taken');
	}
	const encoding = headers['content-encoding'];
	if (encoding !== undefined && encoding.toLowerCase() !== 'identity') {
		throw new Problem(
			415,
			'Compressed bodies are not taken',
			[],
			{},
			{ 'accept-encoding': 'identity' },
		);
	}
}

/** Some clients announce JSON with every request. Where a route takes no body that does no harm. */
function nothing({ routeOptions }: FastifyRequest): undefined {
	if (routeOptions.schema?.body) throw new Problem(400, 'The body is empty; it must be JSON');
	return undefined;
}

function decode(bytes: Buffer): string {
	try {
		return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
	} catch {
		throw new Problem(400, 'The body is not UTF-8, which JSON must be');
	}
}

/** Neither sentence repeats the body: what cannot be read may hold anything. */
function whyNotParsed(text: string): Problem {
	try {
		JSON.parse(text);
	} catch {
		return new Problem(400, 'The body is not JSON');
	}
	const message = 'must not have a member "__proto__" or "constructor.prototype", at any depth';
	return invalid([{ path: '', message }]);
}
