import { z } from 'zod/v4';
import { OTPIQ_ANSWERS } from '../../../engine/channels/otpiq.ts';
import { parseRetryAfter } from '../../../engine/time.ts';
import type { ApiReply } from '../../http/call-api.ts';
import type { Explanation } from '../../http/explanation.ts';
import { excerptOf, explainStatus, isSuccess } from '../explain.ts';
import type { HostedService } from '../hosted-service.ts';

/** OTPIQ (docs.otpiq.com); its answers are read as the runner's SMS channel reads them. */
export const OTPIQ: HostedService = {
	title: 'OTPIQ',
	credential: 'otpiqApi',
	credentialTitle: 'OTPIQ API',
	secretField: 'apiKey',
	defaultBaseUrl: 'https://api.otpiq.com/api',
	answers: OTPIQ_ANSWERS,
	explain: explainOtpiq,
};

export const OTPIQ_PATHS = {
	info: '/info',
	send: '/sms',
	track: (id: string): string => `/sms/track/${encodeURIComponent(id)}`,
} as const;

/**
 * The members of OTPIQ's refusals (docs.otpiq.com), by which its client distinguishes them (github.com/YadaCoder/otpiq
 * `client.ts`).
 */
const refusalSchema = z.object({
	error: z.string().optional().catch(undefined),
	message: z.string().optional().catch(undefined),
	yourCredit: z.number().optional().catch(undefined),
	requiredCredit: z.number().optional().catch(undefined),
	currentSpending: z.number().optional().catch(undefined),
	spendingThreshold: z.number().optional().catch(undefined),
	waitMinutes: z.number().nonnegative().optional().catch(undefined),
	maxRequests: z.number().optional().catch(undefined),
	timeWindowMinutes: z.number().optional().catch(undefined),
});
type Refusal = z.infer<typeof refusalSchema>;

/** Explains a refusal of OTPIQ, with the change that helps. */
function explainOtpiq(reply: ApiReply, action: string): Explanation {
	const refusal = refusalSchema.safeParse(reply.body).data ?? {};
	const words = refusal.error ?? refusal.message ?? excerptOf(reply.body);
	const explain = (message: string, description: string): Explanation => ({
		message,
		description: `${description} It answered: ${words}`,
		httpCode: isSuccess(reply.status) ? null : String(reply.status),
	});
	if (reply.status === 400 || isSuccess(reply.status)) {
		return explainBadRequest(refusal, words, explain);
	}
	if (reply.status === 404) {
		return explain(
			'OTPIQ does not know what the request names',
			'Check the Base URL of the OTPIQ API credential, and the names and IDs in this node.',
		);
	}
	if (reply.status === 429) return explainRateLimit(refusal, reply, explain);
	return explainStatus(OTPIQ, reply, action, words);
}

type Explain = (message: string, description: string) => Explanation;

/** OTPIQ answers 400 to everything that another attempt would not change. */
function explainBadRequest(refusal: Refusal, words: string, explain: Explain): Explanation {
	const { requiredCredit, yourCredit, spendingThreshold, currentSpending } = refusal;
	if (requiredCredit !== undefined) {
		const has = yourCredit === undefined ? '' : `, and the project has ${yourCredit}`;
		return explain(
			`OTPIQ needs more credit for this message: it costs ${requiredCredit} IQD${has}`,
			'Top up the project in the OTPIQ dashboard; nothing was sent.',
		);
	}
	if (spendingThreshold !== undefined) {
		const spent = currentSpending === undefined ? '' : ` (${currentSpending} IQD spent so far)`;
		return explain(
			`OTPIQ does not send: the spending threshold of ${spendingThreshold} IQD is reached${spent}`,
			'Raise the threshold in the OTPIQ dashboard, or wait until its period ends; nothing was sent.',
		);
	}
	if (/trial mode/i.test(words)) {
		return explain(
			'The OTPIQ project is in trial mode, which does not send this message',
			'Finish activating the project in the OTPIQ dashboard.',
		);
	}
	if (/sender\s?id/i.test(words)) {
		return explain(
			'OTPIQ does not accept the Sender ID',
			'Use one that the OTPIQ dashboard lists as accepted. OTPIQ must approve a new one first.',
		);
	}
	return explain('OTPIQ found the request invalid', 'Correct what the answer names.');
}

function explainRateLimit(refusal: Refusal, { headers }: ApiReply, explain: Explain): Explanation {
	const { waitMinutes, maxRequests, timeWindowMinutes } = refusal;
	const allowed =
		maxRequests !== undefined && timeWindowMinutes !== undefined
			? ` (${maxRequests} requests in ${timeWindowMinutes} minutes)`
			: '';
	const headerMs = parseRetryAfter(headers['retry-after'], Date.now());
	const minutes = waitMinutes ?? (headerMs === undefined ? undefined : headerMs / 60_000);
	return minutes === undefined
		? explain(`OTPIQ asks to slow down${allowed}`, 'n8n asked several times. Try again later.')
		: explain(
				`OTPIQ asks to wait ${Math.ceil(minutes)} minutes${allowed}`,
				'Run this item again after that time, for example after a Wait node.',
			);
}
