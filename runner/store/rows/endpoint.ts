import type { EndpointHealth, RequestRate } from '@sureping/engine';
import type { Batch, Endpoint, PreviousSecret } from '../contract/endpoints.ts';
import { fromJson, type NewRow, optionalJson, optionalNumber, type Row, word } from './columns.ts';

export function endpointRow(endpoint: Endpoint): NewRow {
	return {
		id: endpoint.id,
		name: endpoint.name,
		url: endpoint.url,
		profile: endpoint.profile,
		secret: endpoint.secret ?? '',
		events: JSON.stringify(endpoint.events),
		is_default: endpoint.isDefault ? 1 : 0,
		status: endpoint.status,
		signature_input: endpoint.signatureInput,
		ack: endpoint.ack,
		policy: JSON.stringify(endpoint.policy),
		source: endpoint.source,
		created_at: endpoint.createdAt,
		expires_at: endpoint.expiresAt ?? null,
		batch: optionalJson(endpoint.batch),
		report_type: endpoint.reportType,
		previous_secrets: optionalJson(endpoint.previousSecrets),
		headers: optionalJson(endpoint.headers),
		rate_limit: optionalJson(endpoint.rateLimit),
		health: optionalJson(endpoint.health),
		events_chosen: endpoint.hasDefaultEvents ? 0 : 1,
	};
}

/** Columns that stay as they were when an endpoint changes. */
const KEPT: readonly string[] = ['id', 'source', 'created_at', 'expires_at'];

/**
 * Makes an INSERT of an `endpointRow` update the endpoint that has its id. Not REPLACE: that would remove another endpoint
 * which has the same URL.
 */
export function orUpdated(row: NewRow): string {
	const changes = Object.keys(row).filter((column) => !KEPT.includes(column));
	const set = changes.map((column) => `${column} = excluded.${column}`).join(', ');
	return `ON CONFLICT (id) DO UPDATE SET ${set}`;
}

export function toEndpoint(row: Row): Endpoint {
	const expiresAt = optionalNumber(row.expires_at);
	return {
		id: String(row.id),
		name: String(row.name),
		url: String(row.url),
		profile: word(row.profile),
		...(row.secret === '' ? {} : { secret: String(row.secret) }),
		events: fromJson(row.events),
		...(row.events_chosen === 0 ? { hasDefaultEvents: true } : {}),
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
