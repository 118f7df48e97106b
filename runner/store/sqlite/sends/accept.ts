import type { Acceptance, AcceptResult } from '../../contract/sends.ts';
import { type KeyedRequest, sendRequest } from '../../rules/requests.ts';
import type { Statements } from '../db/statements.ts';
import { addNotification } from '../notifications/add.ts';
import type { Scope } from '../scope.ts';
import { findAnswer, rememberAnswer } from './idempotency.ts';
import { useQuota } from './quotas.ts';

/** Stores a new notification and publishes its events, in a transaction of the caller's. */
export function accept(scope: Scope, acceptance: Acceptance): AcceptResult {
	const { sql } = scope;
	const { transition, apiKey, callbacks = [], idempotency, answer } = acceptance;
	const request = sendRequest(acceptance);
	const refusal = refusalOf(sql, request);
	if (refusal) return refusal;
	if (idempotency) rememberAnswer(sql, request, idempotency);
	addNotification(scope, transition, { apiKey, callbacks });
	return { result: 'accepted', answer };
}

/** The answer to a request that is a repeat or over its quota. Undefined for any other, which counts from now on. */
export function refusalOf(sql: Statements, request: KeyedRequest): AcceptResult | undefined {
	const { apiKey, idempotency, quota, answer, at } = request;
	const earlier = idempotency && findAnswer(sql, apiKey, idempotency, at);
	if (earlier) return earlier;
	return quota && !useQuota(sql, apiKey, quota) ? { result: 'over_quota', answer } : undefined;
}
