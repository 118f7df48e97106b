import type { Endpoint } from '../../contract/endpoints.ts';
import { endpointRow, orUpdated, toEndpoint } from '../../rows/endpoint.ts';
import type { Statements } from '../db/statements.ts';

export function readEndpoints(sql: Statements): readonly Endpoint[] {
	return sql.all`SELECT * FROM endpoints ORDER BY id`.map(toEndpoint);
}

export function readEndpoint(sql: Statements, id: string): Endpoint | undefined {
	const row = sql.get`SELECT * FROM endpoints WHERE id = ${id}`;
	return row && toEndpoint(row);
}

export function writeEndpoint(sql: Statements, endpoint: Endpoint): void {
	const row = endpointRow(endpoint);
	sql.insert('endpoints', row, orUpdated(row));
}

/** Its health alone, as most requests that change anything leave the rest. */
export function writeHealth(sql: Statements, { id, health }: Endpoint): void {
	sql.run`UPDATE endpoints SET health = ${JSON.stringify(health)} WHERE id = ${id}`;
}

export function deleteEndpoint(sql: Statements, id: string): void {
	sql.run`DELETE FROM endpoints WHERE id = ${id}`;
}
