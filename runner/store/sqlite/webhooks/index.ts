import type { EndpointReview, Webhooks } from '../../contract/webhooks.ts';
import { reviewed } from '../../rules/endpoint-changes.ts';
import { RETRIED_FROM } from '../../rules/held-webhooks.ts';
import type { BrokenRows } from '../dead-letters.ts';
import { readEndpoint, writeEndpoint, writeHealth } from '../endpoints/rows.ts';
import { publish } from '../feed/publish.ts';
import type { Scope } from '../scope.ts';
import { accept } from '../sends/accept.ts';
import { align, hasten, makeDue } from './held.ts';
import { listWebhooks, readWebhook } from './rows.ts';
import { storeFresh, storeFreshIfPossible } from './stored.ts';

export function createWebhooks(scope: Scope, brokenRows: BrokenRows): Webhooks {
	const { sql, commits, soundness, endpoints, webhookClaims } = scope;
	return {
		async claim(now, limit, gates) {
			soundness.check();
			if (webhookClaims.isFarBehind) await storeFresh(scope);
			const { due, broken } = webhookClaims.claim(now, limit, endpoints.all, gates);
			await brokenRows.add('webhook', broken);
			return due;
		},
		async settle(deliveries, review) {
			await (review
				? endpoints.change(() => {
						webhookClaims.settle(deliveries);
						storeReview(scope, review);
					})
				: commits.runSoon(() => webhookClaims.settle(deliveries)));
			webhookClaims.settled(deliveries);
			if (review?.disable) await align(scope, review.endpointId);
		},
		release: (due) => webhookClaims.release(due),
		nextAt: async (time, gates) => webhookClaims.nextAt(time, endpoints.all, gates),
		async list(filter, page) {
			await storeFreshIfPossible(scope);
			return await listWebhooks(scope.reader, filter, page);
		},
		async get(id) {
			await storeFreshIfPossible(scope);
			return readWebhook(sql, id);
		},
		async retry(id) {
			await storeFresh(scope);
			return await commits.run(() => makeDue(scope, id, RETRIED_FROM)?.state);
		},
		hasten: (endpointId) => hasten(scope, endpointId),
	};
}

function storeReview(scope: Scope, review: EndpointReview): void {
	const { sql, endpoints } = scope;
	const result = reviewed(readEndpoint(sql, review.endpointId), [review]);
	if (!result) return;
	const { endpoint, disabledBy, events, notices } = result;
	if (disabledBy) {
		writeEndpoint(sql, endpoint);
		endpoints.reread();
	} else {
		writeHealth(sql, endpoint);
	}
	publish(scope, events);
	for (const notice of notices) accept(scope, notice);
}
