import type { EndpointHealth, RequestRate } from '@sureping/engine';
import type { Batch, Endpoint, PreviousSecret } from '../store.ts';
import { fromJson, optionalNumber, type Row, word } from './columns.ts';
import type { Statements } from './statements.ts';

export function readEndpoints(sql: Statements): readonly Endpoint[] {
	return sql.all('SELECT * FROM endpoints ORDER BY id').map(toEndpoint);
}

export function writeEndpoint(sql: Statements, endpoint: Endpoint): void {
	sql.run(
		// Not REPLACE: that would remove another endpoint which has the same URL.
		`INSERT INTO endpoints VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
		 ON CONFLICT (id) DO UPDATE SET name = excluded.name, url = excluded.url,
		 profile = excluded.profile, secret = excluded.secret, events = excluded.events,
		 is_default = excluded.is_default, status = excluded.status,
		 signature_input = excluded.signature_input, ack = excluded.ack, policy = excluded.policy, batch = excluded.batch,
		 report_type = excluded.report_type, previous_secrets = excluded.previous_secrets,
		 headers = excluded.headers, rate_limit = excluded.rate_limit, health = excluded.health`,
		endpoint.id,
		endpoint.name,
		endpoint.url,
		endpoint.profile,
		endpoint.secret ?? '',
		JSON.stringify(endpoint.events),
		endpoint.isDefault ? 1 : 0,
		endpoint.status,
		endpoint.signatureInput,
		endpoint.ack,
		JSON.stringify(endpoint.policy),
		endpoint.source,
		endpoint.createdAt,
		endpoint.expiresAt ?? null,
		optionalJson(endpoint.batch),
		endpoint.reportType,
		optionalJson(endpoint.previousSecrets),
		optionalJson(endpoint.headers),
		optionalJson(endpoint.rateLimit),
		optionalJson(endpoint.health),
	);
}

const optionalJson = (value: object | undefined): string | null =>
	value === undefined ? null : JSON.stringify(value);

/** Its health alone, as most requests that change anything leave the rest. */
export function writeHealth(sql: Statements, id: string, health: EndpointHealth): void {
	sql.run('UPDATE endpoints SET health = ? WHERE id = ?', JSON.stringify(health), id);
}

export function deleteEndpoint(sql: Statements, id: string): void {
	sql.run('DELETE FROM endpoints WHERE id = ?', id);
}

function toEndpoint(row: Row): Endpoint {
	const expiresAt = optionalNumber(row.expires_at);
	return {
		id: String(row.id),
		name: String(row.name),
		url: String(row.url),
		profile: word(row.profile),
		...(row.secret === '' ? {} : { secret: String(row.secret) }),
		events: fromJson(row.events),
		isDefault: row.is_default === 1,
		status: word(row.status),
		signatureInput: word(row.signature_input),
		ack: word(row.ack),
		policy: fromJson(row.policy),
		source: word(row.source),
		createdAt: Number(row.created_at),
		reportType: word(row.report_type),
		...(expiresAt === undefined ? {} : { expiresAt }),
		...(row.batch === null ? {} : { batch: fromJson<Batch>(row.batch) }),
		...(row.previous_secrets === null
			? {}
			: { previousSecrets: fromJson<readonly PreviousSecret[]>(row.previous_secrets) }),
		...(row.headers === null ? {} : { headers: fromJson<Record<string, string>>(row.headers) }),
		...(row.rate_limit === null ? {} : { rateLimit: fromJson<RequestRate>(row.rate_limit) }),
		...(row.health === null ? {} : { health: fromJson<EndpointHealth>(row.health) }),
	};
}
