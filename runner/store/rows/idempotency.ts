import type { Idempotency, SendAnswer } from '../contract/sends.ts';
import { fromJson, type NewRow, type Row } from './columns.ts';

/** The first request with an idempotency key. */
export interface FirstRequest {
	readonly bodyHash: string;
	readonly answer: SendAnswer;
}

/** A request and its answer. */
export interface AnsweredRequest {
	readonly apiKey: string;
	readonly answer: SendAnswer;
	/** Milliseconds since 1970. */
	readonly at: number;
}

/** The row of a request with an idempotency key. */
export function firstRequestRow(
	{ apiKey, answer, at }: AnsweredRequest,
	{ key, bodyHash }: Idempotency,
): NewRow {
	return {
		api_key: apiKey,
		key,
		body_hash: bodyHash,
		answer: JSON.stringify(answer),
		created_at: at,
	};
}

/** Makes an INSERT of a `firstRequestRow` replace the one that has its key. */
export const REPLACING = `ON CONFLICT (api_key, key) DO UPDATE SET body_hash = excluded.body_hash,
	answer = excluded.answer, created_at = excluded.created_at`;

export function toFirstRequest({ body_hash, answer }: Row): FirstRequest {
	return { bodyHash: String(body_hash), answer: fromJson(answer) };
}
