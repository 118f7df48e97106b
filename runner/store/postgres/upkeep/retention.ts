import { firstIdAt } from '@sureping/engine';
import type { StoredWebhookState } from '../../contract/webhooks.ts';
import { NOT_ENDED } from '../../rows/delivery.ts';
import {
	afterLast,
	again,
	prunableEvents,
	PRUNED_NOTIFICATIONS,
	PRUNED_WEBHOOKS,
	type PrunePlace,
	type PruneTime,
} from '../../rules/pruning.ts';
import { FORGOTTEN, keptFor } from '../../rules/retention-periods.ts';
import { forgetRecipients } from '../db/shared-connection-limits.ts';
import type { Database } from '../db/database.ts';
import { changed } from '../db/write-rows.ts';
import { lockFeed } from '../feed/lock.ts';

/**
 * Rows per transaction: few enough that requests hardly wait for it. Where a row may change between its selection and its
 * removal, the condition stands twice: after waiting for a lock, PostgreSQL checks only the outer one again.
 */
const STEP = 500;

interface Scope extends PruneTime {
	readonly database: Database;
}

/** Does a step from `after` on, and returns where the next one starts; undefined when the task is done. */
type Task = (scope: Scope, after: PrunePlace) => Promise<PrunePlace | undefined>;

/** Deliveries of a notification that have not ended. */
const unfinished = (notificationId: string): string =>
	`SELECT 1 FROM sureping.deliveries d WHERE d.notification_id = ${notificationId}
	 AND ${NOT_ENDED}`;

/** By their places in the table, since a token may be long. */
function forget({ table, at, keptMs }: (typeof FORGOTTEN)[number]): Task {
	const text = `DELETE FROM sureping.${table} WHERE ctid = ANY (ARRAY(
		SELECT ctid FROM sureping.${table} WHERE ${at} <= $1::bigint
		ORDER BY ${at} LIMIT ${STEP})) AND ${at} <= $1::bigint`;
	return async ({ database, now }) => again(await changed(database, text, [now - keptMs]), STEP);
}

/** In the order of ids, from a place on: most are delivered, which no index of the states has. */
function pruneWebhooks(state: StoredWebhookState): Task {
	return async ({ database, now, retention }, after) => {
		const kept = keptFor(state, retention);
		if (kept === undefined) return undefined;
		const [found] = await database.rows(
			`WITH old AS (
				SELECT id FROM sureping.webhook_deliveries
				WHERE state = '${state}' AND id > $1 AND id < $2 ORDER BY id LIMIT ${STEP}
			 ), gone AS (
				DELETE FROM sureping.webhook_deliveries
				WHERE id = ANY (ARRAY(SELECT id FROM old)) AND state = '${state}'
			 ) SELECT count(*) AS n, max(id) AS id FROM old`,
			[String(after), firstIdAt('whd', now - kept)],
		);
		return Number(found?.n) === STEP ? String(found?.id) : undefined;
	};
}

const pruneReplays: Task = async ({ database, now, retention }) => {
	const kept = retention.webhookDeliveriesMs;
	if (kept === undefined) return undefined;
	const pruned = await changed(
		database,
		`DELETE FROM sureping.replays WHERE id IN (
			SELECT id FROM sureping.replays WHERE status <> 'running' AND id < $1
			ORDER BY id LIMIT ${STEP})`,
		[firstIdAt('rpl', now - kept)],
	);
	return again(pruned, STEP);
};

/** Condition on an event `e`: none of its webhooks is kept, and no running replay comes to it. */
const NOT_OWED = `
	NOT EXISTS (SELECT 1 FROM sureping.webhook_deliveries w WHERE w.event_position = e.position)
	AND NOT EXISTS (SELECT 1 FROM sureping.replays r
		WHERE r.status = 'running' AND r.position < e.position)`;

/** Prunes events, but not those that pending webhooks, unfinished notifications and running replays need. */
const pruneEvents: Task = async ({ database, now, retention }, after) => {
	if (retention.eventsMs === undefined) return undefined;
	const rows = await database.rows(
		`SELECT position, created_at,
			${NOT_OWED}
			AND NOT EXISTS (${unfinished('e.notification_id')})
			AND NOT EXISTS (SELECT 1 FROM sureping.dead_letters l WHERE l.kind = 'event' AND l.of = e.id)
			AS is_free
		 FROM sureping.events e WHERE position > $1::bigint ORDER BY position LIMIT ${STEP}`,
		[Number(after)],
	);
	const { old, free } = prunableEvents(rows, now - retention.eventsMs);
	if (free.length > 0) {
		await database.transaction(async (sql) => {
			// Under the feed lock nothing becomes owed and no replay begins; changes since the selection are checked
			// again.
			await lockFeed(sql);
			// One statement, so that readers of the feed see the gap together with its mark.
			await sql.rows(
				`WITH gone AS (
					DELETE FROM sureping.events e WHERE position = ANY($1::bigint[]) AND ${NOT_OWED}
					RETURNING position
				 )
				 UPDATE sureping.feed SET
				 pruned_position = greatest(pruned_position, (SELECT max(position) FROM gone)) WHERE id = 1`,
				[free],
			);
		});
	}
	return afterLast(old, 'position', STEP);
};

