import { verify } from 'node:crypto';
import { z } from 'zod/v4';
import { ecdsaKey } from '../../signing/keys.ts';
import { readBatch } from '../parse/batch.ts';
import { flag, kind, number, object, text } from '../parse/facts.ts';
import { parseJson } from '../parse/json.ts';
import { isMachine } from '../parse/machine.ts';
import { type Facts, receivedEvent } from '../parse/build-event.ts';
import type { ReceivedEvent } from '../../received-event.ts';
import { provider } from '../provider.ts';
import { refuse } from '../verify/verification.ts';
import { refuseTimestamp } from '../verify/timestamp.ts';
import type { ReceivedType } from '../../vocabulary.ts';

/** https://www.twilio.com/docs/sendgrid/for-developers/tracking-events/event; bounces and drops say more by their reason. */
const TYPES: ReadonlyMap<string, ReceivedType> = new Map([
	['processed', 'notification.sent'],
	['deferred', 'notification.retrying'],
	['delivered', 'notification.delivered'],
	['bounce', 'notification.bounced'],
	['dropped', 'notification.failed'],
	['open', 'notification.opened'],
	['click', 'notification.clicked'],
	['spamreport', 'notification.complained'],
	['unsubscribe', 'notification.unsubscribed'],
	['group_unsubscribe', 'notification.unsubscribed'],
	['group_resubscribe', 'notification.subscribed'],
]);

/** Reasons of a drop that are about the address; the others are about the message or the account ("Dropped events"). */
const SUPPRESSIONS = ['Unsubscribed Address', 'Bounced Address', 'Spam Reporting Address'];

/**
 * Fields that SendGrid documents or shows in its examples. All other fields of an event are the sender's own arguments.
 */
const OWN_FIELDS: ReadonlySet<string> = new Set(
	`asm_group_id attempt bounce_classification category cert_err custom_args domain email event from ip
	marketing_campaign_id marketing_campaign_name marketing_campaign_split_id marketing_campaign_version mc_auto_id
	mc_auto_name mc_pod_id mc_stats newsletter phase_id pool reason response send_at sg_content_type sg_event_id
	sg_machine_open sg_message_id sg_template_id sg_template_name sg_user_id singlesend_id singlesend_name smtp-id status
	template_hash template_id template_version_id timestamp tls type unique_args url url_offset useragent`.split(
		/\s+/,
	),
);

/** Senders' own arguments stand beside SendGrid's fields, and may have a name of theirs. */
const payload = z.looseObject({
	event: kind,
	sg_event_id: text,
	timestamp: number,
	email: text,
	sg_message_id: text,
	'smtp-id': text,
	attempt: number,
	reason: text,
	response: text,
	status: text,
	type: text,
	url: text,
	useragent: text,
	sg_machine_open: flag,
	unique_args: object,
	custom_args: object,
});
type Payload = z.infer<typeof payload>;

const SIGNATURE = 'x-twilio-email-event-webhook-signature';
const TIMESTAMP = 'x-twilio-email-event-webhook-timestamp';

/**
 * SendGrid's Event Webhook, signed: base64 DER of ECDSA P-256/SHA-256 over the timestamp and the raw body, line ends
 * included. The secret is the verification key that SendGrid shows, base64 or PEM
 * (https://www.twilio.com/docs/sendgrid/for-developers/tracking-events/getting-started-event-webhook-security-features).
 */
