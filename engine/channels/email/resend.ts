import { z } from 'zod/v4';
import type { HttpReply, TransportFailure } from '../../ports.ts';
import { readAnswer, unproven, type Vendor, withoutEcho } from '../answer.ts';
import { type CheckResult, type Failed, type Outcome, service } from '../channel.ts';
import {
	forNow,
	jsonObject,
	permanentFailure,
	permanently,
	shown,
	type VendorErrors,
	works,
} from '../http-outcome.ts';
import { baseUrl, urlBelow } from '../base-url.ts';
import { vendorLimitsAt } from '../vendor-limits.ts';
import { fromSetting, refuseOver, refuseRecipient, subjectLine, writeMailbox } from './address.ts';

/** resend.com/docs/api-reference/errors: the `name` of an error answer. */
const ERRORS: VendorErrors = {
	validation_error: permanently('MESSAGE_REJECTED'),
	invalid_parameter: permanently('MESSAGE_REJECTED'),
	invalid_attachment: permanently('MESSAGE_REJECTED'),
	missing_required_field: permanently('MESSAGE_REJECTED'),
	invalid_from_address: permanently('MESSAGE_REJECTED', undefined, 'sender'),
	invalid_region: permanently('MESSAGE_REJECTED', undefined, 'sender'),
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
		resend: z
			.strictObject({
				api_key: z
					.string()
					.min(1)
					.meta({ description: 'API key of Resend.', examples: ['${RESEND_KEY}'] }),
			})
			.describe('Account at Resend.'),
		from: fromSetting,
		base_url: baseUrl.default('https://api.resend.com'),
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
					url: urlBelow(base_url, '/emails'),
					headers: {
						authorization,
						'content-type': 'application/json',
						'idempotency-key': deliveryId,
					},
					body: JSON.stringify({
						from: writeMailbox(from),
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
					url: urlBelow(base_url, '/domains'),
					headers: { authorization },
					timeoutMs,
				},
				classify: classifyDomains,
			}),
		};
	},
});

const RESEND: Vendor = {
	service: 'Resend',
	errors: ERRORS,
	read({ status }, answer, answered) {
		const errorCode = shown(answer?.name);
		const refuses = answer?.id === undefined && Object.hasOwn(ERRORS, errorCode);
		const sentence = typeof answer?.message === 'string' ? answer.message.slice(0, 1000) : '';
		const isValidation = errorCode === 'validation_error' && (refuses || status >= 400);
		const failure = isValidation ? failureOf(sentence, `${answered} (${errorCode})`) : undefined;
		return { id: answer?.id, errorCode, refuses, failure };
	},
};

/** Resend uses one error name for several faults; only the sentence distinguishes them. */
function failureOf(sentence: string, answered: string): Failed | undefined {
	if (sentence.startsWith('Invalid `to`')) return permanentFailure('RECIPIENT_REJECTED', answered);
	if (/^API key is invalid/i.test(sentence)) {
		return permanentFailure('AUTH_FAILED', `${answered}: the API key is not valid`);
	}
	if (/^You can only send testing emails/i.test(sentence)) {
		const says = `${answered}: without a domain of its own the account may send only to its own address`;
		return permanentFailure('RECIPIENT_REJECTED', says, 'sender');
	}
	return /domain is not verified/i.test(sentence)
		? permanentFailure(
				'MESSAGE_REJECTED',
				`${answered}: the domain of "from" is not verified`,
				'sender',
			)
		: undefined;
}

const classify = (reply: HttpReply | TransportFailure, now: number): Outcome =>
	readAnswer(RESEND, reply, now);

/** A key that may only send cannot list domains, and its refusal proves the key as well. */
function classifyDomains(reply: HttpReply | TransportFailure, now: number): CheckResult {
	const { status, answer } =
		'failure' in reply ? {} : { status: reply.status, answer: jsonObject(reply.body) };
	if (status === 200 && Array.isArray(answer?.data)) return works();
	if (status === 401 && answer?.name === 'restricted_api_key') {
		return works('the key may send and nothing else');
	}
	return unproven(classify(reply, now), 'Resend answered without a list of domains');
}
