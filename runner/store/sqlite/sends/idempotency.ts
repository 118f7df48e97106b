import { repeated } from '../../rules/idempotency.ts';
import { ANSWERS_KEPT_MS } from '../../rules/retention-periods.ts';
import { fromJson } from '../../rows/columns.ts';
import type { AcceptResult, Idempotency, SendAnswer } from '../../contract/sends.ts';
import type { Statements } from '../db/statements.ts';

export function findAnswer(
	sql: Statements,
	apiKey: string,
	idempotency: Idempotency,
	now: number,
): AcceptResult | undefined {
	const row = sql.get`SELECT body_hash, answer FROM idempotency WHERE api_key = ${apiKey}
		AND key = ${idempotency.key} AND created_at > ${now - ANSWERS_KEPT_MS}`;
	if (!row) return undefined;
	return repeated({ bodyHash: String(row.body_hash), answer: fromJson(row.answer) }, idempotency);
}

/** Removes up to `most` answers that have outlived their retention and returns their number. */
export function forgetAnswers(sql: Statements, now: number, most: number): number {
	return sql.run`DELETE FROM idempotency WHERE (api_key, key) IN (
		SELECT api_key, key FROM idempotency
		WHERE created_at <= ${now - ANSWERS_KEPT_MS} ORDER BY created_at LIMIT ${most})`.changes;
}

export function rememberAnswer(
	sql: Statements,
	apiKey: string,
	{ key, bodyHash }: Idempotency,
	answer: SendAnswer,
	now: number,
): void {
	sql.run`INSERT OR REPLACE INTO idempotency
		VALUES (${apiKey}, ${key}, ${bodyHash}, ${JSON.stringify(answer)}, ${now})`;
}
