import type { AttemptResult } from '../channels/index.ts';
import type { DeliveryError } from '../errors.ts';
import type { Attempt, Delivery, Notification } from '../notification.ts';
import { isFinal } from '../notification.ts';
import { waitAfter } from '../retry.ts';
import { newDelivery } from './accept.ts';
import { EventWriter } from './events.ts';
import { type Chance, type Transition, withDelivery } from './transition.ts';

/**
 * What follows from an attempt's outcome: delivered, another attempt later, or failed, and with the last failure the
 * next fallback. An outcome for a delivery that already ended, or for an attempt already counted, changes nothing.
 */
export function settle(
	notification: Notification,
	deliveryId: string,
	{ attempt: number, at, latencyMs, outcome }: AttemptResult,
	{ random, newId }: Chance,
): Transition {
	const before = notification.deliveries.find(({ id }) => id === deliveryId);
	if (!before || isFinal(before)) return { notification, events: [] };
	if (number !== undefined && number !== before.attempts.length + 1) {
		return { notification, events: [] };
	}

	const now = at + latencyMs;
	const writer = new EventWriter(notification, now, newId);
	if (outcome.result === 'delivered') {
		const delivered = ended(before, 'delivered', { at, latencyMs });
		const counted = writer.delivered(delivered, outcome.confirmation);
		return { notification: withDelivery(notification, counted), events: writer.events };
	}

	const { error, permanent, retryAfterMs } = outcome;
	const attempt: Attempt = { at, latencyMs, error };
	const wait = permanent
		? undefined
		: waitAfter(before.policy, before.attempts.length + 1, random, retryAfterMs);
	if (wait === undefined) {
		return fail(notification, ended(before, 'failed', attempt), error, now, writer, newId);
	}
	const dueAt = now + wait;
	if (notification.expiresAt !== undefined && dueAt >= notification.expiresAt) {
		return fail(
			notification,
			ended(before, 'expired', attempt),
			expired(error),
			now,
			writer,
			newId,
		);
	}
	const attempts = [...before.attempts, attempt];
	const retrying: Delivery = { ...before, state: 'retrying', attempts, dueAt };
	const counted = writer.retrying(retrying, error, dueAt);
	return { notification: withDelivery(notification, counted), events: writer.events };
}

function expired(last: DeliveryError | undefined): DeliveryError {
	const reason = last ? `; the last attempt: ${last.message}` : '';
	return { code: 'EXPIRED', message: `The notification expired before the next attempt${reason}` };
}

/** Ends a delivery whose notification expired before its next attempt began. */
export function expire(
	notification: Notification,
	deliveryId: string,
	now: number,
	{ newId }: Pick<Chance, 'newId'>,
): Transition {
	const before = notification.deliveries.find(({ id }) => id === deliveryId);
	if (!before || isFinal(before)) return { notification, events: [] };
	const writer = new EventWriter(notification, now, newId);
	const last = before.attempts.at(-1)?.error;
	return fail(notification, ended(before, 'expired'), expired(last), now, writer, newId);
}

export function isExpired({ expiresAt }: Notification, now: number): boolean {
	return expiresAt !== undefined && now >= expiresAt;
}

function ended(before: Delivery, state: Delivery['state'], attempt?: Attempt): Delivery {
	const { dueAt: _noLongerDue, ...rest } = before;
	const attempts = attempt ? [...before.attempts, attempt] : before.attempts;
	return { ...rest, state, attempts };
}

/**
 * Fallback is decided here, where all deliveries are seen: it starts when every delivery so far has failed, each
 * fallback once, in order. An expired notification starts none, since a fallback would be as late; a delivery that ended
 * early, because its next attempt would have come too late, leaves time for one.
 */
function fail(
	notification: Notification,
	failed: Delivery,
	error: DeliveryError,
	now: number,
	writer: EventWriter,
	newId: Chance['newId'],
): Transition {
	const after = withDelivery(notification, failed);
	// A cancelled notification did not fail: nobody should be paged for it.
	const allFailed = after.deliveries.every(
		({ state }) => state === 'failed' || state === 'bounced' || state === 'expired',
	);
	const over = isExpired(notification, now);
	const [next, ...later] = over ? [] : after.fallbacks;
	const counted = withDelivery(after, writer.failed(failed, error, allFailed && !next));
	if (!allFailed) return { notification: counted, events: writer.events };
	if (!next) return { notification: { ...counted, fallbacks: [] }, events: writer.events };

	const queued = writer.queued(newDelivery(next, 'fallback', now, newId));
	const fallback = writer.fallback(queued, failed.channel, error);
	return {
		notification: {
			...counted,
			deliveries: [...counted.deliveries, fallback],
			fallbacks: later,
		},
		events: writer.events,
	};
}
