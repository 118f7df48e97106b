import type { Batch, Endpoint } from '../store.ts';
import { fromJson, optionalNumber, type Row, word } from './columns.ts';
import type { Statements } from './statements.ts';

type PreviousSecret = NonNullable<Endpoint['previousSecret']>;

export function readEndpoints(sql: Statements): readonly Endpoint[] {
	return sql.all('SELECT * FROM endpoints ORDER BY id').map(toEndpoint);
}

export function writeEndpoint(sql: Statements, endpoint: Endpoint): void {
	sql.run(
		// Not REPLACE: that would remove another endpoint which has the same URL.
		`INSERT INTO endpoints VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
		 ON CONFLICT (id) DO UPDATE SET name = excluded.name, url = excluded.url,
		 profile = excluded.profile, secret = excluded.secret, events = excluded.events,
		 is_default = excluded.is_default, status = excluded.status,
		 signature_input = excluded.signature_input, ack = excluded.ack, policy = excluded.policy, batch = excluded.batch,
		 report_type = excluded.report_type, previous_secret = excluded.previous_secret`,
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
		endpoint.batch ? JSON.stringify(endpoint.batch) : null,
		endpoint.reportType,
		endpoint.previousSecret ? JSON.stringify(endpoint.previousSecret) : null,
	);
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
		...(row.previous_secret === null
			? {}
			: { previousSecret: fromJson<PreviousSecret>(row.previous_secret) }),
	};
}
