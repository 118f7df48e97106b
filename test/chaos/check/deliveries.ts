import { FINAL_STATES } from '../../../engine/notification.ts';
import { CLEAN } from '../misbehaviour.ts';
import type { Check } from './check.ts';
import { exchangesOf, histories, repeatsIn, unexcused } from './history.ts';
import { waitsOf } from './waits.ts';

/** A clock is read to the millisecond, and two processes read it. */
const EARLY_MS = 25;
/** See docs/operate/postgresql.md. With SQLite it is the next start. */
const TAKEN_UP_MS = 15_000;

/** Every delivery ends once, was attempted as its policy says, and repeated within the documented window only. */
export const DELIVERY_CHECKS: readonly Check[] = [
	{
		name: 'every delivery reached a final state',
		*violations({ stored }) {
			for (const { id, state, isDue } of stored.deliveries) {
				if (!FINAL_STATES.has(state) || isDue) yield `${id} is ${state}${isDue ? ' and due' : ''}`;
			}
			for (const { id, status } of stored.notifications) {
				if (status !== 'delivered' && status !== 'failed') yield `${id} is ${status}`;
			}
		},
	},
	{
		name: 'what is delivered reached the channel',
		*violations(facts) {
			for (const { id, attempts, isDelivered, exchanges } of histories(facts, 'channel')) {
				if (!isDelivered) continue;
				const success = attempts.at(-1);
				const found = exchanges.find(({ attempt }) => attempt === success);
				if (!success || success.error || !found) yield `${id} is delivered without a request`;
				else if (!CLEAN.has(found.request.behaviour)) {
					yield `${id} is delivered by an answer ${found.request.behaviour}`;
				}
			}
		},
	},
	{
		name: 'no delivery is attempted more often than its policy allows',
		*violations(facts) {
			for (const { id, attempts, mostAttempts, state } of facts.stored.deliveries) {
				if (attempts.length > mostAttempts) yield `${id} has ${attempts.length} attempts`;
				if (state === 'delivered' && attempts.length === 0) yield `${id} was never attempted`;
			}
		},
	},
	{
		name: 'every attempt that is not stored was cut off by a kill',
		*violations(facts) {
			for (const { id, exchanges } of histories(facts, 'channel')) {
				for (const request of unexcused(exchanges, facts.lives)) {
					yield `${id}: ${facts.lives.describe(request)}`;
				}
			}
		},
	},
	{
		name: 'every repeat at the channel is inside the documented window',
		*violations(facts) {
			for (const { id, exchanges } of histories(facts, 'channel')) {
				for (const { exchange, reason } of repeatsIn(exchanges, facts.lives)) {
					if (!reason) yield `${id}: request ${exchange.request.request} repeats what was taken`;
				}
			}
		},
	},
	{
		name: 'what a killed worker had is taken up within 15 s, and so is all that is due',
		*violations(facts) {
			for (const which of ['channel', 'endpoint'] as const) {
				for (const { id, ms, isOrphaned } of waitsOf(facts, which)) {
					if (ms > TAKEN_UP_MS) {
						yield `${id} waited for ${ms} ms${isOrphaned ? ' after a kill' : ''}`;
					}
				}
			}
		},
	},
	{
		name: 'all attempts of a delivery carry its id',
		*violations(facts) {
			for (const delivery of facts.stored.deliveries) {
				for (const { idempotencyKey } of facts.requestsOf(delivery)) {
					if (idempotencyKey !== undefined && idempotencyKey !== delivery.id) {
						yield `${delivery.id} was sent as ${idempotencyKey}`;
					}
				}
			}
		},
	},
	{
		name: 'no attempt comes before it is due',
		*violations(facts) {
			for (const delivery of facts.stored.deliveries) {
				const { id, notificationId, role } = delivery;
				const { createdAt, sendAt } = facts.notifications.get(notificationId) ?? { createdAt: 0 };
				// A fallback is due when it starts, which is after the notification was accepted.
				const first = role === 'primary' ? Math.max(createdAt, sendAt ?? 0) : createdAt;
				const announced = new Map(
					facts.eventsOf.get(id)?.map(({ attempt, nextRetryAt }) => [attempt, nextRetryAt]),
				);
				const requests = facts.requestsOf(delivery);
				for (const { request, before } of exchangesOf(delivery.attempts, requests, facts.lives)) {
					const due = before === 0 ? first : (announced.get(before) ?? Infinity);
					const early = due - Math.max(...facts.lives.runnerTimesOf(request));
					if (early > EARLY_MS) yield `${id}: attempt ${before + 1} came ${early} ms early`;
				}
			}
		},
	},
	{
		name: 'a fallback starts when all before it failed, each once',
		*violations(facts) {
			for (const [id, deliveries] of facts.deliveriesOf) {
				const fallbacks = deliveries.filter(({ role }) => role === 'fallback');
				const connections = new Set(deliveries.map(({ connection }) => connection));
				if (connections.size < deliveries.length) yield `${id} has a fallback twice`;
				const ended = fallbacks.length > 0 ? deliveries.slice(0, -1) : [];
				if (ended.some(({ state }) => state !== 'failed')) {
					yield `${id} fell back although a delivery had not failed`;
				}
				const left = facts.notifications.get(id)?.fallbacksLeft ?? 0;
				if (deliveries.every(({ state }) => state === 'failed') && left > 0) {
					yield `${id} failed with ${left} fallbacks left`;
				}
			}
		},
	},
];
