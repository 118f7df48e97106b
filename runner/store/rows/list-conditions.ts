import type { DeadLetterFilter } from '../contract/dead-letters.ts';
import type { ReportFilter } from '../contract/reports.ts';
import type { WebhookFilter } from '../contract/webhooks.ts';

/** A condition with `?` in place of the value. Without a value it does not apply. */
export type Condition = readonly [sql: string, value: string | undefined];

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

/** Conditions on `dead_letters`. */
export const deadLetterConditions = (
	{ kind }: DeadLetterFilter,
	after: After,
): readonly Condition[] => [
	['kind = ?', kind],
	['id < ?', after],
];
