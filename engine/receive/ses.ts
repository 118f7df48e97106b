import { z } from 'zod/v4';
import { isObject, parseJson } from './json.ts';
import { isMachine } from './machine.ts';
import { type Facts, receivedEvent } from './received-event.ts';
import type { Reading, Receiver } from './received.ts';
import { confirmationOf, snsEnvelope, verifySns } from './sns.ts';
import type { ReceivedType } from './vocabulary.ts';

const recipient = z.looseObject({
	emailAddress: z.string().min(1),
	status: z.string().optional(),
	diagnosticCode: z.string().optional(),
});

const preferences = z.looseObject({
	unsubscribeAll: z.boolean().optional(),
	topicSubscriptionStatus: z
		.array(z.looseObject({ subscriptionStatus: z.string().optional() }))
		.optional(),
});

/** The object that is named after the event. Each event has a few of these fields. */
const detail = z.looseObject({
	timestamp: z.string().optional(),
	bounceType: z.string().optional(),
	bounceSubType: z.string().optional(),
	bouncedRecipients: z.array(recipient).optional(),
	complainedRecipients: z.array(recipient).optional(),
	delayedRecipients: z.array(recipient).optional(),
	recipients: z.array(z.string().min(1)).optional(),
	delayType: z.string().optional(),
	reason: z.string().optional(),
	errorMessage: z.string().optional(),
	link: z.string().optional(),
	userAgent: z.string().optional(),
	newTopicPreferences: preferences.optional(),
});
type Detail = z.infer<typeof detail>;
type Recipient = z.infer<typeof recipient>;

const mail = z.looseObject({
	messageId: z.string().min(1),
	timestamp: z.string().optional(),
	destination: z.array(z.string()).optional(),
	tags: z.record(z.string(), z.unknown()).optional(),
});

interface Kind {
	readonly type: ReceivedType;
	/** The field with the event's own object. */
	readonly detail: string;
	/** What is said of all of the mail, or of one of its recipients. */
	facts?(detail: Detail, recipient?: Partial<Recipient>): Partial<Facts>;
}

/**
 * The events of Amazon SES, by their `eventType`
 * (https://docs.aws.amazon.com/ses/latest/dg/event-publishing-retrieving-sns-contents.html).
 */
const KINDS: Readonly<Record<string, Kind>> = {
	Send: { type: 'notification.sent', detail: 'send' },
	Delivery: {
		type: 'notification.delivered',
		detail: 'delivery',
		// The recipient's mail server took it.
		facts: () => ({ confirmation: 'service' }),
	},
	Bounce: { type: 'notification.bounced', detail: 'bounce', facts: bounce },
	Complaint: { type: 'notification.complained', detail: 'complaint' },
	Reject: {
		type: 'notification.failed',
		detail: 'reject',
		facts: ({ reason }) => ({ error: { code: 'Reject', message: reason ?? 'Reject' } }),
	},
	Open: { type: 'notification.opened', detail: 'open', facts: byWhom },
	Click: {
		type: 'notification.clicked',
		detail: 'click',
		facts: (click) => ({ link: click.link, ...byWhom(click) }),
	},
	'Rendering Failure': {
		type: 'notification.failed',
		detail: 'failure',
		facts: ({ errorMessage = 'Rendering Failure' }) => ({
			error: { code: 'Rendering Failure', message: errorMessage },
		}),
	},
	DeliveryDelay: {
		type: 'notification.retrying',
		detail: 'deliveryDelay',
		facts: ({ delayType = 'DeliveryDelay' }, { status, diagnosticCode } = nobody) => ({
			error: { code: status ?? delayType, message: diagnosticCode ?? delayType },
		}),
	},
	Subscription: {
		type: 'notification.unsubscribed',
		detail: 'subscription',
		facts: ({ newTopicPreferences }) =>
			wantsEverything(newTopicPreferences) ? { type: 'notification.subscribed' } : {},
	},
};
const UNKNOWN: Kind = { type: 'unknown', detail: '' };
const nobody: Partial<Recipient> = {};

/** SES did not send it: the address is on its own suppression list or on the account's. */
const SUPPRESSED = ['Suppressed', 'OnAccountSuppressionList'];

