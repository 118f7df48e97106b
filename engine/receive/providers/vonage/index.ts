import { formObject, jsonOrForm, MOST_PARAMETERS } from '../../parse/form.ts';
import { isHashOf } from '../../verify/hash-claim.ts';
import { isObject } from '../../parse/json.ts';
import { refuseTokenTime, verifyToken } from '../../verify/jwt.ts';
import { queryOf } from '../../parse/query.ts';
import { receivedEvent } from '../../parse/build-event.ts';
import { type RawRequest, refuse, type Verification } from '../../verify/verification.ts';
import { provider } from '../../provider.ts';
import type { ReceiveOptions } from '../../options.ts';
import { refuseTimestamp } from '../../verify/timestamp.ts';
import {
	deliveryReceiptFacts,
	inboundSmsFacts,
	isSignedByParameter,
	verifyParameters,
} from './sms.ts';
import { inboundFacts, otherFacts, statusFacts } from './messages.ts';

/**
 * Vonage. The Messages API sends a JWT in `Authorization: Bearer`
 * (https://developer.vonage.com/en/getting-started/concepts/webhooks#signed-webhooks); the SMS API, where signing was
 * asked for, puts `sig` among the parameters. Secrets: the account's signature secret, which is not the API secret.
 */
export const vonage = provider({
	id: 'vonage',
	parameter: 'vonage',
	title: 'Vonage',
	scheme: {
		proof: 'Authorization: Bearer and a JWT with the hash of the body',
		secret: "the account's signature secret",
		documentation:
			'https://developer.vonage.com/en/getting-started/concepts/webhooks#decoding-signed-webhooks',
	},
	docs: {
		verifiedBy: 'JWT over the body, or HMAC; timestamp',
		events: 'sent, delivered, read, failed, received',
		setUp: 'paste in its dashboard',
	},
	callsWithGet: true,
	verify(request, secrets, options) {
		const authorization = request.headers.authorization;
		if (authorization !== undefined) return verifyBearer(request, secrets, options);
		// The signature is among the parameters, and an SMS has few.
		if (request.body.length > LONGEST_SMS) return refuse('malformed_body');
		const parameters = parametersOf(request);
		if (!parameters) return refuse('malformed_body');
		return isSignedByParameter(parameters)
			? verifyParameters(request, parameters, secrets, options)
			: refuse('missing_header');
	},
	read({ request }, { now }) {
		const raw = parametersOf(request);
		if (!raw || Object.keys(raw).length === 0) return undefined;
		const facts =
			statusFacts(raw) ??
			inboundFacts(raw) ??
			deliveryReceiptFacts(raw) ??
			inboundSmsFacts(raw) ??
			otherFacts(raw);
		return { events: [receivedEvent('vonage', facts, raw, now)] };
	},
});

/** Bytes of a request of the SMS API, which must be parsed before it is proved; its texts have at most 1,600 characters. */
const LONGEST_SMS = 256 * 1024;

/** A request's parameters, in any of Vonage's formats: JSON, a form, or the query of a GET. */
function parametersOf(request: RawRequest): Record<string, unknown> | undefined {
	if (request.method === 'GET') return formObject([...(queryOf(request) ?? [])]);
	const payload = jsonOrForm(request.body);
	const usable = isObject(payload) && Object.keys(payload).length <= MOST_PARAMETERS;
	return usable ? payload : undefined;
}

/** A token has no end of its own: it is as old as its `iat`. Without a hash it says nothing about the payload. */
function verifyBearer(
	request: RawRequest,
	secrets: readonly string[],
	{ now, toleranceS }: ReceiveOptions,
): Verification {
	const { authorization } = request.headers;
	const bearer = typeof authorization === 'string' && /^Bearer +(\S+)$/i.exec(authorization)?.[1];
	if (!bearer) return refuse('malformed_signature');
	const token = verifyToken(bearer, secrets, ['HS256']);
	if (!token.ok) return token;
	const { iat, iss, payload_hash: hash } = token.claims;
	if (typeof iat !== 'number') return refuse('bad_timestamp');
	const untimely =
		refuseTimestamp(String(iat), now, toleranceS) ?? refuseTokenTime(token.claims, now, 0);
	if (untimely) return refuse(untimely);
	const payload = hashedPayload(request);
	const isCovered = payload !== undefined && isHashOf(hash, payload);
	if (iss !== 'Vonage' || !isCovered) return refuse('bad_signature');
	return {
		ok: true,
		request,
		signedAt: iat * 1000,
	};
}

/**
 * The body, or of a GET its query as a JSON object without white space, in its order (Vonage API Support, "How do I verify
 * that the Voice API Webhook request and it's payload has not been tampered during transit?").
 */
function hashedPayload(request: RawRequest): string | Uint8Array | undefined {
	if (request.method !== 'GET') return request.body;
	const query = [...(queryOf(request) ?? [])];
	const fields = Object.fromEntries(query);
	// Where a name comes twice, it is not clear which value was signed.
	return Object.keys(fields).length === query.length ? JSON.stringify(fields) : undefined;
}
