import type { EndpointHealth } from '@sureping/engine';
import { ENDPOINT_KEEPS, endpointRow, toEndpoint } from '../../rows/endpoint.ts';
import type { Endpoint } from '../../contract/endpoints.ts';
import type { Statements } from '../db/statements.ts';

export function readEndpoints(sql: Statements): readonly Endpoint[] {
	return sql.all('SELECT * FROM endpoints ORDER BY id').map(toEndpoint);
}

export function writeEndpoint(sql: Statements, endpoint: Endpoint): void {
	const row = endpointRow(endpoint);
	const columns = Object.keys(row);
	const changes = columns
		.filter((column) => !ENDPOINT_KEEPS.includes(column))
		.map((column) => `${column} = excluded.${column}`);
	sql.run(
		// Not REPLACE: that would remove another endpoint which has the same URL.
		`INSERT INTO endpoints (${columns.join(', ')}) VALUES (${columns.map(() => '?').join(', ')})
		 ON CONFLICT (id) DO UPDATE SET ${changes.join(', ')}`,
		...Object.values(row),
	);
}

/** Its health alone, as most requests that change anything leave the rest. */
export function writeHealth(sql: Statements, id: string, health: EndpointHealth): void {
	sql.run('UPDATE endpoints SET health = ? WHERE id = ?', JSON.stringify(health), id);
}

export function deleteEndpoint(sql: Statements, id: string): void {
	sql.run('DELETE FROM endpoints WHERE id = ?', id);
}
