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
	const time = now();
	for (const event of events) {
		const { id: position } = sql.run`INSERT INTO events
			(id, notification_id, type, body, created_at, depth) VALUES (${event.event_id},
			${notificationOf(event)}, ${event.event}, ${JSON.stringify(event)}, ${time}, ${depth})`;
		const audience = { endpoints: endpoints.all, callbacks };
		const earlier = (): readonly FeedEvent[] => eventsBefore(sql, event, position);
		for (const to of owedWebhooks(event, audience, earlier, time)) {
			webhookClaims.owe(to, position, time);
		}
	}
}
