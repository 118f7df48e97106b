import type { Acceptance, AcceptResult } from '../../contract/sends.ts';
import { publish } from '../feed/publish.ts';
import { insertNotification } from '../notifications/rows.ts';
import type { Scope } from '../scope.ts';
import { findAnswer, rememberAnswer } from './idempotency.ts';
import { useQuota } from './quotas.ts';

/** Stores a new notification and publishes its events, in a transaction of the caller's. */
export function accept(scope: Scope, acceptance: Acceptance): AcceptResult {
	const { sql, deliveryClaims } = scope;
	const { transition, apiKey, callbacks = [], idempotency, quota, answer } = acceptance;
	const { notification } = transition;
	const earlier = idempotency && findAnswer(sql, apiKey, idempotency, notification.createdAt);
	if (earlier) return earlier;
	if (quota && !useQuota(sql, apiKey, quota)) return { result: 'over_quota', answer };
	if (idempotency) rememberAnswer(sql, acceptance, idempotency);
	const bytes = insertNotification(sql, notification, apiKey, callbacks);
	deliveryClaims.expectAll(notification);
	if (notification.sendAt === undefined) {
		deliveryClaims.remember({ notification, status: 'queued', apiKey, callbacks }, bytes);
	}
	publish(scope, transition.events, callbacks, notification);
	return { result: 'accepted', answer };
}
