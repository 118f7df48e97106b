import { FINAL_STATES } from '@sureping/engine';
import { type Broken, reasonOf } from '../rows/broken-row.ts';
import { deadLetterRow, toDeadLetter } from '../rows/dead-letter.ts';
import { toPage } from '../rows/pages.ts';
import type { DeadLetter, DeadLetterKind } from '../contract/dead-letters.ts';
import type { Page, PageRequest } from '../contract/pages.ts';
import type { Scope } from './notifications/changes.ts';
import { listed } from './db/list-query.ts';
import type { Sql } from './db/database.ts';
import { readEndpoint } from './endpoints/known.ts';
import { columnsOf } from './db/tables.ts';
import { inserted, write } from './db/write-rows.ts';

/** Takes the rows from everybody who would try them, with their claims. */
const BURY: Readonly<Record<DeadLetterKind, string | undefined>> = {
	delivery: `UPDATE sureping.deliveries SET due_at = NULL, last_at = NULL, expires_at = NULL, owner = NULL
		WHERE id = ANY($1::text[])`,
	webhook: `UPDATE sureping.webhook_deliveries SET state = 'dead', due_at = NULL, owner = NULL
		WHERE id = ANY($1::text[]) AND state IN ('pending', 'held')`,
	report: 'UPDATE sureping.reports SET forward_at = NULL WHERE id = ANY($1::text[])',
	// It is no work: the feed passes over it.
	event: undefined,
};

/** Puts rows aside: nothing tries them again until somebody asks for it. */
export async function bury(
	sql: Sql,
	{ newId, now }: Scope,
	kind: DeadLetterKind,
	reasons: ReadonlyMap<string, string>,
): Promise<void> {
	if (reasons.size === 0) return;
	const statement = BURY[kind];
	if (statement) await sql.rows(statement, [[...reasons.keys()]]);
	const rows = [...reasons].map(([id, reason]) =>
		deadLetterRow(newId('ltr'), kind, id, reason, now()),
	);
	const again = 'ON CONFLICT (kind, of) DO UPDATE SET reason = excluded.reason';
	await write(sql, inserted('dead_letters', rows, again));
}

/** The same of what cannot be read. */
export async function buryAll(
	sql: Sql,
	scope: Scope,
	kind: DeadLetterKind,
	broken: readonly Broken[],
): Promise<void> {
	const reasons = broken.map(({ id, error }) => [id, reasonOf(error)] as const);
	await bury(sql, scope, kind, new Map(reasons));
}

/** As `Store.retryDeadLetter`. */
export async function retryDeadLetter(
	sql: Sql,
	id: string,
	now: number,
): Promise<'retried' | 'gone' | undefined> {
	const [row] = await sql.rows(
		`DELETE FROM sureping.dead_letters WHERE id = $1
		 RETURNING ${columnsOf('dead_letters')}`,
		[id],
	);
	if (!row) return undefined;
	const { kind, of } = toDeadLetter(row);
	return (await EXHUME[kind](sql, of, now)) ? 'retried' : 'gone';
}

/** Make a row due again; false when nothing waits for it any more. */
const EXHUME: Readonly<
	Record<DeadLetterKind, (sql: Sql, id: string, now: number) => Promise<boolean>>
> = {
	async delivery(sql, id, now) {
		const rows = await sql.rows(
			`UPDATE sureping.deliveries SET due_at = $2::bigint,
			 last_at = CASE WHEN lane = '' THEN NULL ELSE $2::bigint END
			 WHERE id = $1 AND due_at IS NULL AND state <> ALL($3::text[]) RETURNING 1 AS one`,
			[id, now, [...FINAL_STATES]],
		);
		return rows.length > 0;
	},
	async webhook(sql, id, now) {
		const [row] = await sql.rows(
			`SELECT endpoint_id FROM sureping.webhook_deliveries
			 WHERE id = $1 AND state = 'dead' FOR UPDATE`,
			[id],
		);
		if (!row) return false;
		const endpoint =
			row.endpoint_id === null ? undefined : await readEndpoint(sql, String(row.endpoint_id));
		if (row.endpoint_id !== null && !endpoint) return false;
		const isDue = endpoint?.status !== 'disabled';
		await sql.rows(
			'UPDATE sureping.webhook_deliveries SET state = $2, due_at = $3::bigint WHERE id = $1',
			[id, isDue ? 'pending' : 'held', isDue ? now : null],
		);
		return true;
	},
	async report(sql, id, now) {
		const rows = await sql.rows(
			`UPDATE sureping.reports SET forward_at = $2::bigint
			 WHERE id = $1 AND state = 'unmatched' RETURNING 1 AS one`,
			[id, now],
		);
		return rows.length > 0;
	},
	// Whoever reads the feed next finds out whether it can be read.
	event: async () => true,
};

/** Newest first. */
export async function listDeadLetters(
	sql: Sql,
	{ kind }: { kind?: DeadLetterKind | undefined },
	{ after, limit }: PageRequest,
): Promise<Page<DeadLetter>> {
	const { where, most, values } = listed(limit, [
		['kind = ?', kind],
		['id < ?', after],
	]);
	const rows = await sql.rows(
		`SELECT ${columnsOf('dead_letters')} FROM sureping.dead_letters ${where}
		 ORDER BY id DESC ${most}`,
		values,
	);
	return toPage(rows, limit, toDeadLetter);
}
