import type { AcceptResult, Idempotency } from '../../contract/sends.ts';
import {
	type AnsweredRequest,
	firstRequestRow,
	REPLACING,
	toFirstRequest,
} from '../../rows/idempotency.ts';
import { repeated } from '../../rules/idempotency.ts';
import { ANSWERS_KEPT_MS } from '../../rules/retention-periods.ts';
import type { Statements } from '../db/statements.ts';

/** The answer to a repeat of an earlier request; undefined while the key is free. */
export function findAnswer(
	sql: Statements,
	apiKey: string,
	idempotency: Idempotency,
	now: number,
): AcceptResult | undefined {
	const row = sql.get`SELECT body_hash, answer FROM idempotency WHERE api_key = ${apiKey}
		AND key = ${idempotency.key} AND created_at > ${now - ANSWERS_KEPT_MS}`;
	return row && repeated(toFirstRequest(row), idempotency);
}

export function rememberAnswer(
	sql: Statements,
	request: AnsweredRequest,
	idempotency: Idempotency,
): void {
	sql.insert('idempotency', firstRequestRow(request, idempotency), REPLACING);
}
