import { ONE_PING_EVENTS } from '../../../engine/event.ts';
import { CLEAN, RETRY_AFTER_S } from '../misbehaviour.ts';
import { ENDPOINTS, WEBHOOK_RETRY } from '../plan.ts';
import type { Check } from './check.ts';
import { histories, repeatsIn, unexcused } from './history.ts';

const FINAL_EVENTS: ReadonlySet<string> = new Set([
	'notification.delivered',
	'notification.failed',
	'notification.bounced',
]);
const ASKED_BACK: ReadonlySet<string> = new Set(ONE_PING_EVENTS);

/** As for deliveries. */
const EARLY_MS = 25;

/** Events are in sequence, in commit order, and reach everybody who asked for them. */
export const EVENT_CHECKS: readonly Check[] = [
	{
		name: 'events of a delivery have no gaps',
		*violations(facts) {
			for (const { id, sequence } of facts.stored.deliveries) {
				const found = (facts.eventsOf.get(id) ?? []).map((event) => event.sequence);
				const isWhole = found.length === sequence && found.every((number, i) => number === i + 1);
				if (!isWhole) yield `${id} counts ${sequence} events and has ${found.join(', ')}`;
			}
		},
	},
	{
		name: 'the last event says the final state',
		*violations(facts) {
			for (const { id, state, attempts } of facts.stored.deliveries) {
				const types = (facts.eventsOf.get(id) ?? []).map(({ type }) => type);
				const finals = types.filter((type) => FINAL_EVENTS.has(type));
				if (finals.length !== 1 || types.at(-1) !== `notification.${state}`) {
					yield `${id} is ${state} after ${types.join(', ')}`;
				}
				const retries = types.filter((type) => type === 'notification.retrying').length;
				if (retries !== attempts.length - 1) {
					yield `${id} has ${attempts.length} attempts and tells ${retries} retries`;
				}
			}
		},
	},
	{
		name: 'the feed gave every event once, in commit order',
		*violations({ feed, stored }) {
			const different = stored.events.findIndex(({ id }, i) => feed[i] !== id);
			if (different >= 0) {
				yield `event ${different + 1} is ${stored.events[different]?.id}, and the feed gave ${feed[different] ?? 'nothing'}`;
			}
			if (feed.length > stored.events.length) {
				yield `the feed gave ${feed.length} events, and there are ${stored.events.length}`;
			}
		},
	},
	{
		name: 'every event is owed once to everybody who asked for it',
		*violations(facts) {
			const owed = Map.groupBy(facts.stored.webhooks, ({ eventId }) => eventId);
			const callsBack = new Set(
				facts.stored.deliveries
					.filter(({ notificationId }) => facts.notifications.get(notificationId)?.hasCallback)
					.map(({ id }) => id),
			);
			for (const { id, type, deliveryId } of facts.stored.events) {
				const to = (owed.get(id) ?? []).map((webhook) => webhook.to).sort();
				const wanted: string[] = [...ENDPOINTS];
				if (callsBack.has(deliveryId) && ASKED_BACK.has(type)) wanted.push('callback');
				if (to.join() !== wanted.sort().join()) yield `${id} (${type}) is owed to ${to.join(', ')}`;
			}
		},
	},
	{
		name: 'every event arrived at everybody who asked for it',
		*violations(facts) {
			for (const { id, isDelivered, attempts, exchanges } of histories(facts, 'endpoint')) {
				const success = attempts.at(-1);
				const found = exchanges.find(({ attempt }) => attempt === success);
				if (!isDelivered) yield `${id} was not delivered`;
				else if (!found || !CLEAN.has(found.request.behaviour)) {
					yield `${id} is delivered, and the endpoint did not say so`;
				}
			}
		},
	},
	{
		name: 'every request to an endpoint that is not stored was cut off by a kill',
		*violations(facts) {
			for (const { id, exchanges } of histories(facts, 'endpoint')) {
				for (const request of unexcused(exchanges, facts.lives)) {
					yield `${id}: ${facts.lives.describe(request)}`;
				}
			}
		},
	},
	{
		name: 'every repeat at an endpoint is inside the documented window',
		*violations(facts) {
			for (const { id, exchanges } of histories(facts, 'endpoint')) {
				for (const { exchange, reason } of repeatsIn(exchanges, facts.lives)) {
					if (!reason) yield `${id}: request ${exchange.request.request} repeats what was taken`;
				}
			}
		},
	},
	{
		name: 'no webhook comes before it is due',
		*violations(facts) {
			for (const { id, attempts, exchanges } of histories(facts, 'endpoint')) {
				const dues = attempts.map(({ at, latencyMs }, i) => {
					const made = exchanges.find(({ attempt }) => attempt === attempts[i]);
					const asked = made?.request.behaviour === 'busy' ? RETRY_AFTER_S : 0;
					return at + latencyMs + 1000 * Math.max(WEBHOOK_RETRY.delays_s[i] ?? 0, asked);
				});
				for (const { request, before } of exchanges) {
					const due = dues[before - 1] ?? 0;
					const early = due - Math.max(...facts.lives.runnerTimesOf(request));
					if (early > EARLY_MS) yield `${id}: attempt ${before + 1} came ${early} ms early`;
				}
			}
		},
	},
];
