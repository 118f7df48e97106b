import { z } from 'zod/v4';
import type { HttpReply, TransportFailure } from '../ports.ts';
import { boundedWait } from '../time.ts';
import { readAnswer, unproven, type Vendor, withoutEcho } from './answer.ts';
import { type CheckResult, type Outcome, service } from './channel.ts';
import { jsonObject, permanently, works } from './http-outcome.ts';
import { refusePhoneNumber } from './phone-number.ts';
import { baseUrl, urlBelow } from './base-url.ts';

/**
 * Custom messages through OTPIQ: POST /sms (docs.otpiq.com, "Send SMS"). It has no key against repeats: an attempt whose
 * answer was lost may be sent twice.
 */
export const otpiq = service({
	key: 'otpiq',
	title: 'OTPIQ',
	needs: 'http',
	settings: z.strictObject({
		otpiq: z
			.strictObject({
				api_key: z
					.string()
					.min(1)
					.meta({ description: 'API key of OTPIQ.', examples: ['${OTPIQ_KEY}'] }),
				sender_id: z
					.string()
					.min(1)
					.max(11)
					.meta({ description: 'Sender id that OTPIQ has approved.', examples: ['Example'] }),
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
					.default('sms')
					.describe('Route: SMS alone, or another medium first.'),
				webhook_secret: z
					.string()
					.min(1)
					.optional()
					.meta({
						description:
							'Secret that OTPIQ sends back with every report, in `X-OTPIQ-Webhook-Secret`. Default: none.',
						examples: ['${OTPIQ_WEBHOOK_SECRET}'],
					}),
			})
			.describe('Account at OTPIQ.'),
		base_url: baseUrl.default('https://api.otpiq.com/api'),
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
					url: urlBelow(base_url, '/sms'),
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
					url: urlBelow(base_url, '/info'),
					headers: { authorization },
					timeoutMs,
				},
				classify: classifyInfo,
			}),
		};
	},
});

/** docs.otpiq.com, "Error handling": a status, and members that tell the kinds of 400 apart. */
export const OTPIQ_ANSWERS: Vendor = {
	service: 'OTPIQ',
	errors: {
		requiredCredit: permanently('QUOTA_EXCEEDED', 'not enough credit'),
		spendingThreshold: permanently('QUOTA_EXCEEDED', 'the spending threshold is reached'),
	},
	read({ status }, answer) {
		const isRefusal = status >= 400 || (answer?.smsId === undefined && answer?.error !== undefined);
		const member = ['requiredCredit', 'spendingThreshold'].find(
			(name) => answer?.[name] !== undefined,
		);
		return {
			id: answer?.smsId,
			refuses: isRefusal,
			...(isRefusal && status < 500 && member !== undefined ? { errorCode: member } : {}),
			// "Rate limits": the wait is in the body, in minutes.
			waitMs: minutesOf(answer?.waitMinutes),
		};
	},
};

const minutesOf = (value: unknown): number | undefined =>
	Number(value) > 0 ? boundedWait(Number(value) * 60_000) : undefined;

const classify = (reply: HttpReply | TransportFailure, now: number): Outcome =>
	readAnswer(OTPIQ_ANSWERS, reply, now);

function classifyInfo(reply: HttpReply | TransportFailure, now: number): CheckResult {
	if ('status' in reply && reply.status === 200 && jsonObject(reply.body)) return works();
	return unproven(classify(reply, now), 'OTPIQ answered something else than its account info');
}