/**
 * Events that still need their notification `n` for its text: those younger than its retention (`youngest`), so that it
 * goes no sooner than an event of the same age, and those still on their way.
 */
const stillTold = (youngest: string): string => `
	SELECT 1 FROM sureping.events e WHERE e.notification_id = n.id
	AND (e.created_at >= ${youngest}::bigint OR EXISTS (
		SELECT 1 FROM sureping.webhook_deliveries w
		WHERE w.event_position = e.position AND w.state IN ('pending', 'held')))`;

function pruneNotifications(status: string): Task {
	return async ({ database, now, retention: { notificationsMs: kept } }, after) => {
		if (kept === undefined) return undefined;
		const rows = await database.rows(
			`SELECT id, EXISTS (${unfinished('n.id')}) OR EXISTS (${stillTold('$3')}) AS is_pending
			 FROM sureping.notifications n
			 WHERE status = '${status}' AND id > $1 AND id < $2 ORDER BY id LIMIT ${STEP}`,
			[String(after), firstIdAt('msg', now - kept), now - kept],
		);
		const ids = rows.filter(({ is_pending }) => !is_pending).map(({ id }) => String(id));
		if (ids.length > 0) {
			await database.transaction(async (sql) => {
				// Locked as for any change of their deliveries: a report may make one pending again.
				await sql.rows(
					`SELECT 1 AS one FROM sureping.notifications WHERE id = ANY($1::text[]) ORDER BY id FOR UPDATE`,
					[ids],
				);
				const gone = await sql.rows(
					`DELETE FROM sureping.notifications n WHERE id = ANY($1::text[])
					 AND NOT EXISTS (${unfinished('n.id')})
					 AND NOT EXISTS (${stillTold('$2')}) RETURNING id`,
					[ids, now - kept],
				);
				await sql.rows('DELETE FROM sureping.deliveries WHERE notification_id = ANY($1::text[])', [
					gone.map(({ id }) => String(id)),
				]);
			});
		}
		return afterLast(rows, 'id', STEP);
	};
}

const pruneReports: Task = async ({ database, now, retention }) => {
	if (retention.reportsMs === undefined) return undefined;
	const pruned = await changed(
		database,
		`DELETE FROM sureping.reports WHERE position IN (
			SELECT position FROM sureping.reports r WHERE received_at < $1::bigint AND forward_at IS NULL
			AND NOT EXISTS (SELECT 1 FROM sureping.dead_letters l WHERE l.kind = 'report' AND l.of = r.id)
			ORDER BY received_at LIMIT ${STEP}) AND forward_at IS NULL`,
		[now - retention.reportsMs],
	);
	return again(pruned, STEP);
};

/** Locked, as somebody may still answer one that nobody has answered. */
const pruneIncidents: Task = async ({ database, now, retention: { incidentsMs: kept } }) => {
	if (kept === undefined) return undefined;
	const [pruned] = await database.rows(
		`WITH old AS MATERIALIZED (
			SELECT id FROM sureping.incidents i WHERE ended_at < $1::bigint
			AND NOT EXISTS (SELECT 1 FROM sureping.dead_letters l WHERE l.kind = 'incident' AND l.of = i.id)
			ORDER BY ended_at LIMIT ${STEP} FOR UPDATE SKIP LOCKED
		 ), pages AS (
			DELETE FROM sureping.incident_pages WHERE incident_id = ANY (ARRAY(SELECT id FROM old))
		 ), gone AS (
			DELETE FROM sureping.incidents WHERE id = ANY (ARRAY(SELECT id FROM old))
		 ) SELECT count(*) AS n FROM old`,
		[now - kept],
	);
	return again(Number(pruned?.n), STEP);
};

/** Children before their parents: an event is kept as long as a webhook of it. */
export const TASKS: readonly Task[] = [
	...FORGOTTEN.map(forget),
	async ({ database }) => again(await forgetRecipients(database, STEP), STEP),
	...PRUNED_WEBHOOKS.map(pruneWebhooks),
	pruneReplays,
	pruneEvents,
	...PRUNED_NOTIFICATIONS.map(pruneNotifications),
	pruneReports,
	pruneIncidents,
];
