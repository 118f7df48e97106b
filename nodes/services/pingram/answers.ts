import { z } from 'zod/v4';
import type { ApiReply } from '../../http/call-api.ts';
import type { Explanation } from '../../http/explanation.ts';
import { explainStatus, isSuccess } from '../explain.ts';
import type { HostedService } from '../hosted-service.ts';
import { warningOf } from '../user-notifications.ts';

/** Pingram, the successor of NotificationAPI (npm pingram). */
export const PINGRAM: HostedService = {
	title: 'Pingram',
	credential: 'pingramApi',
	credentialTitle: 'Pingram API',
	secretField: 'apiKey',
	defaultBaseUrl: 'https://api.pingram.io',
	answers: {
		service: 'Pingram',
		errors: {},
		read: (_reply, answer) => ({
			id: answer?.trackingId,
			// An error body may carry a tracking id as well.
			refuses: refusalSchema.safeParse(answer).success,
		}),
	},
	accepted: warningOf,
	explain: explainPingram,
};

/** The paths of the API; lists of ids are separated by commas, at most 25 in one call (`LogsApi`). */
export const PINGRAM_PATHS = {
	account: '/account',
	eventsWebhook: '/webhooks/events',
	log: '/logs',
	logsOf: (ids: readonly string[]): string => `/logs/${encodeURIComponent(ids.join(','))}`,
	send: '/send',
} as const;

/** A refusal, as the npm package pingram types it (`ApiErrorResponse`). */
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

/** Most of Pingram's refusals contain their own advice. */
function explainPingram(reply: ApiReply, action: string): Explanation {
	const refusal = refusalSchema.safeParse(reply.body).data;
	if (!refusal) return explainStatus(PINGRAM, reply, action);
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
				? 'n8n asked several times. Try again later.'
				: 'Correct what the message names.');
	return {
		message: `Pingram did not ${action}: ${error.message} (${error.code})`,
		description: `${advice}${provider}${tracking}`,
		httpCode: isSuccess(reply.status) ? null : String(reply.status),
	};
}