export const sendgrid = provider({
	id: 'sendgrid',
	parameter: 'sendgrid',
	title: 'SendGrid',
	scheme: {
		proof:
			'X-Twilio-Email-Event-Webhook-Signature: the base64 ECDSA signature of X-Twilio-Email-Event-Webhook-Timestamp and the body',
		secret: 'the verification key (a public key) of the signed event webhook',
		documentation:
			'https://www.twilio.com/docs/sendgrid/for-developers/tracking-events/getting-started-event-webhook-security-features',
	},
	docs: {
		verifiedBy: 'ECDSA, timestamp',
		events:
			'sent, delivered, retrying, bounced, failed, suppressed, opened, clicked, complained, unsubscribed, subscribed',
		setUp: 'paste in Event Webhooks',
	},
	signatureHeaders: ['x-twilio-email-event-webhook-signature'],
	verify(request, secrets, { now, toleranceS }) {
		const { [SIGNATURE]: signature, [TIMESTAMP]: timestamp } = request.headers;
		if (signature === undefined || timestamp === undefined) return refuse('missing_header');
		// The longest DER of two numbers below 2^256 has 72 bytes.
		if (typeof signature !== 'string' || !/^[A-Za-z0-9+/]{8,96}={0,2}$/.test(signature)) {
			return refuse('malformed_signature');
		}
		if (typeof timestamp !== 'string') return refuse('bad_timestamp');
		const untimely = refuseTimestamp(timestamp, now, toleranceS);
		if (untimely) return refuse(untimely);
		const signed = Buffer.concat([Buffer.from(timestamp), request.body]);
		const claimed = Buffer.from(signature, 'base64');
		const genuine = secrets.some((secret) => {
			const key = secret === '' ? undefined : ecdsaKey(secret);
			return key !== undefined && verify('sha256', signed, key, claimed);
		});
		return genuine
			? { ok: true, request, signedAt: Number(timestamp) * 1000 }
			: refuse('bad_signature');
	},
	read({ request }, { now }) {
		const events = parseJson(request.body);
		if (events === undefined) return undefined;
		return readBatch([events].flat(), (raw) => readEvent(raw, now));
	},
});

function readEvent(raw: Record<string, unknown>, now: number): ReceivedEvent | undefined {
	const parsed = payload.safeParse(raw);
	if (!parsed.success) return undefined;
	const event = parsed.data;
	const type = typeOf(event);
	const facts: Facts = {
		type,
		providerEvent: event.event,
		notificationId: messageId(event),
		eventId: event.sg_event_id,
		channel: event.email === undefined ? undefined : 'email',
		recipient: event.email,
		confirmation: type === 'notification.delivered' ? 'service' : undefined,
		attempt: event.attempt,
		bounceType:
			type === 'notification.bounced' ? (event.type === 'blocked' ? 'soft' : 'hard') : undefined,
		error: errorOf(type, event),
		link: type === 'notification.clicked' ? event.url : undefined,
		machine: byMachine(type, event) ? true : undefined,
		occurredAt: event.timestamp === undefined ? undefined : event.timestamp * 1000,
		metadata: metadataOf(raw, event),
	};
	return receivedEvent('sendgrid', facts, raw, now);
}

function typeOf({ event, reason = '' }: Payload): ReceivedType {
	if (event === 'dropped' && SUPPRESSIONS.some((one) => reason.startsWith(one))) {
		return 'notification.suppressed';
	}
	return TYPES.get(event) ?? 'unknown';
}

/**
 * The `X-Message-Id` that the send call answered with: `sg_message_id` up to its first dot. A bounce that comes much
 * later has no `sg_message_id`, but the `smtp-id` that it was made from. Undefined for an event of no message.
 */
function messageId({ sg_message_id: id, 'smtp-id': smtpId }: Payload): string | undefined {
	const from = id?.trim() || smtpId?.trim().replace(/^</, '') || '';
	return /^[^.@]+/.exec(from)?.[0];
}

function errorOf(type: ReceivedType, event: Payload): Facts['error'] {
	if (!/retrying|bounced|failed|suppressed/.test(type)) return undefined;
	const message = event.reason ?? event.response ?? event.event;
	return { code: event.status ?? /^\d{3}\b/.exec(message)?.[0] ?? event.event, message };
}

function byMachine(type: ReceivedType, event: Payload): boolean {
	if (type !== 'notification.opened' && type !== 'notification.clicked') return false;
	return event.sg_machine_open === true || isMachine(event.useragent);
}

function metadataOf(raw: Record<string, unknown>, event: Payload): Record<string, unknown> {
	const own = Object.entries(raw).filter(([name]) => !OWN_FIELDS.has(name));
	return { ...event.unique_args, ...event.custom_args, ...Object.fromEntries(own) };
}
