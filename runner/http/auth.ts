import { timingSafeEqual } from 'node:crypto';
import type { FastifyRequest } from 'fastify';
import { hashKey } from '../config/api-keys.ts';
import type { ApiKey } from '../config/config.ts';
import type { Scope } from '../config/settings/index.ts';
import type { App } from './app.ts';
import { Problem } from './problem.ts';
import type { Rates } from './rates.ts';

/**
 * Authenticates requests before their body is read, so that a caller without a key, or one that calls too often, costs
 * nothing.
 */
export function authenticateRoutes(app: App, apiKeys: readonly ApiKey[], rates: Rates): void {
	app.decorateRequest('apiKey');
	app.addHook('onRequest', (request, _reply, done) => {
		const { scopes } = request.routeOptions.config;
		if (!scopes) return done();
		const presented = presentedKey(request);
		const key = presented === undefined ? undefined : findKey(apiKeys, presented);
		if (!key) {
			rates.countFailure(request);
			throw presented === undefined ? notPresented() : notKnown();
		}
		request.apiKey = key;
		rates.countKey(key);
		refuseScope(key, scopes);
		done();
	});
}

/** The token of `Authorization: Bearer KEY` (RFC 6750 §2.1). */
function presentedKey({ headers }: FastifyRequest): string | undefined {
	return /^Bearer +(\S+) *$/i.exec(headers.authorization ?? '')?.[1];
}

/** Compares hashes, and all of them, so that timing reveals nothing. */
function findKey(keys: readonly ApiKey[], presented: string): ApiKey | undefined {
	const hash = hashKey(presented);
	return keys.filter(({ sha256 }) => timingSafeEqual(sha256, hash)).at(0);
}

// RFC 9110 §15.5.2 wants the challenge, RFC 6750 §3 its form.
function notPresented(): Problem {
	const detail = 'Send your API key as "Authorization: Bearer KEY"';
	return new Problem(401, detail, [], {}, { 'www-authenticate': 'Bearer' });
}

function notKnown(): Problem {
	const challenge = 'Bearer error="invalid_token"';
	return new Problem(401, 'This API key is not valid', [], {}, { 'www-authenticate': challenge });
}

function refuseScope({ name, scopes }: ApiKey, anyOf: readonly Scope[]): void {
	if (scopes.includes('admin') || anyOf.some((scope) => scopes.includes(scope))) return;
	throw new Problem(403, `The key "${name}" needs the scope ${anyOf.join(' or ')}`);
}
