import { z } from 'zod/v4';
import { signingKey } from '../../../signing/keys.ts';
import { kind, text } from '../../parse/facts.ts';
import { type DigestAlgorithm, isKeyedDigest } from '../../../signing/keyed-digest.ts';
import type { Facts } from '../../parse/build-event.ts';
import { type RawRequest, refuse, type Verification } from '../../verify/verification.ts';
import type { ReceiveOptions } from '../../options.ts';
import { refuseTimestamp } from '../../verify/timestamp.ts';
import type { ReceivedType } from '../../../vocabulary.ts';

/** By the length of the digest in hex. MD5, the account's default, is not accepted: choose an HMAC in the dashboard. */
const ALGORITHMS: ReadonlyMap<number, DigestAlgorithm> = new Map([
	[40, 'sha1'],
	[64, 'sha256'],
	[128, 'sha512'],
]);

export function isSignedByParameter(parameters: Readonly<Record<string, unknown>>): boolean {
	return Object.hasOwn(parameters, 'sig');
}

/** The content of a request without its signature, which changes when Vonage sends again. */
export function withoutSigning({
	sig,
	timestamp,
	nonce,
	...rest
}: Readonly<Record<string, unknown>>): Record<string, unknown> {
	return rest;
}

/**
 * Verifies `sig`: HMAC over `&name=value` of all other parameters, sorted by name, with `&` and `=` in a value as `_`
 * (https://developer.vonage.com/en/getting-started/concepts/signing-messages).
 */
export function verifyParameters(
	request: RawRequest,
	{ sig, ...parameters }: Readonly<Record<string, unknown>>,
	secrets: readonly string[],
	{ now, toleranceS }: ReceiveOptions,
): Verification {
	// Hex in one case throughout: a mix was changed on the way.
	const hex = typeof sig === 'string' && /^([0-9a-f]+|[0-9A-F]+)$/.test(sig) ? sig : '';
	const algorithm = ALGORITHMS.get(hex.length);
	if (!algorithm) return refuse('malformed_signature');
	const { timestamp } = parameters;
	if (typeof timestamp !== 'string') return refuse('bad_timestamp');
	const untimely = refuseTimestamp(timestamp, now, toleranceS);
	if (untimely) return refuse(untimely);
	const content = signedContent(parameters);
	const keys = secrets.filter((secret) => secret !== '').map(signingKey);
	return content !== undefined && isKeyedDigest(algorithm, keys, Buffer.from(hex, 'hex'), content)
		? { ok: true, request, signedAt: Number(timestamp) * 1000 }
		: refuse('bad_signature');
}

/** Undefined where a name or a value could be read in two ways: SMS parameters are plain words and texts. */
function signedContent(parameters: Readonly<Record<string, unknown>>): string | undefined {
	const names = Object.keys(parameters).sort();
	const pairs = names.map((name) => {
		const value = parameters[name];
		return typeof value === 'string' && !/[&=]/.test(name)
			? `&${name}=${asSigned(value)}`
			: undefined;
	});
	return pairs.includes(undefined) ? undefined : pairs.join('');
}

/** `a&b`, `a=b` and `a_b` have the same signature, so they must be the same event. */
function asSigned<Text extends string | undefined>(value: Text): Text | string {
	return value === undefined ? value : value.replace(/[&=]/g, '_');
}

/** https://developer.vonage.com/en/messaging/sms/guides/delivery-receipts */
const receipt = z.looseObject({
	messageId: kind,
	status: kind,
	msisdn: text,
	scts: text,
	'err-code': text,
	'message-timestamp': text,
	'client-ref': text,
});

const STATUSES: ReadonlyMap<string, ReceivedType> = new Map([
	['accepted', 'notification.sent'],
	['buffered', 'notification.sent'],
	['delivered', 'notification.delivered'],
	['expired', 'notification.failed'],
	['failed', 'notification.failed'],
	['rejected', 'notification.failed'],
]);

/** https://developer.vonage.com/en/messaging/sms/guides/inbound-sms */
const inbound = z.looseObject({
	messageId: kind,
	msisdn: text,
	type: kind,
	'concat-part': text,
	'message-timestamp': text,
});

/** The facts of an incoming message of the SMS API: it has a type where a receipt has a status. */
export function inboundSmsFacts(raw: Record<string, unknown>): Facts | undefined {
	const { data } = inbound.safeParse(raw);
	if (!data) return undefined;
	const { messageId, msisdn, 'concat-part': part } = data;
	return {
		type: 'notification.received',
		notificationId: messageId,
		// Its time is that of the push.
		identity: ['inbound', ...[messageId, part].map(asSigned)],
		channel: 'sms',
		recipient: msisdn,
		occurredAt: isoOf(data['message-timestamp']),
	};
}

/** Vonage writes UTC as `YYYY-MM-DD HH:MM:SS`. */
function isoOf(timestamp: string | undefined): string | undefined {
	return timestamp?.replace(/^(\S+) (\S+)$/, '$1T$2Z');
}

/** The facts of a delivery receipt of the SMS API. */
export function deliveryReceiptFacts(raw: Record<string, unknown>): Facts | undefined {
	const { data } = receipt.safeParse(raw);
	if (!data) return undefined;
	const { messageId, status, msisdn, scts, 'err-code': code, 'client-ref': reference } = data;
	const type = STATUSES.get(status) ?? 'unknown';
	return {
		type,
		providerEvent: status,
		notificationId: messageId,
		// The time is that of the push, which is another when Vonage sends again; `scts` is the carrier's.
		identity: [messageId, msisdn, status, scts, code].map(asSigned),
		channel: 'sms',
		status,
		confirmation: type === 'notification.delivered' ? 'device' : undefined,
		recipient: msisdn,
		error: code === undefined || code === '0' ? undefined : { code, message: status },
		occurredAt: isoOf(data['message-timestamp']),
		metadata: reference === undefined ? undefined : { 'client-ref': reference },
	};
}
