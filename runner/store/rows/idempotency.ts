import type { Acceptance, SendAnswer } from '../contract/sends.ts';
import { fromJson, type NewRow, type Row } from './columns.ts';

/** The first request with an idempotency key. */
export interface FirstRequest {
	readonly bodyHash: string;
	readonly answer: SendAnswer;
}

/** The row of a request with an idempotency key. */
export function firstRequestRow(
	{ apiKey, answer, transition }: Acceptance,
	{ key, bodyHash }: NonNullable<Acceptance['idempotency']>,
): NewRow {
	return {
		api_key: apiKey,
		key,
		body_hash: bodyHash,
		answer: JSON.stringify(answer),
		created_at: transition.notification.createdAt,
	};
}

/** Makes an INSERT of a `firstRequestRow` replace the one that has its key. */
export const REPLACING = `ON CONFLICT (api_key, key) DO UPDATE SET body_hash = excluded.body_hash,
	answer = excluded.answer, created_at = excluded.created_at`;

export function toFirstRequest({ body_hash, answer }: Row): FirstRequest {
	return { bodyHash: String(body_hash), answer: fromJson(answer) };
}
