import type { Batch, Endpoint } from '../store.ts';
import { fromJson, type NewRow, optionalNumber, type Row, word } from './columns.ts';

type PreviousSecret = NonNullable<Endpoint['previousSecret']>;

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
		batch: endpoint.batch ? JSON.stringify(endpoint.batch) : null,
		report_type: endpoint.reportType,
		previous_secret: endpoint.previousSecret ? JSON.stringify(endpoint.previousSecret) : null,
	};
}

/** Columns that stay as they were when an endpoint changes. */
export const ENDPOINT_KEEPS: readonly string[] = ['id', 'source', 'created_at', 'expires_at'];

export function toEndpoint(row: Row): Endpoint {
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
