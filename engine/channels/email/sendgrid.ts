import { z } from 'zod/v4';
import type { HttpReply, TransportFailure } from '../../ports.ts';
import { type Answer, readAnswer, unproven, type Vendor, withoutEcho } from '../answer.ts';
import { type CheckResult, type Failed, type Outcome, service } from '../channel.ts';
import { jsonObject, permanentFailure, works } from '../http-outcome.ts';
import { optionalBaseUrl, urlBelow } from '../base-url.ts';
import { fromSetting, refuseOver, refuseRecipient, subjectLine } from './address.ts';

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
		sendgrid: z
			.strictObject({
				api_key: z
					.string()
					.min(1)
					.meta({ description: 'API key of SendGrid.', examples: ['${SENDGRID_KEY}'] }),
				region: z
					.enum(['global', 'eu'])
					.default('global')
					.describe("Region of the account's server."),
			})
			.describe('Account at SendGrid.'),
		from: fromSetting,
		base_url: optionalBaseUrl,
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
					url: urlBelow(base_url, '/v3/mail/send'),
					headers: { authorization, 'content-type': 'application/json' },
					body: JSON.stringify({
						personalizations: [{ to: [{ email: recipient }] }],
						from,
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
					url: urlBelow(base_url, '/v3/scopes'),
					headers: { authorization },
					timeoutMs,
				},
				classify: classifyScopes,
			}),
		};
	},
});

/** SendGrid has no error words, only `errors: [{ message, field }]` (…/how-to-use-the-sendgrid-v3-api/errors). */
function firstError(answer: Answer | undefined): { field: string; message: string } | undefined {
	const errors = answer?.errors;
	const [first]: unknown[] = Array.isArray(errors) ? errors : [];
	if (typeof first !== 'object' || !first) return undefined;
	const { field, message } = { field: '', message: '', ...first };
	return { field: textOf(field), message: textOf(message) };
}

const textOf = (value: unknown): string => (typeof value === 'string' ? value.slice(0, 1000) : '');

/** A success is 202, or 200 from its sandbox. */
const SENDGRID: Vendor = {
	service: 'SendGrid',
	errors: {},
	read({ status, headers }, answer, answered) {
		const error = firstError(answer);
		return {
			// …/for-developers/tracking-events/event: reports name it as the part of `sg_message_id` before the first dot.
			id: headers['x-message-id'],
			refuses: error !== undefined,
			throttles: error !== undefined && /^too many requests/i.test(error.message),
			failure: status >= 400 ? failureOf(status, error, answered) : undefined,
		};
	},
};

const classify = (reply: HttpReply | TransportFailure, now: number): Outcome =>
	readAnswer(SENDGRID, reply, now);

function failureOf(
	status: number,
	{ field, message } = { field: '', message: '' },
	answered: string,
): Failed | undefined {
	// The answer to an account without credits (github.com/sendgrid/sendgrid-nodejs/issues/1032).
	if ((status === 401 || status === 403) && /^Maximum credits exceeded/i.test(message)) {
		return permanentFailure('QUOTA_EXCEEDED', `${answered} (maximum credits exceeded)`);
	}
	switch (status) {
		case 400:
			// "personalizations.0.to.0.email" (…/mail-send/errors, personalizations.to).
			if (/^personalizations\.(\d+\.)?to\b/.test(field)) {
				return permanentFailure('RECIPIENT_REJECTED', `${answered} about the recipient`);
			}
			return /^from\b/.test(field)
				? permanentFailure('MESSAGE_REJECTED', `${answered} about from`, 'sender')
				: permanentFailure('MESSAGE_REJECTED', answered);
		case 401:
			return permanentFailure('AUTH_FAILED', answered);
		case 403:
			// …/how-to-use-the-sendgrid-v3-api/responses: from is not verified, or the key lacks "mail.send".
			return permanentFailure('AUTH_FAILED', `${answered}: is "from" verified, may the key send?`);
		case 404:
		case 405:
			return permanentFailure('TARGET_GONE', `${answered}: is base_url right?`);
		default:
			return undefined;
	}
}

function classifyScopes(reply: HttpReply | TransportFailure, now: number): CheckResult {
	const isFound = 'status' in reply && reply.status === 200;
	const scopes = isFound ? jsonObject(reply.body)?.scopes : undefined;
	if (Array.isArray(scopes)) {
		return scopes.includes('mail.send')
			? works()
			: permanentFailure('AUTH_FAILED', 'The SendGrid key may not send: it lacks "mail.send"');
	}
	return unproven(classify(reply, now), 'SendGrid answered without scopes');
}
