import type { Facts } from './build-event.ts';
import type { ReceivedType } from '../../vocabulary.ts';

/** Actions of one person among the recipients. */
const BY_ONE: readonly ReceivedType[] = [
	'notification.opened',
	'notification.clicked',
	'notification.read',
];

/** More than any service takes for one mail; with more, the event has no recipient. */
const MOST_RECIPIENTS = 1_000;

/**
 * An event about a mail to several people is one event for each of them. Where one of them did something and the event
 * does not say who, it is one event without a recipient. `eventId` is the provider's own.
 */
export function forEachRecipient(
	type: ReceivedType,
	eventId: string,
	recipients: readonly string[],
): readonly Pick<Facts, 'eventId' | 'recipient'>[] {
	const [only, ...others] = recipients;
	if (others.length === 0) return [{ eventId, recipient: only }];
	if (BY_ONE.includes(type) || recipients.length > MOST_RECIPIENTS) return [{ eventId }];
	return recipients.map((recipient) => ({ eventId: `${eventId}:${recipient}`, recipient }));
}
