import type { About, FeedEvent, WebhookEvent } from '@sureping/engine';
import type { Callback } from '../../contract/sends.ts';
import { withAbout } from '../../rows/event.ts';
import { owedJson } from '../../rows/owed.ts';
import { notificationOf, owedWebhooks } from '../../rules/owed-webhooks.ts';
import { newWebhook } from '../../rules/webhook-lanes.ts';
import type { Scope } from '../scope.ts';
import type { FreshWebhook } from '../webhooks/fresh.ts';
import { eventsBefore, insertEvent } from './rows.ts';

/** The notification that events are about: the depth of its chain of sends, and the text that they repeat. */
export interface Subject extends About {
	readonly depth: number;
}

/** Operational events and forwarded reports are about none. */
const NO_SUBJECT: Subject = { depth: 0 };

/**
 * Stores events and whom they are owed to, in a transaction of the caller's. A webhook delivery that is sent right away needs
 * no row yet: its event has its id and its target.
 */
export function publish(
	scope: Scope,
	events: readonly WebhookEvent[],
	callbacks: readonly Callback[] = [],
	subject: Subject = NO_SUBJECT,
): void {
	const { sql, commits, endpoints, webhookClaims, now } = scope;
	const time = now();
	for (const event of events) {
		const audience = { endpoints: endpoints.all, callbacks };
		const earlier = (): readonly FeedEvent[] => eventsBefore(sql, event);
		const owed = owedWebhooks(event, audience, earlier, time).map((to) => newWebhook(to, time));
		const body = JSON.stringify(event);
		const bytes = body.length + (subject.message?.length ?? 0);
		const fresh = owed
			.filter((webhook) => webhookClaims.mayStayFresh(webhook, bytes))
			.map(({ to, lane, dueAt = time }) => ({ id: scope.newId('whd'), to, lane, dueAt }));
		const position = insertEvent(sql, {
			id: event.event_id,
			notificationId: notificationOf(event),
			type: event.event,
			body,
			createdAt: time,
			depth: subject.depth,
			owed: owedJson(fresh),
		});
		scope.eventTimes.note(position, time);
		for (const webhook of owed) {
			if (!fresh.some(({ to }) => to === webhook.to)) webhookClaims.owe(webhook, position);
		}
		commits.onceDurable(() => {
			const sent = fresh.length === 0 ? event : withAbout(event, subject, scope.about);
			webhookClaims.addFresh(
				position,
				fresh.map((one): FreshWebhook => {
					return { ...one, position, event: sent, bytes, mostTogether: undefined };
				}),
			);
		});
	}
	webhookClaims.notePosition();
}
