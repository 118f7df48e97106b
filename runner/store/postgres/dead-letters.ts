import { FINAL_STATES } from '@sureping/engine';
import type { DeadLetterKind, DeadLetters } from '../contract/dead-letters.ts';
import { type Broken, reasonOf } from '../rows/broken-row.ts';
import { deadLetterRow, toDeadLetter } from '../rows/dead-letter.ts';
import { deadLetterConditions } from '../rows/list-conditions.ts';
import { toPage } from '../rows/pages.ts';
import type { Sql } from './db/database.ts';
import { listed } from './db/list-query.ts';
import { columnsOf } from './db/tables.ts';
import { changed, inserted, write } from './db/write-rows.ts';
import { NOT_OVER } from '../rules/incidents.ts';
import type { Scope } from './scope.ts';
import { makeDue } from './webhooks/held.ts';

export function createDeadLetters(scope: Scope): DeadLetters {
	const { database, deliveryClaims, signals, webhookClaims } = scope;
	return {
		async add(kind, ids, reason) {
			const reasons = new Map(ids.map((id) => [id, reason]));
			await database.transaction((sql) => addDeadLetters(sql, scope, kind, reasons));
			if (kind === 'webhook') webhookClaims.ended(ids.map((id) => ({ id })));
			if (kind === 'delivery') for (const id of ids) deliveryClaims.ended(id);
		},
		async list(filter, { after, limit }) {
			const { where, most, values } = listed(limit, deadLetterConditions(filter, after));
			const rows = await database.rows(
				`SELECT ${columnsOf('dead_letters')} FROM sureping.dead_letters ${where}
				 ORDER BY id DESC ${most}`,
				values,
			);
			return toPage(rows, limit, toDeadLetter);
		},
		async requeue(id) {
			const result = await database.transaction(async (sql) => {
				const [row] = await sql.rows(
					`DELETE FROM sureping.dead_letters WHERE id = $1 RETURNING ${columnsOf('dead_letters')}`,
					[id],
				);
				if (!row) return undefined;
				const { kind, of } = toDeadLetter(row);
				return (await REQUEUE[kind](sql, of, scope.now())) ? 'retried' : 'gone';
			});
			signals.becameDue();
			return result;
		},
	};
}

type LetterScope = Pick<Scope, 'newId' | 'now'>;

/** Stops rows from being tried until they are requeued; `reasons` by the row's id. */
async function addDeadLetters(
	sql: Sql,
	{ newId, now }: LetterScope,
	kind: DeadLetterKind,
	reasons: ReadonlyMap<string, string>,
): Promise<void> {
	if (reasons.size === 0) return;
	const stop = STOP[kind];
	if (stop) await sql.rows(stop, [[...reasons.keys()]]);
	const rows = [...reasons].map(([id, reason]) =>
		deadLetterRow(newId('ltr'), kind, id, reason, now()),
	);
	const again = 'ON CONFLICT (kind, of) DO UPDATE SET reason = excluded.reason';
	await write(sql, inserted('dead_letters', rows, again));
}

/** Adds rows that cannot be read to the dead letters, in a transaction of the caller's. */
export async function addBroken(
	sql: Sql,
	scope: LetterScope,
	kind: DeadLetterKind,
	broken: readonly Broken[],
): Promise<void> {
	const reasons = new Map(broken.map(({ id, error }) => [id, reasonOf(error)]));
	await addDeadLetters(sql, scope, kind, reasons);
}

/** Adds rows that cannot be read, if the store can do so now. Rows that are `left` will be found again. */
export async function tryToAddBroken(
	scope: LetterScope & Pick<Scope, 'database'>,
	kind: DeadLetterKind,
	broken: readonly Broken[],
): Promise<{ readonly added: readonly Broken[]; readonly left: readonly Broken[] }> {
	if (broken.length === 0) return { added: [], left: [] };
	try {
		await scope.database.transaction((sql) => addBroken(sql, scope, kind, broken));
		return { added: broken, left: [] };
	} catch {
		// The next write of any kind reports what is wrong with the store.
		return { added: [], left: broken };
	}
}

/** Ends the rows' due times and claims, so that nothing tries them again. */
const STOP: Readonly<Record<DeadLetterKind, string | undefined>> = {
	delivery: `UPDATE sureping.deliveries SET due_at = NULL, last_at = NULL, expires_at = NULL, owner = NULL
		WHERE id = ANY($1::text[])`,
	webhook: `UPDATE sureping.webhook_deliveries SET state = 'dead', due_at = NULL, owner = NULL
		WHERE id = ANY($1::text[]) AND state IN ('pending', 'held')`,
	report: 'UPDATE sureping.reports SET forward_at = NULL WHERE id = ANY($1::text[])',
	// It is no work: the feed passes over it.
	event: undefined,
	incident: 'UPDATE sureping.incidents SET due_at = NULL WHERE id = ANY($1::text[])',
};

/** Makes a row due again; false when it is not waiting any more. */
const REQUEUE: Readonly<
	Record<DeadLetterKind, (sql: Sql, id: string, now: number) => Promise<boolean>>
> = {
	async delivery(sql, id, now) {
		const requeued = await changed(
			sql,
			`UPDATE sureping.deliveries SET due_at = $2::bigint,
			 last_at = CASE WHEN lane = '' THEN NULL ELSE $2::bigint END
			 WHERE id = $1 AND due_at IS NULL AND state <> ALL($3::text[])`,
			[id, now, [...FINAL_STATES]],
		);
		return requeued > 0;
	},
	webhook: async (sql, id, now) => (await makeDue(sql, id, ['dead'], now))?.due !== undefined,
	async report(sql, id, now) {
		const requeued = await changed(
			sql,
			`UPDATE sureping.reports SET forward_at = $2::bigint
			 WHERE id = $1 AND state = 'unmatched'`,
			[id, now],
		);
		return requeued > 0;
	},
	// The next reader of the feed finds out whether it can be read.
	event: async () => true,
	async incident(sql, id, now) {
		const requeued = await changed(
			sql,
			`UPDATE sureping.incidents SET due_at = $2::bigint
			 WHERE id = $1 AND due_at IS NULL AND ${NOT_OVER}`,
			[id, now],
		);
		return requeued > 0;
	},
};
