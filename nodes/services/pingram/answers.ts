import { z } from 'zod/v4';
import type { ApiReply } from '../../http/call-api.ts';
import type { Explanation } from '../../http/explanation.ts';
import { explainStatus } from '../explain.ts';

export const PINGRAM = {
	title: 'Pingram',
	credential: 'pingramApi',
	credentialTitle: 'Pingram API',
} as const;

/** npm pingram, `ApiErrorResponse`. */
const refusalSchema = z.object({
	trackingId: z.string().optional().catch(undefined),
	error: z.object({
		code: z.string(),
		message: z.string(),
		fix: z.string().optional().catch(undefined),
		provider: z.string().optional().catch(undefined),
		providerCode: z.string().optional().catch(undefined),
	}),
});

/** Pingram says itself how to fix what it refuses. */
export function explainPingram(reply: ApiReply): Explanation {
	const refusal = refusalSchema.safeParse(reply.body).data;
	if (!refusal) return explainStatus(PINGRAM, reply);
	const { trackingId, error } = refusal;
	const provider = error.provider
		? ` Provider: ${[error.provider, error.providerCode].filter(Boolean).join(' ')}.`
		: '';
	const tracking = trackingId ? ` Tracking ID: ${trackingId}.` : '';
	const advice =
		error.fix ??
		(reply.status === 401
			? 'Set the API Key of the Pingram API credential to one from the Pingram dashboard.'
			: reply.status >= 500
				? 'It was asked several times. Try again later.'
				: 'Correct what it names.');
	return {
		message: `Pingram did not take the notification: ${error.message} (${error.code})`,
		description: `${advice}${provider}${tracking}`,
		httpCode: String(reply.status),
	};
}
