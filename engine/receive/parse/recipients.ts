import type { Facts } from './build-event.ts';
import type { ReceivedType } from '../../vocabulary.ts';

/** What one person did, which nobody else of the recipients need have done. */
const BY_ONE: readonly ReceivedType[] = [
	'notification.opened',
	'notification.clicked',
	'notification.read',
];

/** More than any service takes for one mail; a list of more is read as nobody's. */
const MOST_RECIPIENTS = 1_000;

/**
 * An event about a mail to several people is one event for each of them. Where it tells what one of them did and not
 * which, it is one event about nobody. `eventId` is the provider's own.
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
