import { z } from 'zod/v4';
import { parseRetryAfter } from '../../../engine/time.ts';
import type { ApiReply } from '../../http/call-api.ts';
import type { Explanation } from '../../http/explanation.ts';
import { explainStatus, said } from '../explain.ts';

export const OTPIQ = {
	title: 'OTPIQ',
	credential: 'otpiqApi',
	credentialTitle: 'OTPIQ API',
} as const;

/** What OTPIQ's refusals carry (docs.otpiq.com; told apart as its client does, github.com/YadaCoder/otpiq `client.ts`). */
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

const refusalOf = (body: unknown): Refusal => refusalSchema.safeParse(body).data ?? {};

/** What a rate limit asks to wait, in milliseconds; OTPIQ tells it in minutes. */
export function otpiqWaitMs({ status, body }: ApiReply): number | undefined {
	const { waitMinutes } = refusalOf(body);
	return status === 429 && waitMinutes !== undefined ? Math.ceil(waitMinutes * 60_000) : undefined;
}

/** Why OTPIQ did not take a message, and what to do about it. */
export function explainOtpiq(reply: ApiReply): Explanation {
	const refusal = refusalOf(reply.body);
	const words = refusal.error ?? refusal.message ?? said(reply.body);
	const explain = (message: string, description: string): Explanation => ({
		message,
		description: `${description} It answered: ${words}`,
		httpCode: String(reply.status),
	});
	switch (reply.status) {
		case 400:
			return explainBadRequest(refusal, words, explain);
		case 404:
			return explain(
				'OTPIQ does not know what the request names',
				'Check the Base URL of the OTPIQ API credential, and the names and IDs in this node.',
			);
		case 429:
			return explainRateLimit(refusal, reply, explain);
		default:
			return explainStatus(OTPIQ, reply, words);
	}
}

type Explain = (message: string, description: string) => Explanation;

/** OTPIQ has one status for all that another attempt would not change. */
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
			`The spending threshold of ${spendingThreshold} IQD keeps OTPIQ from sending${spent}`,
			'Raise the threshold in the OTPIQ dashboard, or wait until its period ends; nothing was sent.',
		);
	}
	if (/trial mode/i.test(words)) {
		return explain(
			'The OTPIQ project is in trial mode, which does not send this message',
			'Complete the activation of the project in the OTPIQ dashboard.',
		);
	}
	if (/sender\s?id/i.test(words)) {
		return explain(
			'OTPIQ does not accept the Sender ID',
			'Use one that the OTPIQ dashboard lists as accepted; a new one has to be approved first.',
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
		? explain(`OTPIQ asks to slow down${allowed}`, 'It was asked several times. Try again later.')
		: explain(
				`OTPIQ asks to wait ${Math.ceil(minutes)} minutes${allowed}`,
				'Run this item again after that time, for example behind a Wait node.',
			);
}
