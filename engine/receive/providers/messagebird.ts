import { z } from 'zod/v4';
import { formObject } from '../parse/form.ts';
import { isHashOf } from '../verify/hash-claim.ts';
import { kind, part, text } from '../parse/facts.ts';
import { isObject, parseJson } from '../parse/json.ts';
import { refuseTokenTime, verifyToken } from '../verify/jwt.ts';
import { queryOf } from '../parse/query.ts';
import { receivedEvent } from '../parse/build-event.ts';
import { type Draft, provider } from '../provider.ts';
import { refuse } from '../verify/verification.ts';
import type { ReceivedType } from '../../vocabulary.ts';

/** Seconds that the clocks may be apart, as MessageBird's own SDK has it. The token itself says how long it is good for. */
const SKEW_S = 5;

/**
 * MessageBird (not yet Bird): a JWT in `MessageBird-Signature-JWT`, which covers the URL and the body by their hashes.
 * Secrets: the signing key of the account, as text, which is not the API key. The URL must be the one that MessageBird
 * called, whole (messagebird/messagebird-nodejs, `lib/webhook-signature-jwt.js`).
 */
export const messagebird = provider({
	id: 'messagebird',
	parameter: 'messagebird',
	title: 'MessageBird',
	scheme: {
		proof: 'MessageBird-Signature-JWT: a JWT with the hashes of the URL and the body',
		secret: 'the signing key of the account',
		documentation: 'https://developers.messagebird.com/api/#verifying-http-requests',
		signsUrl: true,
	},
	docs: {
		verifiedBy: 'JWT over URL and body',
		events: 'queued, sent, delivered, failed',
		setUp: '`reportUrl`, or paste',
	},
	callsWithGet: true,
	verify(request, secrets, { now }) {
		const header = request.headers['messagebird-signature-jwt'];
		if (!header) return refuse('missing_header');
		if (typeof header !== 'string') return refuse('malformed_signature');
		const token = verifyToken(header, secrets, ['HS256', 'HS384', 'HS512']);
		if (!token.ok) return token;
		const { iss, exp, nbf, jti, url_hash: urlHash, payload_hash: payloadHash } = token.claims;
		// A token that never ends could be used for ever.
		if (exp === undefined || nbf === undefined) return refuse('bad_timestamp');
		const untimely = refuseTokenTime(token.claims, now, SKEW_S);
		if (untimely) return refuse(untimely);
		const covered =
			isHashOf(urlHash, request.url) &&
			(isHashOf(payloadHash, request.body) ||
				(payloadHash === undefined && request.body.length === 0));
		if (iss !== 'MessageBird' || typeof jti !== 'string' || !covered) {
			return refuse('bad_signature');
		}
		// The token's id is another when MessageBird sends again.
		return { ok: true, request };
	},
	read({ request }, { now }) {
		if (request.method === 'GET') {
			return readReport(formObject([...(queryOf(request) ?? [])]), now);
		}
		const raw = parseJson(request.body);
		return isObject(raw) ? readOther(raw, now) : undefined;
	},
});

/**
 * SMS status reports, which come as a GET
 * (https://docs.bird.com/connectivity-platform/getting-started/receiving-delivery-reports-dlrs). The other parameters
 * of the URL's query come with them.
 */
const report = z.looseObject({
	id: text,
	status: kind,
	recipient: text,
	reference: text,
	statusDatetime: text,
	statusReason: text,
	statusErrorCode: text,
});

/** messagebird/messagebird-nodejs, `types/messages.d.ts`. */
const STATUSES: ReadonlyMap<string, ReceivedType> = new Map([
	['scheduled', 'notification.queued'],
	['sent', 'notification.sent'],
	['buffered', 'notification.sent'],
	['delivered', 'notification.delivered'],
	['expired', 'notification.failed'],
	['delivery_failed', 'notification.failed'],
]);

function readReport(raw: Record<string, unknown>, now: number): Draft | undefined {
	const { data } = report.safeParse(raw);
	if (!data) return undefined;
	const { id, status, recipient, reference, statusDatetime, statusReason, statusErrorCode } = data;
	const type = STATUSES.get(status) ?? 'unknown';
	const facts = {
		type,
		providerEvent: status,
		notificationId: id,
		identity: id === undefined ? [raw] : [id, recipient, status, statusDatetime],
		channel: 'sms',
		status,
		confirmation: type === 'notification.delivered' ? ('device' as const) : undefined,
		recipient,
		error:
			type === 'notification.failed'
				? { code: statusErrorCode || status, message: statusReason || status }
				: undefined,
		occurredAt: statusDatetime,
		metadata: reference === undefined ? undefined : { reference },
	};
	return { events: [receivedEvent('messagebird', facts, raw, now)] };
}

/** Conversations and voice post JSON without a documented example, so it is passed on unchanged. */
const other = z.looseObject({
	type: text,
	message: part({ id: text }),
});

function readOther(raw: Record<string, unknown>, now: number): Draft | undefined {
	const { data } = other.safeParse(raw);
	if (!data || (data.type === undefined && data.message === undefined)) return undefined;
	const facts = {
		type: 'unknown' as const,
		providerEvent: data.type,
		notificationId: data.message?.id,
		identity: [raw],
	};
	return { events: [receivedEvent('messagebird', facts, raw, now)] };
}
