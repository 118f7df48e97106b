import { cancel, type Delivery, type Notification } from '@sureping/engine';
import { sendingOf } from '../../rules/sending.ts';
import type { DeliveryClaims } from '../deliveries/claims.ts';
import type { Scope } from '../scope.ts';
import { updateNotification } from './rows.ts';

/** Cancels the pending deliveries, in a transaction of the caller's; false where all have ended. */
export function cancelNotification(
	{ sql, deliveryClaims }: Pick<Scope, 'sql' | 'deliveryClaims'>,
	notification: Notification,
): boolean {
	const after = cancel(notification, sendingNow(notification, deliveryClaims));
	if (!after) return false;
	updateNotification(sql, notification, after);
	deliveryClaims.expectAll(after);
	return true;
}

/** Ids of the deliveries with an attempt under way right now. */
export function sendingNow(
	notification: Notification,
	claims: DeliveryClaims,
): ReadonlySet<string> {
	return sendingOf(notification, isClaimed(claims));
}

/**
 * Tells if a delivery has an attempt under way. A claim lasts a little longer than its attempt. Once the outcome is
 * committed, the delivery has one more attempt than it had when it was claimed.
 */
const isClaimed =
	(claims: DeliveryClaims) =>
	({ id, attempts }: Delivery): boolean => {
		const claimed = claims.get(id)?.notification.deliveries;
		return claimed?.find((one) => one.id === id)?.attempts.length === attempts.length;
	};
