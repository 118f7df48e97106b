import type { AttemptResult } from '../channels/index.ts';
import { isFinal, type Notification } from '../notification.ts';
import type { RetryPolicy } from '../retry.ts';
import { PAUSE_BEYOND_POLICY_MS } from './connection.ts';

/** Milliseconds from the next attempt to the last that a policy has, after `attempts` failed. */
export function timeLeft(policy: RetryPolicy, attempts: number): number {
	return policy.delaysMs.slice(attempts).reduce((sum, delay) => sum + delay, 0);
}

/**
 * The policy of a delivery whose next attempt was held back for `heldMs`. The attempts that would have come meanwhile
 * lapse; those that are left keep their times. So a delivery is never tried more often than its policy says, and its
 * failure, and with it the fallback, comes when it would have come without the hold.
 */
export function withoutLapsed(policy: RetryPolicy, attempts: number, heldMs: number): RetryPolicy {
	const left: number[] = [];
	let at = 0;
	let last = heldMs;
	for (const delay of policy.delaysMs.slice(attempts)) {
		at += delay;
		if (at <= heldMs) continue;
		left.push(at - last);
		last = at;
	}
	return { ...policy, delaysMs: [...policy.delaysMs.slice(0, attempts), ...left] };
}

/** The notification with that policy for one of its deliveries. */
export function afterHold(
	notification: Notification,
	deliveryId: string,
	heldMs: number,
): Notification {
	if (heldMs <= 0) return notification;
	const deliveries = notification.deliveries.map((one) =>
		one.id === deliveryId && !isFinal(one)
			? { ...one, policy: withoutLapsed(one.policy, one.attempts.length, heldMs) }
			: one,
	);
	return { ...notification, deliveries };
}

/**
 * Applies a requested wait to the delivery itself. Where the wait is too long for its policy, all attempts but the last
 * lapse, and the last keeps its time, so that the failure and the fallback come no later than without the wait.
 */
export function withinPolicy(
	notification: Notification,
	deliveryId: string,
	result: AttemptResult,
): { readonly notification: Notification; readonly result: AttemptResult } {
	const { outcome } = result;
	const delivery = notification.deliveries.find(({ id }) => id === deliveryId);
	if (outcome.result === 'delivered' || !delivery || isFinal(delivery)) {
		return { notification, result };
	}
	const { policy, attempts } = delivery;
	const left = timeLeft(policy, attempts.length);
	if (left === 0 || (outcome.retryAfterMs ?? 0) <= left + PAUSE_BEYOND_POLICY_MS) {
		return { notification, result };
	}
	const delaysMs = [...policy.delaysMs.slice(0, attempts.length), left];
	const deliveries = notification.deliveries.map((one) =>
		one.id === deliveryId ? { ...delivery, policy: { ...policy, delaysMs } } : one,
	);
	return {
		notification: { ...notification, deliveries },
		result: { ...result, outcome: { ...outcome, retryAfterMs: undefined } },
	};
}
