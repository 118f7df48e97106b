import { z } from 'zod/v4';
import { fact, kind, object, part, text } from '../parse/facts.ts';
import { isObject, parseJson } from '../parse/json.ts';
import { isMachine } from '../parse/machine.ts';
import { mailAddresses } from '../parse/mail-addresses.ts';
import { forEachRecipient } from '../parse/recipients.ts';
import { provider } from '../provider.ts';
import { receivedEvent } from '../parse/build-event.ts';
import { svixHeaders, verifyStandardWebhooks } from '../verify/standard-webhooks.ts';
import type { ReceivedType } from '../../vocabulary.ts';

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

const resendPayload = z.looseObject({
	type: kind,
	created_at: text,
	data: part({
		email_id: text,
		id: text,
		from: text,
		to: fact(z.union([z.array(z.unknown()), z.string()])),
		tags: object,
		bounce: part({ type: text, subType: text, message: text }),
		failed: part({ reason: text }),
		suppressed: part({ type: text, message: text }),
		click: part({ link: text, userAgent: text }),
	}),
});
type Data = NonNullable<z.infer<typeof resendPayload>['data']>;

/** Resend's webhooks, signed with Svix. A secret is `whsec_` and base64, as the webhook's page shows it. */
export const resend = provider({
	id: 'resend',
	parameter: 'resend',
	title: 'Resend',
	scheme: {
		proof:
			'svix-signature: a list of "v1," and the base64 HMAC-SHA256 of svix-id, svix-timestamp and the body, with dots between',
		secret: "the webhook's signing secret, whsec_…",
		documentation: 'https://resend.com/docs/dashboard/webhooks/verify-webhooks-requests',
	},
	docs: {
		verifiedBy: 'HMAC, timestamp',
		events:
			'queued, sent, delivered, retrying, bounced, failed, suppressed, complained, opened, clicked, received',
		setUp: 'paste in its dashboard',
	},
	verify: (request, secrets, options) =>
		verifyStandardWebhooks(svixHeaders(request), request, secrets, options),
	read({ request, id = '', signedAt }, { now }) {
		const raw = parseJson(request.body);
		const parsed = resendPayload.safeParse(raw);
		if (!isObject(raw) || !parsed.success) return undefined;
		const { type: providerEvent, created_at: createdAt, data = {} } = parsed.data;
		const isMail = data.email_id !== undefined && Object.hasOwn(TYPES, providerEvent);
		const type = (isMail ? TYPES[providerEvent] : undefined) ?? 'unknown';
		const facts = {
			type,
			providerEvent,
			notificationId: data.email_id ?? data.id ?? id,
			channel: isMail ? 'email' : undefined,
			confirmation: type === 'notification.delivered' ? ('service' as const) : undefined,
			bounceType: type === 'notification.bounced' ? bounceType(data) : undefined,
			error: errorOf(data),
			link: data.click?.link,
			machine: data.click && isMachine(data.click.userAgent) ? (true as const) : undefined,
			occurredAt: createdAt ?? signedAt,
			metadata: data.tags,
		};
		// Resend names its id as what to deduplicate by, and it is signed.
		const events = forEachRecipient(type, id, isMail ? peopleIn(type, data) : []).map((person) =>
			receivedEvent('resend', { ...facts, ...person }, raw, now),
		);
		return { events };
	},
});

/** The recipient of a mail; of an incoming one, the sender. */
function peopleIn(type: ReceivedType, { from, to = [] }: Data): readonly string[] {
	const named = type === 'notification.received' ? [from] : [to].flat();
	return named.flatMap((one) => (typeof one === 'string' ? mailAddresses(one) : []));
}

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
