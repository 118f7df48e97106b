import type { NewId } from '@sureping/engine';
import { deadLetterRow, toDeadLetter } from '../rows/dead-letter.ts';
import { toPage } from '../rows/pages.ts';
import type { DeadLetter, DeadLetterKind } from '../contract/dead-letters.ts';
import type { Endpoint } from '../contract/endpoints.ts';
import type { Page, PageRequest } from '../contract/pages.ts';
import type { DeliveryQueue } from './deliveries/claims.ts';
import { buryDelivery } from './deliveries/rows.ts';
import { buryReport, exhumeReport } from './reports/rows.ts';
import type { Reader } from './db/reader.ts';
import type { Statements } from './db/statements.ts';
import type { WebhookQueue } from './webhooks/claims.ts';
import { buryWebhook } from './webhooks/rows.ts';
import { whereAll } from './db/list-query.ts';

/** Puts a row aside: nothing tries it again until somebody asks for it. */
export function bury(
	sql: Statements,
	{ kind, id, reason }: { kind: DeadLetterKind; id: string; reason: string },
	now: number,
	newId: NewId,
): void {
	BURY[kind](sql, id);
	const row = deadLetterRow(newId('ltr'), kind, id, reason, now);
	sql.run(
		`INSERT INTO dead_letters (${Object.keys(row).join(', ')}) VALUES (?, ?, ?, ?, ?)
		 ON CONFLICT (kind, of) DO UPDATE SET reason = excluded.reason`,
		...Object.values(row),
	);
}

const BURY: Readonly<Record<DeadLetterKind, (sql: Statements, id: string) => void>> = {
	delivery: buryDelivery,
	webhook: buryWebhook,
	report: buryReport,
	// It is no work: the feed passes over it.
	event: () => undefined,
};

/** As `Store.retryDeadLetter`. */
export function retryDeadLetter(
	sql: Statements,
	id: string,
	{
		queue,
		deliveries,
		endpoints,
		now,
	}: {
		queue: WebhookQueue;
		deliveries: DeliveryQueue;
		endpoints: readonly Endpoint[];
		now: number;
	},
): 'retried' | 'gone' | undefined {
	const row = sql.get('SELECT * FROM dead_letters WHERE id = ?', id);
	if (!row) return undefined;
	const { kind, of } = toDeadLetter(row);
	const exhume: Readonly<Record<DeadLetterKind, () => boolean>> = {
		delivery: () => deliveries.exhume(of, now),
		webhook: () => queue.exhume(of, endpoints, now),
		report: () => exhumeReport(sql, of, now),
		// Whoever reads the feed next finds out whether it can be read.
		event: () => true,
	};
	sql.run('DELETE FROM dead_letters WHERE id = ?', id);
	return exhume[kind]() ? 'retried' : 'gone';
}

/** Newest first. */
export async function listDeadLetters(
	reader: Reader,
	{ kind }: { kind?: DeadLetterKind | undefined },
	{ after, limit }: PageRequest,
): Promise<Page<DeadLetter>> {
	const conditions = [
		...(kind === undefined ? [] : [{ sql: 'kind = ?', value: kind }]),
		...(after === undefined ? [] : [{ sql: 'id < ?', value: after }]),
	];
	const { rows, isCut } = await reader.find(
		`SELECT * FROM dead_letters ${whereAll(conditions)} ORDER BY id DESC LIMIT ?`,
		...conditions.map(({ value }) => value),
		limit + 1,
	);
	return toPage(rows, limit, toDeadLetter, isCut);
}
