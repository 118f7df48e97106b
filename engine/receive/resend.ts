import { z } from 'zod/v4';
import { isJsonType } from './headers.ts';
import { anyObject } from '../any-object.ts';
import { isObject, parseJson } from './json.ts';
import { isMachine } from './machine.ts';
import type { Receiver } from './received.ts';
import { receivedEvent } from './received-event.ts';
import { svixHeaders, verifyStandardWebhooks } from './standard-webhooks-signature.ts';
import type { ReceivedType } from './vocabulary.ts';

/** Resend's events about a mail (https://resend.com/docs/webhooks/event-types); those about contacts and domains are not. */
const TYPES: Readonly<Record<string, ReceivedType>> = {
	'email.scheduled': 'notification.queued',
	'email.sent': 'notification.sent',
	'email.delivered': 'notification.delivered',
	'email.delivery_delayed': 'notification.retrying',
	'email.bounced': 'notification.bounced',
	'email.failed': 'notification.failed',
	'email.suppressed': 'notification.suppressed',
	'email.complained': 'notification.complained',
	'email.opened': 'notification.opened',
	'email.clicked': 'notification.clicked',
	'email.received': 'notification.received',
};

const text = z.string().min(1).optional().catch(undefined);

const resendPayload = z.looseObject({
	type: z.string().min(1),
	created_at: text,
	data: z.looseObject({
		email_id: text,
		id: text,
		from: text,
		to: z.array(z.string()).optional().catch(undefined),
		tags: anyObject.optional().catch(undefined),
		bounce: z.looseObject({ type: text, subType: text, message: text }).optional().catch(undefined),
		failed: z.looseObject({ reason: text }).optional().catch(undefined),
		suppressed: z.looseObject({ type: text, message: text }).optional().catch(undefined),
		click: z.looseObject({ link: text, userAgent: text }).optional().catch(undefined),
	}),
});
type Data = z.infer<typeof resendPayload>['data'];

/** Resend's webhooks, signed with Svix. A secret is `whsec_` and base64, as the webhook's page shows it. */
export const resend: Receiver = {
	verify: (request, secrets, options) =>
		verifyStandardWebhooks(svixHeaders(request), request, secrets, options),
	read({ request, id = '', signedAt }, { now }) {
		const raw = isJsonType(request) ? parseJson(request.body) : undefined;
		const parsed = resendPayload.safeParse(raw);
		if (!isObject(raw) || !parsed.success) return undefined;
		const { type: providerEvent, created_at: createdAt, data } = parsed.data;
		const mail = data.email_id !== undefined && Object.hasOwn(TYPES, providerEvent);
		const type = (mail ? TYPES[providerEvent] : undefined) ?? 'unknown';
		const event = receivedEvent(
			'resend',
			{
				type,
				providerEvent,
				// Resend names it as what to deduplicate by, and it is signed.
				eventId: id,
				notificationId: data.email_id ?? data.id ?? id,
				channel: mail ? 'email' : undefined,
				confirmation: type === 'notification.delivered' ? 'service' : undefined,
				recipient: type === 'notification.received' ? data.from : data.to?.join(', '),
				bounceType: type === 'notification.bounced' ? bounceType(data) : undefined,
				error: errorOf(data),
				link: data.click?.link,
				machine: data.click && isMachine(data.click.userAgent) ? true : undefined,
				occurredAt: createdAt ?? signedAt,
				metadata: data.tags,
			},
			raw,
			now,
		);
		return { events: [event] };
	},
};

/** `Permanent`, `Transient` or `Undetermined` (https://resend.com/docs/dashboard/emails/email-bounces). */
function bounceType({ bounce }: Data): 'hard' | 'soft' {
	return bounce?.type === 'Permanent' ? 'hard' : 'soft';
}

function errorOf({
	bounce,
	failed,
	suppressed,
}: Data): { code: string; message: string } | undefined {
	if (bounce) return error(bounce.subType ?? bounce.type, bounce.message);
	if (suppressed) return error(suppressed.type, suppressed.message);
	return failed && error(failed.reason, failed.reason);
}

function error(code = 'UNKNOWN', message: string = code): { code: string; message: string } {
	return { code, message };
}
