import { z } from 'zod/v4';
import { withRestAsOne } from '../../parse/batch.ts';
import { fact, flag, kind, list, object, part, text } from '../../parse/facts.ts';
import { isMachine } from '../../parse/machine.ts';
import { mailAddresses } from '../../parse/mail-addresses.ts';
import { type Facts, receivedEvent } from '../../parse/build-event.ts';
import type { Draft } from '../../provider.ts';
import type { ReceivedType } from '../../../vocabulary.ts';

/** Delivery events name a recipient by just the address. */
const recipient = z.union([
	z.looseObject({ emailAddress: kind, status: text, diagnosticCode: text }),
	kind.transform(
		(emailAddress): { emailAddress: string; status?: string; diagnosticCode?: string } => ({
			emailAddress,
		}),
	),
]);

const preferences = part({
	unsubscribeAll: flag,
	topicSubscriptionStatus: fact(z.array(z.looseObject({ subscriptionStatus: text }))),
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
	newTopicPreferences: preferences,
});
type Detail = z.infer<typeof detail>;
type Recipient = z.infer<typeof recipient>;

const mail = z.looseObject({
	messageId: text,
	timestamp: text,
	destination: list,
	tags: object,
});

interface Kind {
	readonly type: ReceivedType;
	/** The field with the event's own object. */
	readonly detail: string;
	/** The facts about the whole mail, or about one of its recipients. */
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
		// The recipient complained about an earlier mail, so SES did not send this one.
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

function wantsEverything(wants: z.infer<typeof preferences>): boolean {
	const topics = wants?.topicSubscriptionStatus ?? [];
	return (
		wants?.unsubscribeAll === false &&
		topics.every(({ subscriptionStatus }) => subscriptionStatus === 'OptIn')
	);
}

/** One event for each recipient that SES names in the event's own object, else one for the mail. */
export function readEvent(
	raw: Record<string, unknown>,
	messageId: string,
	now: number,
): Draft | undefined {
	const word = raw.eventType ?? raw.notificationType;
	const { data: about } = mail.safeParse(raw.mail);
	if (!about || typeof word !== 'string' || word === '') return undefined;
	const happening = Object.hasOwn(KINDS, word) ? (KINDS[word] ?? UNKNOWN) : UNKNOWN;
	const said = detail.safeParse(raw[happening.detail]).data ?? {};
	const common = {
		type: happening.type,
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
	const events = withRestAsOne(named).map((entry) => {
		const { data: one } = recipient.safeParse(entry);
		const [address = one?.emailAddress] = mailAddresses(one?.emailAddress ?? '');
		if (!one || !address) return { unread: entry };
		const facts = {
			...common,
			eventId: `${messageId}:${address}`,
			recipient: address,
			...happening.facts?.(said, one),
		};
		return receivedEvent('ses', facts, raw, now);
	});
	if (events.some((event) => !('unread' in event))) return { events };
	// The open event of a mail to many does not name the recipient who opened it.
	const people = (about.destination ?? []).flatMap((one) =>
		typeof one === 'string' ? mailAddresses(one) : [],
	);
	const only = people.length === 1 ? people[0] : undefined;
	const facts = { ...common, eventId: messageId, recipient: only, ...happening.facts?.(said) };
	return { events: [receivedEvent('ses', facts, raw, now)] };
}

/** The tags that a mail was sent with and those that SES adds; each is a list, nearly always of one. */
function tagsOf({ tags = {} }: z.infer<typeof mail>): Record<string, unknown> {
	const entries = Object.entries(tags).map(([name, values]): [string, unknown] =>
		Array.isArray(values) && values.length === 1 ? [name, values[0]] : [name, values],
	);
	return Object.fromEntries(entries);
}
