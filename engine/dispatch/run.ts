import { attempt, type AttemptResult } from '../channels/index.ts';
import type { OwnEvent } from '../event.ts';
import { type Delivery, isFinal, type Notification } from '../notification.ts';
import type { Clock, Transports } from '../ports.ts';
import { outgoingMessage } from './message.ts';
import type { CatalogEntry } from './plan.ts';
import { isExpired } from './fall-back.ts';
import { expire, settle } from './settle.ts';
import type { StepPorts, Transition } from './transition.ts';

export interface MemoryHost extends StepPorts {
	readonly catalog: readonly CatalogEntry[];
	readonly transports: Transports;
	readonly clock: Clock;
}

/**
 * Takes an accepted notification to its end without a store: waits between attempts, starts fallbacks, and resolves
 * when every delivery is final. For hosts that live no longer than the send itself.
 */
export async function runToEnd(
	accepted: Transition,
	host: MemoryHost,
): Promise<{ notification: Notification; events: readonly OwnEvent[] }> {
	let notification = accepted.notification;
	const events = [...accepted.events];

	const drive = async (deliveryId: string): Promise<void> => {
		for (;;) {
			const delivery = notification.deliveries.find(({ id }) => id === deliveryId);
			if (!delivery || isFinal(delivery)) return;
			const wait = (delivery.dueAt ?? 0) - host.clock.now();
			if (wait > 0) {
				// Timers may end early, and the longest cover 24 days: look at the clock again.
				await host.clock.sleep(wait);
				continue;
			}

			const now = host.clock.now();
			const result = isExpired(notification, now)
				? undefined
				: await attemptOnce(notification, delivery, host, now);
			// Settled against the state as it is now: other deliveries may have moved on during the attempt.
			const before = notification.deliveries.length;
			const step = result
				? settle(notification, deliveryId, result, host)
				: expire(notification, deliveryId, now, host);
			notification = step.notification;
			events.push(...step.events);
			await Promise.all(notification.deliveries.slice(before).map(({ id }) => drive(id)));
		}
	};

	await Promise.all(notification.deliveries.map(({ id }) => drive(id)));
	return { notification, events };
}

async function attemptOnce(
	notification: Notification,
	delivery: Delivery,
	{ catalog, transports, clock }: MemoryHost,
	now: number,
): Promise<AttemptResult> {
	const entry = catalog.find(
		({ channel, name }) => channel === delivery.channel && name === delivery.connection,
	);
	if (!entry) throw new Error(`No connection for delivery ${delivery.id}`);
	return attempt(entry.connection, outgoingMessage(notification, delivery, now), transports, clock);
}
