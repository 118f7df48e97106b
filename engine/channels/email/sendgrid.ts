import { z } from 'zod/v4';
import type { HttpReply, TransportFailure } from '../../ports.ts';
import { type CheckResult, type Outcome, service } from '../channel.ts';
import {
	acceptedAs,
	classifyHttpStatus,
	classifyTransportFailure,
	jsonObject,
	permanentFailure,
	transientFailure,
	waitUntilReset,
	withoutEcho,
	works,
} from '../http-outcome.ts';
import { under } from '../rebase.ts';
import { fromSetting, parseMailbox, refuseOver, refuseRecipient, subjectLine } from './address.ts';

/** "For EU regional subusers" (github.com/twilio/sendgrid-oai, servers of tsg_mail_v3). */
const REGIONS = { global: 'https://api.sendgrid.com', eu: 'https://api.eu.sendgrid.com' } as const;

/**
 * Mail through Twilio SendGrid: POST /v3/mail/send (twilio.com/docs/sendgrid/api-reference/mail-send/mail-send).
 * SendGrid documents no idempotency: an attempt whose answer was lost may be mailed twice.
 */
export const sendgrid = service({
	key: 'sendgrid',
	title: 'SendGrid',
	needs: 'http',
	settings: z.strictObject({
		sendgrid: z.strictObject({
			api_key: z.string().min(1),
			region: z.enum(['global', 'eu']).default('global'),
		}),
		from: fromSetting,
		base_url: z.url().optional(),
	}),
	open({ sendgrid: { api_key, region }, from, base_url = REGIONS[region] }) {
		const authorization = `Bearer ${api_key}`;
		return {
			defaultRecipient: undefined,
			refuseRecipient,
			// "The total size of your email, including attachments, must be less than 30MB" (…/mail-send/limitations).
			refuseMessage: refuseOver(30, 'SendGrid'),
			prepare: ({ recipient, subject, text, timeoutMs }) => ({
				via: 'http',
				request: {
					method: 'POST',
					url: under(base_url, '/v3/mail/send'),
					headers: { authorization, 'content-type': 'application/json' },
					body: JSON.stringify({
						personalizations: [{ to: [{ email: recipient }] }],
						from: parseMailbox(from),
						subject: subjectLine(subject, text),
						content: [{ type: 'text/plain', value: text }],
					}),
					timeoutMs,
				},
				classify: withoutEcho(classify, api_key),
			}),
			// …/api-reference/api-key-permissions/retrieve-a-list-of-scopes-for-which-this-user-has-access
			check: (timeoutMs) => ({
				via: 'http',
				request: {
					method: 'GET',
					url: under(base_url, '/v3/scopes'),
					headers: { authorization },
					timeoutMs,
				},
				classify: classifyScopes,
			}),
		};
	},
});

/** SendGrid has no error words, only `errors: [{ message, field }]` (…/how-to-use-the-sendgrid-v3-api/errors). */
function firstError({ body }: HttpReply): { field: string; message: string } {
	const errors = jsonObject(body)?.errors;
	const [first]: unknown[] = Array.isArray(errors) ? errors : [];
	const { field, message } =
		typeof first === 'object' && first ? { field: '', message: '', ...first } : {};
	return { field: String(field ?? ''), message: String(message ?? '') };
}

function classify(reply: HttpReply | TransportFailure, now: number): Outcome {
	if ('failure' in reply) return classifyTransportFailure('SendGrid', reply);
	// …/for-developers/tracking-events/event: reports name it as the part of `sg_message_id` before the first dot.
	if (reply.status === 202) return acceptedAs(reply.headers['x-message-id']);
	const answered = `SendGrid answered ${reply.status}`;
	const { field, message } = firstError(reply);
	switch (reply.status) {
		case 400:
			// "personalizations.0.to.0.email" (…/mail-send/errors, personalizations.to).
			return /^personalizations\.(\d+\.)?to\b/.test(field)
				? permanentFailure('RECIPIENT_REJECTED', `${answered} about the recipient`)
				: permanentFailure(
						'MESSAGE_REJECTED',
						field === 'from' ? `${answered} about from` : answered,
					);
		case 401:
			// How an account without credits is answered (github.com/sendgrid/sendgrid-nodejs/issues/1032).
			return /^Maximum credits exceeded/.test(message)
				? permanentFailure('QUOTA_EXCEEDED', `${answered} (maximum credits exceeded)`)
				: permanentFailure('AUTH_FAILED', answered);
		case 403:
			// …/how-to-use-the-sendgrid-v3-api/responses: from is not verified, or the key lacks "mail.send".
			return permanentFailure('AUTH_FAILED', `${answered}: is "from" verified, may the key send?`);
		case 404:
		case 405:
			return permanentFailure('TARGET_GONE', `${answered}: is base_url right?`);
		case 429:
			// …/how-to-use-the-sendgrid-v3-api/rate-limits: X-RateLimit-Reset in unix seconds.
			return transientFailure('RATE_LIMITED', answered, waitUntilReset(reply, now));
		default:
			return classifyHttpStatus('SendGrid', reply, now);
	}
}

function classifyScopes(reply: HttpReply | TransportFailure, now: number): CheckResult {
	if ('failure' in reply) return classifyTransportFailure('SendGrid', reply);
	const scopes = reply.status === 200 ? jsonObject(reply.body)?.scopes : undefined;
	if (Array.isArray(scopes)) {
		return scopes.includes('mail.send')
			? works()
			: permanentFailure('AUTH_FAILED', 'The SendGrid key may not send: it lacks "mail.send"');
	}
	const outcome = classify(reply, now);
	return outcome.result === 'failed'
		? outcome
		: transientFailure('UNEXPECTED_ANSWER', `SendGrid answered ${reply.status} without scopes`);
}
