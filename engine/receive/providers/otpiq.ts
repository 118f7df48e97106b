import { createHash } from 'node:crypto';
import { z } from 'zod/v4';
import { flag, kind, part, text } from '../parse/facts.ts';
import { isHmacOfOne } from '../../signing/hmac.ts';
import { isObject, parseJson } from '../parse/json.ts';
import { derivedId, receivedEvent } from '../parse/build-event.ts';
import { type Draft, provider } from '../provider.ts';
import {
	type RawRequest,
	refuse,
	type RejectionReason,
	type Verification,
} from '../verify/verification.ts';
import type { ReceiveOptions } from '../options.ts';
import { refuseMilliseconds, refuseTime, refuseTimestamp } from '../verify/timestamp.ts';
import { isOneOf } from '../../signing/compare.ts';
import { urlToken } from '../verify/url-token.ts';
import type { ReceivedType } from '../../vocabulary.ts';

/**
 * OTPIQ's two webhooks. Delivery reports (https://docs.otpiq.com/essentials/how-webhook-works) carry the send's
 * `webhookSecret` as it is in `X-OTPIQ-Webhook-Secret`, or nothing; a send without one can put a token into its
 * `webhookUrl` instead. WhatsApp messages that came in
 * (https://docs.otpiq.com/whatsapp-business-api/whatsapp-webhook) are signed with their own secret, the whole text
 * `otpiq_live_sk…`.
 */
export const otpiq = provider({
	id: 'otpiq',
	parameter: 'otpiq',
	title: 'OTPIQ',
	scheme: {
		proof:
			'X-OTPIQ-Webhook-Secret: the secret itself, or a secret token in the URL; for WhatsApp messages X-OTPIQ-Webhook-Signature: "sha256=" and the hex HMAC-SHA256 of X-OTPIQ-Webhook-Timestamp, a dot and the body',
		secret: 'the webhookSecret of the send request',
		documentation: 'https://docs.otpiq.com/webhooks',
	},
	docs: {
		verifiedBy: 'its secret in a header, or a token in the URL; WhatsApp: HMAC, timestamp',
		events: 'sent, delivered, failed, received',
		setUp: 'URL and secret go with each send',
	},
	verify: (request, secrets, options) =>
		isSigned(request) ? verifySigned(request, secrets, options) : verifySecret(request, secrets),
	read({ request }, { now }) {
		const raw = parseJson(request.body);
		if (!isObject(raw)) return undefined;
		return isSigned(request) ? readMessage(raw, request, now) : readReport(raw, now);
	},
});

function isSigned({ headers }: RawRequest): boolean {
	return headers['x-otpiq-webhook-signature'] !== undefined;
}

function verifySecret(request: RawRequest, secrets: readonly string[]): Verification {
	const secret = request.headers['x-otpiq-webhook-secret'];
	if (secret !== undefined && typeof secret !== 'string') return refuse('malformed_signature');
	const token = urlToken(request);
	const claimed = secret ?? token?.value;
	if (claimed !== undefined && isOneOf(secrets, claimed)) {
		return { ok: true, request, isStatic: true };
	}
	// The last segment of a path need not have been meant as a token.
	const none = secret === undefined && token?.place !== 'query';
	return refuse(none ? 'missing_header' : 'bad_signature');
}

/** `sha256=` and hex HMAC-SHA256 of `timestamp.body`. The other headers, the event's id among them, are not signed. */
function verifySigned(
	request: RawRequest,
	secrets: readonly string[],
	{ now, toleranceS }: ReceiveOptions,
): Verification {
	const { 'x-otpiq-webhook-signature': signature, 'x-otpiq-webhook-timestamp': timestamp } =
		request.headers;
	if (timestamp === undefined) return refuse('missing_header');
	const hex =
		typeof signature === 'string' && /^sha256=([0-9a-f]{64})$/i.exec(signature.trim())?.[1];
	if (!hex) return refuse('malformed_signature');
	if (typeof timestamp !== 'string') return refuse('bad_timestamp');
	const untimely = refuseSigningTime(timestamp, now, toleranceS);
	if (untimely) return refuse(untimely);
	return isHmacOfOne(secrets, hex, `${timestamp}.`, request.body)
		? { ok: true, request }
		: refuse('bad_signature');
}

/** The documentation names no unit. Twelve digits of seconds are beyond the year 5000, and of milliseconds before 2002. */
function refuseSigningTime(
	timestamp: string,
	now: number,
	toleranceS?: number,
): RejectionReason | undefined {
	if (/^\d{1,12}$/.test(timestamp)) return refuseTimestamp(timestamp, now, toleranceS);
	if (/^\d+$/.test(timestamp)) return refuseMilliseconds(timestamp, now, toleranceS);
	return refuseTime(timestamp, now, toleranceS);
}

const report = z.looseObject({
	smsId: text,
	status: kind,
	/** `sms`, `whatsapp` or `telegram`. */
	channel: text,
	isFinal: flag,
	reason: text,
});

const STATUSES = new Map<string, ReceivedType>([
	['sent', 'notification.sent'],
	['delivered', 'notification.delivered'],
	['failed', 'notification.failed'],
]);

function readReport(raw: Record<string, unknown>, now: number): Draft | undefined {
	const parsed = report.safeParse(raw);
	if (!parsed.success) return undefined;
	const { smsId, status, channel, isFinal, reason } = parsed.data;
	const type = STATUSES.get(status) ?? 'unknown';
	const facts = {
		type,
		providerEvent: type === 'unknown' ? status : undefined,
		notificationId: smsId,
		// OTPIQ advises to deduplicate by `smsId`, which would lose `delivered` after `sent`, and the second channel.
		identity: smsId === undefined ? [raw] : [smsId, status, channel],
		channel,
		final: isFinal,
		// Each of the three channels reports on arrival at the recipient.
		confirmation: type === 'notification.delivered' ? ('device' as const) : undefined,
		error:
			type === 'notification.failed' && reason !== undefined
				? { code: 'NOT_DELIVERED', message: reason }
				: undefined,
	};
	return { events: [receivedEvent('otpiq', facts, raw, now)] };
}

const INBOUND = 'whatsapp.inbound_message.received';

/**
 * Fields that receivers of these webhooks read: OTPIQ's documentation shows the headers and names the event, without a
 * payload.
 */
const message = z.looseObject({
	event: text,
	eventId: text,
	contact: part({ phoneNumber: text }),
	message: part({ id: text }),
});

function readMessage(
	raw: Record<string, unknown>,
	{ body }: RawRequest,
	now: number,
): Draft | undefined {
	const parsed = message.safeParse(raw);
	if (!parsed.success) return undefined;
	const { contact, message: content } = parsed.data;
	// The headers with the event and its id are not signed, so a replay could change them: only the body counts.
	const event = parsed.data.event ?? (content ? INBOUND : undefined);
	if (event === undefined) return undefined;
	const bodyHash = createHash('sha256').update(body).digest('hex');
	const eventId = parsed.data.eventId ?? derivedId('otpiq', [bodyHash]);
	const facts = {
		type: event === INBOUND ? ('notification.received' as const) : ('unknown' as const),
		providerEvent: event,
		notificationId: content?.id ?? eventId,
		eventId,
		channel: 'whatsapp',
		recipient: contact?.phoneNumber,
	};
	return { events: [receivedEvent('otpiq', facts, raw, now)] };
}
