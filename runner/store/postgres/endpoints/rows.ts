import type { EndpointHealth } from '@sureping/engine';
import {
	ALIGNED_TOGETHER,
	ALIGNMENTS,
	type EndpointState,
	hastenedDueAt,
} from '../../rules/held-webhooks.ts';
import { ENDPOINT_KEEPS, endpointRow } from '../../rows/endpoint.ts';
import { word } from '../../rows/columns.ts';
import type { Endpoint } from '../../contract/endpoints.ts';
import { type Database, LONG, type Sql } from '../db/database.ts';
import { inserted, write } from '../db/write-rows.ts';

/** Whether another endpoint of the same source has its URL (`api`), or its name (`config`). */
export async function isTaken(sql: Sql, { id, url, name, source }: Endpoint): Promise<boolean> {
	const rows = await sql.rows(
		source === 'api'
			? `SELECT 1 AS one FROM sureping.endpoints
			   WHERE source = 'api' AND md5(url) = md5($1) AND url = $1 AND id <> $2`
			: "SELECT 1 AS one FROM sureping.endpoints WHERE source = 'config' AND name = $1 AND id <> $2",
		[source === 'api' ? url : name, id],
	);
	return rows.length > 0;
}

/** In the turn of the feed, so that whoever tells events meanwhile goes by the endpoints as they are. */
export async function writeEndpoints(sql: Sql, endpoints: readonly Endpoint[]): Promise<void> {
	const rows = endpoints.map(endpointRow);
	const changes = Object.keys(rows[0] ?? {})
		.filter((column) => !ENDPOINT_KEEPS.includes(column))
		.map((column) => `${column} = excluded.${column}`);
	await write(
		sql,
		inserted('endpoints', rows, `ON CONFLICT (id) DO UPDATE SET ${changes.join(', ')}`),
	);
	await nextVersion(sql, 'endpoints_version');
}

/** Its health alone, as most requests that change anything leave the rest. What is told does not depend on it. */
export async function writeHealth(sql: Sql, id: string, health: EndpointHealth): Promise<void> {
	await sql.rows('UPDATE sureping.endpoints SET health = $2 WHERE id = $1', [
		id,
		JSON.stringify(health),
	]);
	await nextVersion(sql, 'health_version');
}

/** In the turn of the feed, as `writeEndpoints`. */
export async function deleteEndpoints(sql: Sql, ids: readonly string[]): Promise<void> {
	await sql.rows('DELETE FROM sureping.endpoints WHERE id = ANY ($1::text[])', [ids]);
	await nextVersion(sql, 'endpoints_version');
	await sql.rows('DELETE FROM sureping.endpoint_limits WHERE lane = ANY ($1::text[])', [ids]);
}

/** By which other processes learn of it. */
async function nextVersion(
	sql: Sql,
	version: 'endpoints_version' | 'health_version',
): Promise<void> {
	await sql.rows(`UPDATE sureping.feed SET ${version} = ${version} + 1 WHERE id = 1`);
}

/**
 * Brings what is owed to an endpoint in line with its status, part by part: there may be very much, and nobody should wait
 * for all of it. Whatever is owed from the change of the status on is in line already.
 */
export async function align(
	database: Database,
	endpointId: string,
	status: EndpointState,
	now: number,
): Promise<void> {
	const { from, to } = ALIGNMENTS[status];
	const isStill =
		status === 'gone'
			? 'NOT EXISTS (SELECT 1 FROM sureping.endpoints WHERE id = $1)'
			: `EXISTS (SELECT 1 FROM sureping.endpoints WHERE id = $1 AND status = '${status}')`;
	for (const state of from) {
		for (let count = ALIGNED_TOGETHER; count === ALIGNED_TOGETHER;) {
			const rows = await database.rows(
				`UPDATE sureping.webhook_deliveries
				 SET state = '${to}', due_at = ${to === 'pending' ? '$3::bigint' : 'NULL'} WHERE id IN (
					SELECT id FROM sureping.webhook_deliveries
					WHERE endpoint_id = $1 AND state = $2 AND ${isStill} LIMIT ${ALIGNED_TOGETHER} FOR UPDATE
				 ) RETURNING 1 AS one`,
				status === 'enabled' ? [endpointId, state, now] : [endpointId, state],
			);
			count = rows.length;
		}
	}
}

/** Makes what waits for its next attempt due, the oldest event first, part by part. What a process works on is due already. */
export async function hasten(database: Database, endpointId: string, now: number): Promise<void> {
	for (let count = ALIGNED_TOGETHER; count === ALIGNED_TOGETHER;) {
		const rows = await database.rows(
			`UPDATE sureping.webhook_deliveries SET due_at = ${hastenedDueAt('$2::bigint')} WHERE id IN (
				SELECT id FROM sureping.webhook_deliveries
				WHERE endpoint_id = $1 AND state = 'pending' AND due_at > $2::bigint AND owner IS NULL
				ORDER BY event_position LIMIT ${ALIGNED_TOGETHER} FOR UPDATE
			 ) RETURNING 1 AS one`,
			[endpointId, now],
		);
		count = rows.length;
	}
}

/** Ends what a process began that died in the middle of it, also where the endpoint is not there any more. */
export async function alignAll(database: Database, now: number): Promise<void> {
	const wrong = Object.entries(ALIGNMENTS).map(([status, { from }]) => {
		const states = from.map((state) => `'${state}'`).join(', ');
		return `WHEN '${status}' THEN ARRAY[${states}]`;
	});
	// Each endpoint that anything was ever owed to is found by one step in the index.
	const rows = await database.rows(
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
			WHERE w.endpoint_id = k.id AND w.state = ANY (CASE k.status ${wrong.join(' ')} END)
		 )`,
		[],
		LONG,
	);
	for (const { id, status } of rows) {
		await align(database, String(id), word<EndpointState>(status), now);
	}
}
