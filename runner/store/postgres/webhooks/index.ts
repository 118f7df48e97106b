import type { WebhookDelivery } from '@sureping/engine';
import type { Webhooks } from '../../contract/webhooks.ts';
import { RETRIED_FROM } from '../../rules/held-webhooks.ts';
import { tryToAddBroken } from '../dead-letters.ts';
import type { Scope } from '../scope.ts';
import { align, hasten, makeDue } from './held.ts';
import { type Reviewed, settleWithReviews } from './reviews.ts';
import { listWebhooks, readWebhook, updateWebhooks } from './rows.ts';

export function createWebhooks(scope: Scope): Webhooks {
	const { database, endpoints, groups, leases, signals, webhookClaims } = scope;
	const settling = groups.create<readonly WebhookDelivery[], undefined>(async (some) => {
		await updateWebhooks(database, some.flat(), leases.owner);
		return some.map(() => undefined);
	});
	const reviewing = groups.create<Reviewed, boolean>((some) => settleWithReviews(scope, some), {
		waits: false,
	});
	/** The reviews under way, by endpoint. */
	const reviews = new Map<string, Promise<unknown>>();
	const release: Webhooks['release'] = (due) => webhookClaims.release(due);
	return {
		async claim(now, limit, gates) {
			const remembered = endpoints.remembered?.endpoints;
			const known =
				remembered && !webhookClaims.isLookNeeded(now)
					? remembered
					: await endpoints.current(database);
			const { due, broken, term } = await webhookClaims.take(now, limit, known, gates);
			const { added, left } = await tryToAddBroken(scope, 'webhook', broken);
			webhookClaims.ended(added);
			webhookClaims.giveBack(left.map(({ id }) => id));
			leases.confirm(term, () => due.forEach(release));
			return due;
		},
		async settle(deliveries, review) {
			if (!review) {
				// The effects of an earlier answer come first, such as that the endpoint is disabled.
				const endpointId = webhookClaims.endpointOf(deliveries[0]?.id ?? '');
				await reviews.get(endpointId ?? '')?.catch(() => undefined);
				await settling.add(deliveries);
				webhookClaims.ended(deliveries);
				if (deliveries.some(({ state }) => state === 'pending')) signals.becameDue();
				return;
			}
			const { endpointId } = review;
			const done = reviewing.add({ deliveries, review });
			reviews.set(endpointId, done);
			const isDisabled = await done.finally(() => {
				if (reviews.get(endpointId) === done) reviews.delete(endpointId);
			});
			webhookClaims.ended(deliveries);
			signals.becameDue();
			// There may be much to hold, so only this request waits for it. `alignAll` finishes what fails here.
			if (isDisabled) await align(scope, endpointId, 'disabled').catch(() => undefined);
		},
		release,
		nextAt: (time, gates) => webhookClaims.nextAt(time, () => endpoints.current(database), gates),
		list: (filter, page) => listWebhooks(database, filter, page),
		get: (id) => readWebhook(database, id),
		async retry(id) {
			const state = await database.transaction(
				async (sql) => (await makeDue(sql, id, RETRIED_FROM, scope.now()))?.state,
			);
			signals.becameDue();
			return state;
		},
		async hasten(endpointId) {
			await hasten(scope, endpointId);
			signals.becameDue();
		},
	};
}
