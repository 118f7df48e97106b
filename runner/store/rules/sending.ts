import type { Delivery, Notification } from '@sureping/engine';

/** Ids of the deliveries with an attempt under way. One that is claimed because its report did not come is not sending. */
export function sendingOf(
	{ deliveries }: Notification,
	isClaimed: (delivery: Delivery) => boolean,
): ReadonlySet<string> {
	const sending = deliveries.filter((one) => one.state !== 'sent' && isClaimed(one));
	return new Set(sending.map(({ id }) => id));
}
