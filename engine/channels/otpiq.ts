import { z } from 'zod/v4';
import type { HttpReply, TransportFailure } from '../ports.ts';
import { LONGEST_RETRY_AFTER_MS, parseRetryAfter } from '../time.ts';
import { type CheckResult, type Outcome, service } from './channel.ts';
import {
	acceptedAs,
	classifyHttpStatus,
	classifyTransportFailure,
	jsonObject,
	permanentFailure,
	transientFailure,
	withoutEcho,
	works,
} from './http-outcome.ts';
import { refusePhoneNumber } from './phone-number.ts';
import { under } from './rebase.ts';

/**
 * Custom messages through OTPIQ: POST /sms (docs.otpiq.com, "Send SMS"). It has no key against repeats: an attempt whose
 * answer was lost may be sent twice.
 */
export const otpiq = service({
	key: 'otpiq',
	title: 'OTPIQ',
	needs: 'http',
	settings: z.strictObject({
		otpiq: z.strictObject({
			api_key: z.string().min(1),
			/** Of a sender id that OTPIQ has approved. */
			sender_id: z.string().min(1).max(11),
			/** The route: SMS alone, or another medium first. */
			provider: z
				.enum([
					'auto',
					'sms',
					'whatsapp',
					'telegram',
					'whatsapp-sms',
					'telegram-sms',
					'whatsapp-telegram-sms',
				])
				.default('sms'),
			/** Comes back with every report, in `X-OTPIQ-Webhook-Secret`. */
			webhook_secret: z.string().min(1).optional(),
		}),
		base_url: z.url().default('https://api.otpiq.com/api'),
	}),
	open({ otpiq: { api_key, sender_id, provider, webhook_secret }, base_url }) {
		const authorization = `Bearer ${api_key}`;
		return {
			defaultRecipient: undefined,
			refuseRecipient: refusePhoneNumber,
			refuseMessage: () => undefined,
			prepare: ({ recipient, subject, text, timeoutMs, reportUrl }) => ({
				via: 'http',
				request: {
					method: 'POST',
					url: under(base_url, '/sms'),
					headers: { authorization, 'content-type': 'application/json' },
					body: JSON.stringify({
						phoneNumber: recipient.slice(1),
						smsType: 'custom',
						customMessage: subject ? `${subject}\n${text}` : text,
						senderId: sender_id,
						provider,
						...(reportUrl === undefined
							? {}
							: {
									deliveryReport: {
										webhookUrl: reportUrl,
										deliveryReportType: 'all',
										...(webhook_secret === undefined ? {} : { webhookSecret: webhook_secret }),
									},
								}),
					}),
					timeoutMs,
				},
				classify: withoutEcho(classify, api_key),
			}),
			check: (timeoutMs) => ({
				via: 'http',
				request: {
					method: 'GET',
					url: under(base_url, '/info'),
					headers: { authorization },
					timeoutMs,
				},
				classify: classifyInfo,
			}),
		};
	},
});

function classify(reply: HttpReply | TransportFailure, now: number): Outcome {
	if ('failure' in reply) return classifyTransportFailure('OTPIQ', reply);
	const answer = jsonObject(reply.body);
	if (reply.status >= 200 && reply.status < 300 && typeof answer?.smsId === 'string') {
		return acceptedAs(answer.smsId);
	}
	const answered = `OTPIQ answered ${reply.status}`;
	switch (reply.status) {
		case 400:
			return answer?.requiredCredit === undefined
				? permanentFailure('MESSAGE_REJECTED', answered)
				: permanentFailure('QUOTA_EXCEEDED', `${answered}: not enough credit`);
		case 429: {
			// docs.otpiq.com, "Rate limits": the wait is in the body, in minutes.
			const minutes = Number(answer?.waitMinutes);
			const asked = minutes > 0 ? Math.min(minutes * 60_000, LONGEST_RETRY_AFTER_MS) : undefined;
			const retryAfterMs = asked ?? parseRetryAfter(reply.headers['retry-after'], now);
			return transientFailure('RATE_LIMITED', answered, retryAfterMs);
		}
		default:
			return classifyHttpStatus('OTPIQ', reply, now);
	}
}

function classifyInfo(reply: HttpReply | TransportFailure, now: number): CheckResult {
	if ('status' in reply && reply.status === 200 && jsonObject(reply.body)) return works();
	const outcome = classify(reply, now);
	return outcome.result === 'failed'
		? outcome
		: transientFailure('UNEXPECTED_ANSWER', 'OTPIQ answered something else than its account info');
}
