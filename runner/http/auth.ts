import { timingSafeEqual } from 'node:crypto';
import type { FastifyRequest } from 'fastify';
import { type ApiKey, hashKey } from '../config/load.ts';
import type { Scope } from '../config/schema.ts';
import { Problem } from './problem.ts';

export type Authenticate = (request: FastifyRequest, ...anyOf: readonly Scope[]) => ApiKey;

/** Checks `Authorization: Bearer KEY`. Keys are compared as hashes, all of them, so that time tells nothing. */
export function createAuthenticate(keys: readonly ApiKey[]): Authenticate {
	return (request, ...anyOf) => {
		const presented = /^Bearer +(\S+)$/i.exec(request.headers.authorization ?? '')?.[1];
		if (presented === undefined) {
			throw new Problem(401, 'Send your API key as "Authorization: Bearer KEY"');
		}
		const hash = hashKey(presented);
		const found = keys.filter(({ sha256 }) => timingSafeEqual(sha256, hash)).at(0);
		if (!found) throw new Problem(401, 'This API key is not known here');
		const allowed = found.scopes.includes('admin') || anyOf.some((s) => found.scopes.includes(s));
		if (!allowed) {
			throw new Problem(403, `The key "${found.name}" needs the scope ${anyOf.join(' or ')}`);
		}
		return found;
	};
}
