import type { AttemptResult, Delivered } from '../channels/index.ts';
import type { DeliveryError } from '../errors.ts';
import type { Attempt, Delivery, Notification } from '../notification.ts';
import { isFinal } from '../notification.ts';
import { waitAfter } from '../retry.ts';
import { EventWriter } from './events.ts';
import { endWithoutSuccess } from './fall-back.ts';
import { type StepPorts, type Transition, withDelivery } from './transition.ts';

/**
 * Applies an attempt's outcome: delivered, another attempt later, or failed. The last failure starts the next fallback.
 * An outcome for a delivery that already ended, or for an attempt already recorded, changes nothing.
 */
export function settle(
	notification: Notification,
	deliveryId: string,
	{ attempt: number, at, latencyMs, outcome }: AttemptResult,
	{ random, newId }: StepPorts,
): Transition {
	const before = notification.deliveries.find(({ id }) => id === deliveryId);
	if (!before || isFinal(before) || before.state === 'sent') return { notification, events: [] };
	if (number !== undefined && number !== before.attempts.length + 1) {
		return { notification, events: [] };
	}

	const now = at + latencyMs;
	const writer = new EventWriter(notification, now, newId);
	if (outcome.result === 'delivered') {
		const recorded = accepted(before, { at, latencyMs }, outcome, now, writer);
		return { notification: withDelivery(notification, recorded), events: writer.events };
	}

	if (outcome.isUncounted)
		return postponed(notification, before, now + (outcome.retryAfterMs ?? 0));
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
	const recorded = writer.retrying(retrying, error, dueAt);
	return { notification: withDelivery(notification, recorded), events: writer.events };
}

/** Makes the same attempt due again at `at`, or at the notification's expiry if that is earlier. */
function postponed(notification: Notification, before: Delivery, at: number): Transition {
	const dueAt = Math.min(at, notification.expiresAt ?? Infinity);
	return { notification: withDelivery(notification, { ...before, dueAt }), events: [] };
}

/**
 * The delivery after its service took the message: `delivered`, or `sent` if a report will follow. A report names the
 * message's id, so none is awaited for a message without one.
 */
function accepted(
	before: Delivery,
	attempt: Attempt,
	{ confirmation, messageId }: Delivered,
	now: number,
	writer: EventWriter,
): Delivery {
	const known = messageId === undefined ? {} : { messageId };
	if (before.report && messageId !== undefined) {
		const dueAt = now + before.report.timeoutMs;
		return writer.sent({ ...ended(before, 'sent', attempt), ...known, dueAt });
	}
	const delivered = { ...ended(before, 'delivered', attempt), ...known, confirmation };
	return writer.delivered(delivered, confirmation);
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
	ports: Pick<StepPorts, 'newId'>,
): Transition {
	return endUnattempted(notification, deliveryId, 'expired', expired, now, ports);
}

/** Ends a delivery without its last attempt, because the service asked for a pause longer than the policy allows. */
export function giveUp(
	notification: Notification,
	deliveryId: string,
	now: number,
	ports: Pick<StepPorts, 'newId'>,
): Transition {
	const message = 'The service asked for a pause that lasts longer than the retry policy';
	const error: DeliveryError = { code: 'RATE_LIMITED', message };
	return endUnattempted(notification, deliveryId, 'failed', () => error, now, ports);
}

/**
 * Applies the quiet hours of a delivery's contact: makes it due again when they end, or ends it where they say that nothing
 * is sent in them.
 */
export function holdBack(
	notification: Notification,
	deliveryId: string,
	until: number | 'skip',
	now: number,
	ports: Pick<StepPorts, 'newId'>,
): Transition {
	if (until === 'skip') {
		const error: DeliveryError = { code: 'QUIET_HOURS', message: SKIPPED };
		return endUnattempted(notification, deliveryId, 'failed', () => error, now, ports);
	}
	const before = notification.deliveries.find(({ id }) => id === deliveryId);
	if (!before || isFinal(before) || before.state === 'sent') return { notification, events: [] };
	return postponed(notification, before, until);
}

const SKIPPED = 'The contact has quiet hours, in which normal messages are not sent';

function endUnattempted(
	notification: Notification,
	deliveryId: string,
	state: 'expired' | 'failed',
	errorAfter: (last: DeliveryError | undefined) => DeliveryError,
	now: number,
	{ newId }: Pick<StepPorts, 'newId'>,
): Transition {
	const before = notification.deliveries.find(({ id }) => id === deliveryId);
	if (!before || isFinal(before) || before.state === 'sent') return { notification, events: [] };
	const error = errorAfter(before.attempts.at(-1)?.error);
	const writer = new EventWriter(notification, now, newId);
	return fail(notification, ended(before, state), error, now, writer, newId);
}

/** A delivery in a new state, no longer due. */
export function ended(before: Delivery, state: Delivery['state'], attempt?: Attempt): Delivery {
	const { dueAt: _noLongerDue, ...rest } = before;
	const attempts = attempt ? [...before.attempts, attempt] : before.attempts;
	return { ...rest, state, attempts };
}

function fail(
	notification: Notification,
	failed: Delivery,
	error: DeliveryError,
	now: number,
	writer: EventWriter,
	newId: StepPorts['newId'],
): Transition {
	return endWithoutSuccess(notification, failed, error, now, writer, newId, (delivery, all) =>
		writer.failed(delivery, error, all),
	);
}
