import type { NewId } from '../ids.ts';
import type { Delivery, Notification, Target } from '../notification.ts';
import { EventWriter } from './events.ts';
import type { Plan, PlannedTarget } from './plan.ts';
import type { Transition } from './transition.ts';

/**
 * A planned send as a notification with one queued delivery per channel. `now` in milliseconds. `depth`: how far its chain
 * of sends has come.
 */
export function accept(plan: Plan, now: number, newId: NewId, depth = 0): Transition {
	const { targets, fallbacks, ...content } = plan;
	const head = { id: newId('msg'), createdAt: now, ...content, depth, published: [], fallbacks };
	const writer = new EventWriter(head, now, newId);
	const startsAt = Math.max(now, content.sendAt ?? now);
	const deliveries = targets.map(({ notBefore = startsAt, ...target }: PlannedTarget) =>
		writer.queued(newDelivery(target, 'primary', Math.max(startsAt, notBefore), newId)),
	);
	const notification: Notification = { ...head, deliveries };
	return { notification, events: writer.events };
}

export function newDelivery(
	target: Target,
	role: Delivery['role'],
	dueAt: number,
	newId: NewId,
): Delivery {
	return { ...target, id: newId('dlv'), role, state: 'queued', attempts: [], dueAt, sequence: 0 };
}
