import {
	type About,
	type FeedEvent,
	isOperational,
	type NewId,
	type WebhookEvent,
} from '@sureping/engine';
import type { Endpoint } from '../../contract/endpoints.ts';
import type { Callback } from '../../contract/sends.ts';
import type { NewRow } from '../../rows/columns.ts';
import { webhookRow } from '../../rows/webhook.ts';
import {
	type Audience,
	hasLastWord,
	notificationOf,
	owedWebhooks,
} from '../../rules/owed-webhooks.ts';
import type { KnownMessage } from '../../rules/report-batches.ts';
import { newWebhook } from '../../rules/webhook-lanes.ts';
import type { Load } from '../db/carried-load.ts';
import type { Sql, Transaction, Value } from '../db/database.ts';
import { inserted, unnested, valuesOf, writeLater } from '../db/write-rows.ts';
import { readEndpoints } from '../endpoints/rows.ts';
import { isReportWaiting, waitedFor } from '../reports/rows.ts';
import type { Scope } from '../scope.ts';
import { type FeedLock, NEWEST, sendFeedLock } from './lock.ts';
import { eventsOf } from './rows.ts';

/** An event to publish, with the callbacks of the send that it is about. */
export interface Publication {
	readonly event: WebhookEvent;
	readonly callbacks: readonly Callback[];
	/** The depth of its notification: see `Notification.depth`. */
	readonly depth: number;
	/** The notification that it is about, if it is one of ours. */
	readonly about?: About;
}

/** Publishes an event about no notification of ours: one of an endpoint, or of another provider. */
export const publicationOf = (event: WebhookEvent): Publication => ({
	event,
	callbacks: [],
	depth: 0,
});

/** The parts of the store that publishing needs. */
export type PublishContext = Pick<Scope, 'endpoints' | 'newId' | 'now'>;

/**
 * Publishes without a round trip while the feed is locked, so that other processes wait less. It assumes that the endpoints
 * are as they were last read and that no report waits for one of `messages`. If not, the statement fails with a division by
 * zero, and the transaction is repeated step by step. Returns false, having done nothing, where that is not possible.
 * Webhook deliveries that can start at once are claimed, and join the `load`.
 */
export function publishAtOnce(
	sql: Transaction,
	publications: readonly Publication[],
	{ endpoints, newId, now }: PublishContext,
	messages: readonly KnownMessage[],
	load: Load,
): boolean {
	const known = endpoints.remembered;
	if (!known || sql.isRepeated) return false;
	if (publications.some(({ callbacks }) => hasLastWord({ ...known, callbacks }))) return false;
	const rows = rowsOf(publications, 0, known.endpoints, new Map(), { newId, now: now() }, load);
	const values: Value[] = [known.version];
	const noReport = messages.length === 0 ? '' : `AND NOT ${isReportWaiting(values.length + 1)}`;
	if (messages.length > 0) values.push(...waitedFor(messages));
	const parts = (['events', 'webhook_deliveries'] as const).flatMap((table) => {
		const [model] = rows[table];
		if (!model) return [];
		const position = table === 'events' ? 'position' : 'event_position';
		const columns = Object.keys(model);
		const from = unnested(table, columns, values.length + 1);
		values.push(...valuesOf(columns, rows[table]));
		const selected = columns.map((column) =>
			column === position ? `locked.newest + u.${column}` : `u.${column}`,
		);
		return [
			`${table} AS (INSERT INTO sureping.${table} (${columns.join(', ')})
			 SELECT ${selected.join(', ')} FROM locked, ${from} AS u (${columns.join(', ')}))`,
		];
	});
	sendFeedLock(sql);
	sql.later(
		`WITH locked AS MATERIALIZED (
			SELECT ${NEWEST} FROM sureping.feed
			WHERE id = 1 AND endpoints_version = $1::bigint ${noReport}
		 ), ${parts.join(', ')}
		 SELECT 1 / (SELECT count(*) FROM locked) AS guard`,
		values,
	);
	return true;
}

/** Publishes while the feed is locked: writes events after the newest, and the webhook deliveries that they are owed as. */
export async function publishLocked(
	sql: Transaction,
	publications: readonly Publication[],
	lock: FeedLock,
	{ newId, now }: Pick<PublishContext, 'newId' | 'now'>,
	endpoints: readonly Endpoint[],
): Promise<void> {
	const past = publications.some(({ callbacks }) => hasLastWord({ endpoints, callbacks }))
		? await eventsSoFar(
				sql,
				publications.map(({ event }) => event),
			)
		: new Map<string, FeedEvent[]>();
	const rows = rowsOf(publications, lock.newest, endpoints, past, { newId, now: now() });
	writeLater(
		sql,
		inserted('events', rows.events),
		inserted('webhook_deliveries', rows.webhook_deliveries),
	);
}

/** Publishes the events of a change to an endpoint, in the transaction that makes it. */
export async function publishChange(
	sql: Transaction,
	publications: readonly Publication[],
	lock: FeedLock,
	context: PublishContext,
): Promise<void> {
	if (publications.length === 0) return;
	const { endpoints } = await readEndpoints(sql);
	await publishLocked(sql, publications, lock, context, endpoints);
}

/**
 * Rows for events after position `last` and for the webhook deliveries that they are owed as. `past` holds the earlier
 * events by notification; the new ones are added to it.
 */
function rowsOf(
	publications: readonly Publication[],
	last: number,
	endpoints: readonly Endpoint[],
	past: Map<string, FeedEvent[]>,
	{ newId, now }: { newId: NewId; now: number },
	load?: Load,
): Record<'events' | 'webhook_deliveries', readonly NewRow[]> {
	const webhooks: NewRow[] = [];
	const events = publications.map(({ event, callbacks, depth, about = {} }, i): NewRow => {
		const position = last + i + 1;
		const notificationId = notificationOf(event);
		const earlier = past.get(notificationId) ?? [];
		const audience: Audience = { endpoints, callbacks };
		const body = JSON.stringify(event);
		const bytes = body.length + (about.message?.length ?? 0);
		for (const to of owedWebhooks(event, audience, () => earlier, now)) {
			const id = newId('whd');
			const webhook = newWebhook(to, now);
			const { dueAt } = webhook;
			webhooks.push({
				...webhookRow({ id, position, ...webhook }),
				owner: load?.ownerOfWebhook({ id, to, event, about, dueAt, bytes }) ?? null,
			});
		}
		if (notificationId !== '' && !isOperational(event)) {
			past.set(notificationId, [...earlier, event]);
		}
		return {
			position,
			id: event.event_id,
			notification_id: notificationId,
			type: event.event,
			body,
			created_at: now,
			depth,
		};
	});
	return { events, webhook_deliveries: webhooks };
}

/** Reads the earlier events of the notifications that `events` are about, by notification. */
async function eventsSoFar(
	sql: Sql,
	events: readonly WebhookEvent[],
): Promise<Map<string, FeedEvent[]>> {
	const ids = events.map(notificationOf).filter((id) => id !== '');
	return new Map(
		[...(await eventsOf(sql, ids))].map(([id, past]) => [id, past.map(({ event }) => event)]),
	);
}
