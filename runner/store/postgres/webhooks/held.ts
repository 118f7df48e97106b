import type { Endpoint } from '../../contract/endpoints.ts';
import type { StoredWebhookState } from '../../contract/webhooks.ts';
import { optionalText, word } from '../../rows/columns.ts';
import {
	ALIGNED_TOGETHER,
	ALIGNMENTS,
	askedAgain,
	type EndpointState,
	hastenedDueAt,
} from '../../rules/held-webhooks.ts';
import { type Database, LONG, type Sql, type Value } from '../db/database.ts';
import { changed } from '../db/write-rows.ts';
import type { Scope } from '../scope.ts';

/**
 * Holds or releases the webhook deliveries owed to an endpoint by its state, part by part: there may be very many, and
 * other requests should not wait for all of them. Ends early if the state has changed again. Deliveries owed after the
 * change have the right state already. What is released is due at `time`, which comes before the change is visible: no
 * later event overtakes it.
 */
export async function align(
	{ database, now }: Pick<Scope, 'database' | 'now'>,
	endpointId: string,
	status: EndpointState,
	time = now(),
): Promise<void> {
	const { from, to } = ALIGNMENTS[status];
	const isStill =
		status === 'gone'
			? 'NOT EXISTS (SELECT 1 FROM sureping.endpoints WHERE id = $1)'
			: `EXISTS (SELECT 1 FROM sureping.endpoints WHERE id = $1 AND status = '${status}')`;
	for (const state of from) {
		await inParts(
			database,
			`UPDATE sureping.webhook_deliveries
			 SET state = '${to}', due_at = ${to === 'pending' ? '$2::bigint' : 'NULL'} WHERE id IN (
				SELECT id FROM sureping.webhook_deliveries
				WHERE endpoint_id = $1 AND state = '${state}' AND ${isStill} LIMIT ${ALIGNED_TOGETHER} FOR UPDATE)`,
			to === 'pending' ? [endpointId, time] : [endpointId],
		);
	}
}

/**
 * Makes deliveries that wait for their next attempt due, the oldest event first, part by part. Claimed ones are due
 * already.
 */
export async function hasten({ database, now }: Scope, endpointId: string): Promise<void> {
	await inParts(
		database,
		`UPDATE sureping.webhook_deliveries SET due_at = ${hastenedDueAt('$2::bigint')} WHERE id IN (
			SELECT id FROM sureping.webhook_deliveries
			WHERE endpoint_id = $1 AND state = 'pending' AND due_at > $2::bigint AND owner IS NULL
			ORDER BY event_position LIMIT ${ALIGNED_TOGETHER} FOR UPDATE)`,
		[endpointId, now()],
	);
}

/** Runs a statement that changes `ALIGNED_TOGETHER` rows at most until it finds fewer. */
async function inParts(database: Database, text: string, values: readonly Value[]): Promise<void> {
	while ((await changed(database, text, values)) === ALIGNED_TOGETHER);
}

/**
 * Makes a webhook delivery in one of the states `from` due now, or holds it while its endpoint is disabled. Undefined where
 * there is no such webhook delivery.
 */
export async function makeDue(
	sql: Sql,
	id: string,
	from: readonly StoredWebhookState[],
	now: number,
): Promise<ReturnType<typeof askedAgain> | undefined> {
	const [row] = await sql.rows(
		'SELECT state, endpoint_id FROM sureping.webhook_deliveries WHERE id = $1 FOR UPDATE',
		[id],
	);
	if (!row) return undefined;
	// Locked, so that a disabling meanwhile waits and then finds this one pending.
	const [found] = await sql.rows('SELECT status FROM sureping.endpoints WHERE id = $1 FOR SHARE', [
		optionalText(row.endpoint_id) ?? null,
	]);
	const endpoint = found && { status: word<Endpoint['status']>(found.status) };
	const asked = askedAgain(row, endpoint, from, now);
	if (asked.due) {
		await sql.rows(
			'UPDATE sureping.webhook_deliveries SET state = $2, due_at = $3::bigint WHERE id = $1',
			[id, asked.due.state, asked.due.dueAt],
		);
	}
	return asked;
}

/** Finishes alignments that the death of a process interrupted, also those of removed endpoints. */
export async function alignAll(scope: Scope): Promise<void> {
	const wrong = Object.entries(ALIGNMENTS).map(([status, { from }]) => {
		const states = from.map((state) => `'${state}'`).join(', ');
		return `WHEN '${status}' THEN ARRAY[${states}]`;
	});
	// Each endpoint that anything was ever owed to is found by one step in the index.
	const rows = await scope.database.rows(
		`WITH RECURSIVE owed AS (
			(SELECT endpoint_id AS id FROM sureping.webhook_deliveries
				WHERE endpoint_id IS NOT NULL ORDER BY endpoint_id LIMIT 1)
			UNION ALL
			SELECT n.endpoint_id FROM owed o, LATERAL (
				SELECT endpoint_id FROM sureping.webhook_deliveries
				WHERE endpoint_id > o.id ORDER BY endpoint_id LIMIT 1
			) n
		 ), known AS (
			SELECT o.id, coalesce(e.status, 'gone') AS status
			FROM owed o LEFT JOIN sureping.endpoints e ON e.id = o.id
		 )
		 SELECT k.id, k.status FROM known k WHERE EXISTS (
			SELECT 1 FROM sureping.webhook_deliveries w
			WHERE w.endpoint_id = k.id AND w.state <> 'delivered'
			AND w.state = ANY (CASE k.status ${wrong.join(' ')} END)
		 )`,
		[],
		LONG,
	);
	for (const { id, status } of rows) {
		await align(scope, String(id), word<EndpointState>(status));
	}
}
