import type { DeadLetterFilter } from '../contract/dead-letters.ts';
import type { IncidentFilter } from '../contract/incidents.ts';
import type { ReportFilter } from '../contract/reports.ts';
import type { WebhookFilter } from '../contract/webhooks.ts';

/** A condition with `?` in place of the value. Without a value it does not apply. */
export type Condition = readonly [sql: string, value: string | undefined];

/**
 * Selects a page, and one row more if there is a next page: `WHERE …` with the values of its parameters, and last that of
 * `LIMIT ?`.
 */
export function listed(
	limit: number,
	conditions: readonly Condition[],
): { readonly where: string; readonly values: readonly (string | number)[] } {
	const given = conditions.flatMap(([sql, value]) => (value === undefined ? [] : [{ sql, value }]));
	return {
		where: given.length > 0 ? `WHERE ${given.map(({ sql }) => sql).join(' AND ')}` : '',
		values: [...given.map(({ value }) => value), limit + 1],
	};
}

type After = string | undefined;

/** Conditions on `reports`; ids sort by time, so that a page begins before the last id of the page before. */
export const reportConditions = (
	{ state, provider, connection }: ReportFilter,
	after: After,
): readonly Condition[] => [
	['state = ?', state],
	['provider = ?', provider],
	['connection = ?', connection],
	['id < ?', after],
];

/** Conditions on `webhook_deliveries`, as `w`. */
export const webhookConditions = (
	{ state, endpointId }: WebhookFilter,
	after: After,
): readonly Condition[] => [
	['w.state = ?', state],
	['w.endpoint_id = ?', endpointId],
	['w.id < ?', after],
];

/** Conditions on `incidents`. */
export const incidentConditions = (
	{ status, dedupKey }: IncidentFilter,
	after: After,
): readonly Condition[] => [
	['status = ?', status],
	['dedup_key = ?', dedupKey],
	['id < ?', after],
];

/** Conditions on `dead_letters`. */
export const deadLetterConditions = (
	{ kind }: DeadLetterFilter,
	after: After,
): readonly Condition[] => [
	['kind = ?', kind],
	['id < ?', after],
];