/** Bounce types: https://docs.aws.amazon.com/ses/latest/dg/notification-contents.html#bounce-types */
function bounce(
	{ bounceType = 'Undetermined', bounceSubType = bounceType }: Detail,
	{ status, diagnosticCode }: Partial<Recipient> = nobody,
): Partial<Facts> {
	const error = { code: status ?? bounceSubType, message: diagnosticCode ?? bounceSubType };
	if (SUPPRESSED.includes(bounceSubType)) return { type: 'notification.suppressed', error };
	return { bounceType: bounceType === 'Permanent' ? 'hard' : 'soft', error };
}

function byWhom({ userAgent }: Detail): Partial<Facts> {
	return isMachine(userAgent) ? { machine: true } : {};
}

function wantsEverything(wants: z.infer<typeof preferences> | undefined): boolean {
	const topics = wants?.topicSubscriptionStatus ?? [];
	return (
		wants?.unsubscribeAll === false &&
		topics.every(({ subscriptionStatus }) => subscriptionStatus === 'OptIn')
	);
}

/** What SES and SNS say once, when they are set up, and what is no delivery event. */
function isSetupNotice(message: string, event: unknown): boolean {
	return (
		message.startsWith('Successfully validated SNS topic for Amazon SES') ||
		(isObject(event) && event.notificationType === 'AmazonSnsSubscriptionSucceeded')
	);
}

/** Amazon SES by way of Amazon SNS. Secrets: the ARNs of the topics, such as `arn:aws:sns:eu-west-1:123456789012:mail`. */
export const ses: Receiver = {
	verify: verifySns,
	read({ payload }, { now }) {
		const { data: envelope } = snsEnvelope.safeParse(payload);
		if (!envelope) return undefined;
		switch (envelope.Type) {
			case 'SubscriptionConfirmation': {
				const confirm = confirmationOf(envelope);
				return confirm === undefined ? undefined : { events: [], confirm };
			}
			case 'UnsubscribeConfirmation':
				return { events: [] };
			case 'Notification': {
				const event = parseJson(Buffer.from(envelope.Message));
				if (isSetupNotice(envelope.Message, event)) return { events: [] };
				return isObject(event) ? readEvent(event, envelope.MessageId, now) : undefined;
			}
			default:
				return undefined;
		}
	},
};

/** One event for each recipient that SES names in the event's own object, else one for the mail. */
function readEvent(
	raw: Record<string, unknown>,
	messageId: string,
	now: number,
): Reading | undefined {
	const word = raw.eventType ?? raw.notificationType;
	const { data: about } = mail.safeParse(raw.mail);
	if (!about || typeof word !== 'string') return undefined;
	const kind = Object.hasOwn(KINDS, word) ? (KINDS[word] ?? UNKNOWN) : UNKNOWN;
	const { data: said } = detail.safeParse(raw[kind.detail] ?? {});
	if (!said) return undefined;

	const common = {
		type: kind.type,
		providerEvent: word,
		notificationId: about.messageId,
		channel: 'email',
		occurredAt: said.timestamp ?? about.timestamp,
		metadata: tagsOf(about),
	};
	const named =
		said.bouncedRecipients ??
		said.complainedRecipients ??
		said.delayedRecipients ??
		said.recipients?.map((emailAddress): Recipient => ({ emailAddress }));
	if (named !== undefined && named.length > 0) {
		const events = named.map((one) => {
			const { emailAddress } = one;
			const facts = {
				...common,
				eventId: `${messageId}:${emailAddress}`,
				recipient: emailAddress,
				...kind.facts?.(said, one),
			};
			return receivedEvent('ses', facts, raw, now);
		});
		return { events };
	}
	// Of a mail to many, nothing says which of them opened it.
	const only = about.destination?.length === 1 ? about.destination[0] : undefined;
	const facts = { ...common, eventId: messageId, recipient: only, ...kind.facts?.(said) };
	return { events: [receivedEvent('ses', facts, raw, now)] };
}

/** The tags that a mail was sent with and those that SES adds; each is a list, nearly always of one. */
function tagsOf({ tags = {} }: z.infer<typeof mail>): Record<string, unknown> {
	const entries = Object.entries(tags).map(([name, values]): [string, unknown] =>
		Array.isArray(values) && values.length === 1 ? [name, values[0]] : [name, values],
	);
	return Object.fromEntries(entries);
}
