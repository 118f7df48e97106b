import type { DeliveryError } from '../errors.ts';
import type { Delivery, Notification } from '../notification.ts';
import { newDelivery } from './accept.ts';
import type { EventWriter } from './events.ts';
import { publishUndelivered } from './overall.ts';
import { type StepPorts, type Transition, withDelivery } from './transition.ts';

/**
 * Ends a delivery without success. Fallback is decided here, where all deliveries are seen: it starts when every
 * delivery so far has failed, each fallback once, in order. After `expiresAt` no fallback starts. A delivery whose next
 * attempt would come after `expiresAt` ends before it, so its fallback can still start. Where nothing is left to try,
 * the event `notification.undelivered` follows. `write` writes the final event; its argument `allChannelsFailed` is
 * true when nothing is left to try.
 */
export function endWithoutSuccess(
	notification: Notification,
	ended: Delivery,
	error: DeliveryError,
	now: number,
	writer: EventWriter,
	newId: StepPorts['newId'],
	write: (delivery: Delivery, allChannelsFailed: boolean) => Delivery,
): Transition {
	const failed = withError(ended, error);
	const after = withDelivery(notification, failed);
	// A cancelled notification did not fail, so it must not page anyone.
	const allFailed = after.deliveries.every(
		({ state }) => state === 'failed' || state === 'bounced' || state === 'expired',
	);
	const over = isExpired(notification, now);
	const [next, ...later] = over ? [] : after.fallbacks;
	const recorded = withDelivery(after, write(failed, allFailed && !next));
	if (!allFailed) return { notification: recorded, events: writer.events };
	if (!next) {
		const undelivered = publishUndelivered({ ...recorded, fallbacks: [] }, now, newId);
		return {
			notification: undelivered.notification,
			events: [...writer.events, ...undelivered.events],
		};
	}

	const queued = writer.queued(newDelivery(next, 'fallback', now, newId));
	const fallback = writer.fallback(queued, ended.channel, error);
	return {
		notification: {
			...recorded,
			deliveries: [...recorded.deliveries, fallback],
			fallbacks: later,
		},
		events: writer.events,
	};
}

/** Keeps the reason of the end where no attempt has it: a bounce, an expiry, a report that said no or never came. */
function withError(ended: Delivery, error: DeliveryError): Delivery {
	return ended.attempts.at(-1)?.error === error ? ended : { ...ended, error };
}

export function isExpired({ expiresAt }: Notification, now: number): boolean {
	return expiresAt !== undefined && now >= expiresAt;
}
