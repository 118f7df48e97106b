import type { FastifyRequest } from 'fastify';
import { Problem } from './problem.ts';

/** Headers with a single value. Node takes the first or joins them; a proxy in front may have read another one. */
const ONCE: ReadonlySet<string> = new Set([
	'authorization',
	'content-encoding',
	'content-type',
	'host',
	'idempotency-key',
]);

/** Throws a 400 for a request that two readers can understand differently (RFC 9110 §5.3, RFC 9112 §3.2). */
export function refuseAmbiguousHeaders({ raw }: FastifyRequest): void {
	const seen = new Set<string>();
	for (let i = 0; i < raw.rawHeaders.length; i += 2) {
		const name = raw.rawHeaders[i]?.toLowerCase() ?? '';
		if (!ONCE.has(name)) continue;
		if (seen.has(name)) throw new Problem(400, `The header ${name} came more than once`);
		seen.add(name);
	}
	if (!seen.has('host') && raw.httpVersion === '1.1') {
		throw new Problem(400, 'The header host is missing');
	}
}
