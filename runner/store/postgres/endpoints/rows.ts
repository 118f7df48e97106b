import type { Endpoint } from '../../contract/endpoints.ts';
import { optionalJson } from '../../rows/columns.ts';
import { endpointRow, orUpdated, toEndpoint } from '../../rows/endpoint.ts';
import type { Sql } from '../db/database.ts';
import { columnsOf } from '../db/tables.ts';
import { inserted, write } from '../db/write-rows.ts';

/**
 * Reads all endpoints and their version in one statement, so that they belong together. A transaction that changes
 * endpoints uses this instead of `KnownEndpoints`, which would keep changes that a rollback undoes.
 */
export async function readEndpoints(sql: Sql): Promise<{
	readonly endpoints: readonly Endpoint[];
	readonly version: number;
	readonly healthVersion: number;
}> {
	const rows = await sql.rows(
		`SELECT f.endpoints_version, f.health_version, ${columnsOf('endpoints', 'e')}
		 FROM sureping.feed f LEFT JOIN sureping.endpoints e ON TRUE ORDER BY e.id`,
	);
	return {
		endpoints: rows.filter(({ id }) => id !== null).map(toEndpoint),
		version: Number(rows[0]?.endpoints_version),
		healthVersion: Number(rows[0]?.health_version),
	};
}

export async function readEndpoint(sql: Sql, id: string): Promise<Endpoint | undefined> {
	const [row] = await sql.rows(
		`SELECT ${columnsOf('endpoints')} FROM sureping.endpoints WHERE id = $1`,
		[id],
	);
	return row && toEndpoint(row);
}

/**
 * True if another endpoint of the API has its URL, or another one of the config file its name. `isTaken` of the rules, as
 * one step in an index; names of the config file are unique in this database.
 */
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

/** Writes endpoints, under the feed lock. */
export async function writeEndpoints(sql: Sql, endpoints: readonly Endpoint[]): Promise<void> {
	const rows = endpoints.map(endpointRow);
	await write(sql, inserted('endpoints', rows, orUpdated(rows[0] ?? {})));
	await nextVersion(sql, 'endpoints_version');
}

/** Writes only the health of an endpoint, which most reviews are about. Publishing does not depend on it. */
export async function writeHealth(sql: Sql, { id, health }: Endpoint): Promise<void> {
	await sql.rows('UPDATE sureping.endpoints SET health = $2 WHERE id = $1', [
		id,
		optionalJson(health),
	]);
	await nextVersion(sql, 'health_version');
}

/** Deletes endpoints, under the feed lock. */
export async function deleteEndpoints(sql: Sql, ids: readonly string[]): Promise<void> {
	await sql.rows('DELETE FROM sureping.endpoints WHERE id = ANY ($1::text[])', [ids]);
	await nextVersion(sql, 'endpoints_version');
	await sql.rows('DELETE FROM sureping.endpoint_limits WHERE lane = ANY ($1::text[])', [ids]);
}

/** Raises the version by which other processes notice a change. */
async function nextVersion(
	sql: Sql,
	version: 'endpoints_version' | 'health_version',
): Promise<void> {
	await sql.rows(`UPDATE sureping.feed SET ${version} = ${version} + 1 WHERE id = 1`);
}
