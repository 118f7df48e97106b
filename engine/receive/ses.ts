import { z } from 'zod/v4';
import { gathered } from './batch.ts';
import { anyObject } from '../any-object.ts';
import { isObject, parseJson } from './json.ts';
import { isMachine } from './machine.ts';
import { type Facts, receivedEvent } from './received-event.ts';
import type { Reading, Receiver } from './received.ts';
import { confirmationOf, type SnsEnvelope, snsEnvelope, verifySns } from './sns.ts';
import type { ReceivedType } from './vocabulary.ts';

/** A fact that is null or of another form is taken for absent: a genuine event is not lost for it. */
const text = z.string().optional().catch(undefined);
const list = z.array(z.unknown()).optional().catch(undefined);

/** Delivery events name a recipient by just the address. */
const recipient = z.union([
	z.looseObject({ emailAddress: z.string().min(1), status: text, diagnosticCode: text }),
	z
		.string()
		.min(1)
		.transform(
			(emailAddress): { emailAddress: string; status?: string; diagnosticCode?: string } => ({
				emailAddress,
			}),
		),
]);

const preferences = z.looseObject({
	unsubscribeAll: z.boolean().optional().catch(undefined),
	topicSubscriptionStatus: z
		.array(z.looseObject({ subscriptionStatus: text }))
		.optional()
		.catch(undefined),
});

/** The object that is named after the event. Each event has a few of these fields. */
const detail = z.looseObject({
	timestamp: text,
	bounceType: text,
	bounceSubType: text,
	bouncedRecipients: list,
	complaintSubType: text,
	complainedRecipients: list,
	delayedRecipients: list,
	recipients: list,
	delayType: text,
	reason: text,
	errorMessage: text,
	link: text,
	userAgent: text,
	newTopicPreferences: preferences.optional().catch(undefined),
});
type Detail = z.infer<typeof detail>;
type Recipient = z.infer<typeof recipient>;

const mail = z.looseObject({
	messageId: z.string().min(1),
	timestamp: text,
	destination: z.array(z.string()).optional().catch(undefined),
	tags: anyObject.optional().catch(undefined),
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
	Complaint: {
		type: 'notification.complained',
		detail: 'complaint',
		// Nobody complained of this mail: somebody had done so before, so SES did not send it.
		facts: ({ complaintSubType: code = '' }) =>
			SUPPRESSED.includes(code)
				? { type: 'notification.suppressed', error: { code, message: code } }
				: {},
	},
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
				return (
					(isObject(event) ? readEvent(event, envelope.MessageId, now) : undefined) ??
					readOther(payload, envelope, now)
				);
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
	const said = detail.safeParse(raw[kind.detail]).data ?? {};
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
		said.recipients ??
		[];
	const each = named.map((entry) => {
		const { data: one } = recipient.safeParse(entry);
		if (!one) return undefined;
		const { emailAddress } = one;
		const facts = {
			...common,
			eventId: `${messageId}:${emailAddress}`,
			recipient: emailAddress,
			...kind.facts?.(said, one),
		};
		return receivedEvent('ses', facts, raw, now);
	});
	const reading = gathered(each);
	if (reading) return reading;
	// Of a mail to many, nothing says which of them opened it.
	const only = about.destination?.length === 1 ? about.destination[0] : undefined;
	const facts = { ...common, eventId: messageId, recipient: only, ...kind.facts?.(said) };
	return { events: [receivedEvent('ses', facts, raw, now)] };
}

/** What else is published to the topic, a plain text say: it comes through as SNS sent it. */
function readOther(
	raw: unknown,
	{ MessageId: eventId, Timestamp: occurredAt }: SnsEnvelope,
	now: number,
): Reading | undefined {
	const facts = { type: 'unknown', eventId, notificationId: undefined, occurredAt } as const;
	return isObject(raw) ? { events: [receivedEvent('ses', facts, raw, now)] } : undefined;
}

/** The tags that a mail was sent with and those that SES adds; each is a list, nearly always of one. */
function tagsOf({ tags = {} }: z.infer<typeof mail>): Record<string, unknown> {
	const entries = Object.entries(tags).map(([name, values]): [string, unknown] =>
		Array.isArray(values) && values.length === 1 ? [name, values[0]] : [name, values],
	);
	return Object.fromEntries(entries);
}
