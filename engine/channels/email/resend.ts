import { z } from 'zod/v4';
import type { HttpReply, TransportFailure } from '../../ports.ts';
import { parseRetryAfter } from '../../time.ts';
import { type CheckResult, type Outcome, service } from '../channel.ts';
import {
	acceptedAs,
	classifyHttpStatus,
	classifyTransportFailure,
	classifyVendorError,
	forNow,
	jsonObject,
	permanentFailure,
	permanently,
	shown,
	transientFailure,
	type VendorErrors,
	withoutEcho,
	works,
} from '../http-outcome.ts';
import { under } from '../rebase.ts';
import { vendorLimitsAt } from '../vendor-limits.ts';
import { fromSetting, refuseOver, refuseRecipient, subjectLine } from './address.ts';

/** resend.com/docs/api-reference/errors: the `name` of an error answer. */
const ERRORS: VendorErrors = {
	validation_error: permanently('MESSAGE_REJECTED'),
	invalid_parameter: permanently('MESSAGE_REJECTED'),
	invalid_attachment: permanently('MESSAGE_REJECTED'),
	missing_required_field: permanently('MESSAGE_REJECTED'),
	invalid_from_address: permanently('MESSAGE_REJECTED'),
	invalid_idempotency_key: permanently('MESSAGE_REJECTED'),
	invalid_idempotent_request: permanently('MESSAGE_REJECTED'),
	missing_api_key: permanently('AUTH_FAILED'),
	restricted_api_key: permanently('AUTH_FAILED'),
	invalid_api_key: permanently('AUTH_FAILED'),
	invalid_access: permanently('AUTH_FAILED'),
	security_error: permanently('MESSAGE_REJECTED'),
	not_found: permanently('TARGET_GONE'),
	method_not_allowed: permanently('TARGET_GONE'),
	daily_quota_exceeded: permanently('QUOTA_EXCEEDED'),
	monthly_quota_exceeded: permanently('QUOTA_EXCEEDED'),
	concurrent_idempotent_requests: forNow('SERVICE_UNAVAILABLE'),
	rate_limit_exceeded: forNow('RATE_LIMITED'),
	application_error: forNow('SERVICE_UNAVAILABLE'),
	internal_server_error: forNow('SERVICE_UNAVAILABLE'),
};

/**
 * Mail through Resend: POST /emails. The delivery's id is the `Idempotency-Key`, which Resend keeps for 24 hours, so
 * an attempt whose answer was lost is not mailed twice (resend.com/docs/dashboard/emails/idempotency-keys).
 */
export const resend = service({
	key: 'resend',
	title: 'Resend',
	needs: 'http',
	settings: z.strictObject({
		resend: z.strictObject({ api_key: z.string().min(1) }),
		from: fromSetting,
		base_url: z.url().default('https://api.resend.com'),
	}),
	open({ resend: { api_key }, from, base_url }) {
		const authorization = `Bearer ${api_key}`;
		return {
			defaultRecipient: undefined,
			limits: vendorLimitsAt(base_url),
			refuseRecipient,
			// "Max email size is 40MB" (resend.com/docs/dashboard/emails/attachments).
			refuseMessage: refuseOver(40, 'Resend'),
			prepare: ({ recipient, subject, text, deliveryId, timeoutMs }) => ({
				via: 'http',
				request: {
					method: 'POST',
					url: under(base_url, '/emails'),
					headers: {
						authorization,
						'content-type': 'application/json',
						'idempotency-key': deliveryId,
					},
					body: JSON.stringify({
						from,
						to: [recipient],
						subject: subjectLine(subject, text),
						text,
					}),
					timeoutMs,
				},
				classify: withoutEcho(classify, api_key),
			}),
			// resend.com/docs/api-reference/domains/list-domains.
			check: (timeoutMs) => ({
				via: 'http',
				request: {
					method: 'GET',
					url: under(base_url, '/domains'),
					headers: { authorization },
					timeoutMs,
				},
				classify: classifyDomains,
			}),
		};
	},
});

function classify(reply: HttpReply | TransportFailure, now: number): Outcome {
	if ('failure' in reply) return classifyTransportFailure('Resend', reply);
	const answer = jsonObject(reply.body);
	if (reply.status === 200 && typeof answer?.id === 'string') return acceptedAs(answer.id);
	const word = shown(answer?.name);
	const retryAfterMs = parseRetryAfter(reply.headers['retry-after'], now);
	const message = `Resend answered ${reply.status}${word && ` (${word})`}`;
	// Resend has no error of its own for an address: its sentence alone names the field.
	if (word === 'validation_error' && /^Invalid `to`/.test(String(answer?.message))) {
		return permanentFailure('RECIPIENT_REJECTED', message);
	}
	return (
		classifyVendorError(ERRORS, word, message, retryAfterMs) ??
		classifyHttpStatus('Resend', reply, now, word)
	);
}

/** A key that may only send cannot list domains, and its refusal proves the key as well. */
function classifyDomains(reply: HttpReply | TransportFailure, now: number): CheckResult {
	if ('failure' in reply) return classifyTransportFailure('Resend', reply);
	const answer = jsonObject(reply.body);
	if (reply.status === 200 && Array.isArray(answer?.data)) return works();
	if (reply.status === 401 && answer?.name === 'restricted_api_key') {
		return works('the key may send and nothing else');
	}
	const outcome = classify(reply, now);
	return outcome.result === 'failed'
		? outcome
		: transientFailure('UNEXPECTED_ANSWER', 'Resend answered 200 without a list of domains');
}
