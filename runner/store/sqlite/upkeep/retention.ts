import { firstIdAt } from '@sureping/engine';
import type { StoredWebhookState } from '../../contract/webhooks.ts';
import {
	afterLast,
	again,
	prunableEvents,
	PRUNED_WEBHOOKS,
	type PrunePlace,
	type PruneTime,
} from '../../rules/pruning.ts';
import { FORGOTTEN, keptFor } from '../../rules/retention-periods.ts';
import { prunedPosition } from '../feed/rows.ts';
import { forgetPeriods } from '../feed/times.ts';
import { removeNotifications } from '../notifications/rows.ts';
import type { Statements } from '../db/statements.ts';

/** Rows that one transaction looks at: few enough that requests hardly wait for it. */
const STEP = 250;

interface Scope extends PruneTime {
	readonly sql: Statements;
}

/** Does a step from `after` on. Returns where the next one starts, or undefined when there is nothing more. */
type Task = (scope: Scope, after: PrunePlace) => PrunePlace | undefined;

/** Deliveries that have not ended. */
const unfinished = (notificationId: string): string =>
	`SELECT 1 FROM deliveries_due d WHERE d.notification_id = ${notificationId}`;

function forget({ table, key, at, keptMs }: (typeof FORGOTTEN)[number]): Task {
	const text = `DELETE FROM ${table} WHERE (${key}) IN (
		SELECT ${key} FROM ${table} WHERE ${at} <= ? ORDER BY ${at} LIMIT ${STEP})`;
	return ({ sql, now }) => again(sql.run(text, now - keptMs).changes, STEP);
}

/** Delivered ones are the most and have no index of their state, so all rows are passed over in the order of their ids. */
const pruneDelivered: Task = ({ sql, now, retention }, after) => {
	const kept = keptFor('delivered', retention);
	if (kept === undefined) return undefined;
	const rows = sql.all`SELECT id FROM webhook_deliveries
		WHERE id > ${after} AND id < ${firstIdAt('whd', now - kept)} ORDER BY id LIMIT ${STEP}`;
	const list = JSON.stringify(rows.map(({ id }) => id));
	sql.run`DELETE FROM webhook_deliveries
		WHERE id IN (SELECT value FROM json_each(${list})) AND state = 'delivered'`;
	return afterLast(rows, 'id', STEP);
};

function pruneWebhooks(state: StoredWebhookState): Task {
	return ({ sql, now, retention }) => {
		const kept = keptFor(state, retention);
		return kept === undefined
			? undefined
			: again(
					sql.run`DELETE FROM webhook_deliveries WHERE id IN (SELECT id FROM webhook_deliveries
						WHERE state = ${state} AND state <> 'delivered' AND id < ${firstIdAt('whd', now - kept)}
						ORDER BY id LIMIT ${STEP})`.changes,
					STEP,
				);
	};
}

const pruneReplays: Task = ({ sql, now, retention }) => {
	const kept = retention.webhookDeliveriesMs;
	if (kept === undefined) return undefined;
	const { changes } = sql.run`DELETE FROM replays WHERE id IN (SELECT id FROM replays
		WHERE status <> 'running' AND id < ${firstIdAt('rpl', now - kept)} ORDER BY id LIMIT ${STEP})`;
	return again(changes, STEP);
};

/** Passes over events that pending webhooks, unfinished notifications or running replays need. */
const pruneEvents: Task = ({ sql, now, retention }, after) => {
	if (retention.eventsMs === undefined) return undefined;
	const rows = sql.all(
		`SELECT position, created_at,
			NOT EXISTS (SELECT 1 FROM webhook_deliveries w WHERE w.event_position = e.position)
			AND NOT EXISTS (${unfinished('e.notification_id')})
			AND NOT EXISTS (SELECT 1 FROM dead_letters l WHERE l.kind = 'event' AND l.of = e.id)
			AND NOT EXISTS (SELECT 1 FROM replays r WHERE r.status = 'running' AND r.position < e.position)
			AS is_free
		 FROM events e WHERE position > ? ORDER BY position LIMIT ?`,
		Number(after),
		STEP,
	);
	const { old, free } = prunableEvents(rows, now - retention.eventsMs);
	const last = free.at(-1);
	if (last !== undefined) {
		sql.run`DELETE FROM events
			WHERE position IN (SELECT value FROM json_each(${JSON.stringify(free)}))`;
		const pruned = Math.max(last, prunedPosition(sql));
		sql.run`UPDATE feed SET pruned_position = ${pruned} WHERE id = 1`;
		forgetPeriods(sql);
	}
	return afterLast(old, 'position', STEP);
};

/**
 * Events of a notification `n` that need it for what they tell: those that are younger than it may get, so that it goes no
 * sooner than an event of the same age, and those that are still on their way.
 */
const STILL_TOLD = `SELECT 1 FROM events e WHERE e.notification_id = n.id AND (e.created_at >= ?
	OR EXISTS (SELECT 1 FROM webhook_deliveries w
		WHERE w.event_position = e.position AND w.state IN ('pending', 'held')))`;

/** Goes through notifications from the oldest on, and passes over those that have not ended. */
const pruneNotifications: Task = ({ sql, now, retention: { notificationsMs: kept } }, after) => {
	if (kept === undefined) return undefined;
	const rows = sql.all(
		`SELECT id, EXISTS (${unfinished('n.id')}) OR EXISTS (${STILL_TOLD}) AS is_pending
		 FROM notifications n WHERE id > ? AND id < ? ORDER BY id LIMIT ?`,
		now - kept,
		after,
		firstIdAt('msg', now - kept),
		STEP,
	);
	const ended = rows.filter(({ is_pending }) => is_pending === 0);
	removeNotifications(
		sql,
		ended.map(({ id }) => String(id)),
	);
	return afterLast(rows, 'id', STEP);
};

const pruneReports: Task = ({ sql, now, retention }) => {
	if (retention.reportsMs === undefined) return undefined;
	const { changes } = sql.run`DELETE FROM reports WHERE position IN (
		SELECT position FROM reports r
		WHERE received_at < ${now - retention.reportsMs} AND forward_at IS NULL
		AND NOT EXISTS (SELECT 1 FROM dead_letters l WHERE l.kind = 'report' AND l.of = r.id)
		ORDER BY received_at LIMIT ${STEP})`;
	return again(changes, STEP);
};

const pruneIncidents: Task = ({ sql, now, retention: { incidentsMs: kept } }) => {
	if (kept === undefined) return undefined;
	const rows = sql.all`SELECT id FROM incidents i WHERE ended_at < ${now - kept}
		AND NOT EXISTS (SELECT 1 FROM dead_letters l WHERE l.kind = 'incident' AND l.of = i.id)
		ORDER BY ended_at LIMIT ${STEP}`;
	const list = JSON.stringify(rows.map(({ id }) => id));
	sql.run`DELETE FROM incident_pages
		WHERE incident_id IN (SELECT value FROM json_each(${list}))`;
	sql.run`DELETE FROM incidents WHERE id IN (SELECT value FROM json_each(${list}))`;
	return again(rows.length, STEP);
};

/** Children before their parents: an event is kept for as long as a webhook of it is. */
export const TASKS: readonly Task[] = [
	...FORGOTTEN.map(forget),
	...PRUNED_WEBHOOKS.map((state) =>
		state === 'delivered' ? pruneDelivered : pruneWebhooks(state),
	),
	pruneReplays,
	pruneEvents,
	pruneNotifications,
	pruneReports,
	pruneIncidents,
];
