import type { FeedEvent, WebhookEvent } from '@sureping/engine';
import type { Callback } from '../../contract/sends.ts';
import { notificationOf, owedWebhooks } from '../../rules/owed-webhooks.ts';
import type { Scope } from '../scope.ts';
import { eventsBefore } from './rows.ts';

/**
 * Stores events and the webhook deliveries that they make owed, in a transaction of the caller's. `depth` is that of the
 * notification that they are about.
 */
export function publish(
	{ sql, endpoints, webhookClaims, now }: Scope,
	events: readonly WebhookEvent[],
	callbacks: readonly Callback[] = [],
	depth = 0,
): void {
	for (const event of events) {
		const time = now();
		const { id: position } = sql.insert('events', {
			id: event.event_id,
			notification_id: notificationOf(event),
			type: event.event,
			body: JSON.stringify(event),
			created_at: time,
			depth,
		});
		const audience = { endpoints: endpoints.all, callbacks };
		const earlier = (): readonly FeedEvent[] => eventsBefore(sql, event, position);
		for (const to of owedWebhooks(event, audience, earlier, time)) {
			webhookClaims.owe(to, position, time);
		}
	}
}
