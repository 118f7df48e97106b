import type { EndpointHealth } from '@sureping/engine';
import { ENDPOINT_KEEPS, endpointRow } from '../rows/endpoint.ts';
import type { Endpoint } from '../store.ts';
import type { Database, Sql } from './database.ts';
import { inserted, write } from './write-rows.ts';

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

export async function writeEndpoint(sql: Sql, endpoint: Endpoint): Promise<void> {
	const row = endpointRow(endpoint);
	const changes = Object.keys(row)
		.filter((column) => !ENDPOINT_KEEPS.includes(column))
		.map((column) => `${column} = excluded.${column}`);
	await write(
		sql,
		inserted('endpoints', [row], `ON CONFLICT (id) DO UPDATE SET ${changes.join(', ')}`),
	);
}

/** Its health alone, as most requests that change anything leave the rest. */
export async function writeHealth(sql: Sql, id: string, health: EndpointHealth): Promise<void> {
	await sql.rows('UPDATE sureping.endpoints SET health = $2 WHERE id = $1', [
		id,
		JSON.stringify(health),
	]);
}

export async function deleteEndpoint(sql: Sql, id: string): Promise<void> {
	await sql.rows('DELETE FROM sureping.endpoints WHERE id = $1', [id]);
	await sql.rows('DELETE FROM sureping.endpoint_limits WHERE lane = $1', [id]);
}

/** Large enough to be quick, small enough that a request that ended meanwhile does not wait long to be stored. */
const ALIGNED_TOGETHER = 2_000;

/** What becomes of what is owed, by the status of its endpoint. */
const ALIGNMENTS = {
	disabled: { from: ['pending'], to: "state = 'held', due_at = NULL" },
	enabled: { from: ['held'], to: "state = 'pending', due_at = $3::bigint" },
	gone: { from: ['pending', 'held'], to: "state = 'cancelled', due_at = NULL" },
} as const;

/**
 * Brings what is owed to an endpoint in line with its status, part by part: there may be very much, and nobody should wait
 * for all of it. Whatever is owed from the change of the status on is in line already.
 */
export async function align(
	database: Database,
	endpointId: string,
	status: keyof typeof ALIGNMENTS,
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
				`UPDATE sureping.webhook_deliveries SET ${to} WHERE id IN (
					SELECT id FROM sureping.webhook_deliveries
					WHERE endpoint_id = $1 AND state = $2 AND ${isStill} LIMIT ${ALIGNED_TOGETHER} FOR UPDATE
				 ) RETURNING 1 AS one`,
				status === 'enabled' ? [endpointId, state, now] : [endpointId, state],
			);
			count = rows.length;
		}
	}
}

/** Ends what a process began that died in the middle of it. */
export async function alignAll(
	database: Database,
	endpoints: readonly Endpoint[],
	now: number,
): Promise<void> {
	const rows = await database.rows(
		`SELECT e.id FROM sureping.endpoints e WHERE EXISTS (
			SELECT 1 FROM sureping.webhook_deliveries w WHERE w.endpoint_id = e.id
			AND w.state = CASE e.status WHEN 'disabled' THEN 'pending' ELSE 'held' END)`,
	);
	const wrong = new Set(rows.map(({ id }) => String(id)));
	for (const { id, status } of endpoints) {
		if (wrong.has(id)) await align(database, id, status, now);
	}
}
