import { z } from 'zod/v4';
import type { HttpReply, TransportFailure } from '../ports.ts';
import { parseRetryAfter } from '../time.ts';
import { type CheckResult, type Outcome, service, type Service } from './channel.ts';
import {
	acceptedAs,
	classifyHttpStatus,
	classifyTransportFailure,
	classifyVendorError,
	forNow,
	jsonObject,
	permanently,
	shownName,
	transientFailure,
	type VendorErrors,
	withoutEcho,
	works,
} from './http-outcome.ts';
import { refusePhoneNumber } from './phone-number.ts';
import { under } from './rebase.ts';

/** twilio.com/docs/api/errors: the `code` of an error answer, those that sending a message can meet. */
const ERRORS: VendorErrors = {
	10001: permanently('AUTH_FAILED', 'the account is not active'),
	14107: forNow('RATE_LIMITED', 'too many messages at once'),
	20003: permanently('AUTH_FAILED', 'the SID or the token is not right'),
	20404: permanently('TARGET_GONE', 'not found: is the account SID right?'),
	20429: forNow('RATE_LIMITED', 'too many requests at once'),
	21211: permanently('RECIPIENT_REJECTED', 'not a valid phone number'),
	21212: permanently('MESSAGE_REJECTED', '"from" is not a valid phone number'),
	21408: permanently('MESSAGE_REJECTED', "the account may not write to the recipient's country"),
	21602: permanently('MESSAGE_REJECTED', 'the text is missing'),
	21603: permanently('MESSAGE_REJECTED', '"from" is missing'),
	21606: permanently('MESSAGE_REJECTED', '"from" cannot send messages'),
	21608: permanently('RECIPIENT_REJECTED', 'a trial account writes to verified numbers only'),
	21610: permanently('RECIPIENT_REJECTED', 'the recipient has unsubscribed'),
	21611: forNow('RATE_LIMITED', 'the queue of "from" is full'),
	21612: permanently('RECIPIENT_REJECTED', 'cannot be reached from "from"'),
	21614: permanently('RECIPIENT_REJECTED', 'not a mobile number'),
	21617: permanently('MESSAGE_REJECTED', 'the text is too long'),
	21703: permanently('MESSAGE_REJECTED', 'the messaging service has no sender'),
	21705: permanently('MESSAGE_REJECTED', 'the messaging service is not valid'),
	63007: permanently('MESSAGE_REJECTED', '"from" is not a WhatsApp sender'),
	63016: permanently('MESSAGE_REJECTED', 'outside of 24 hours WhatsApp takes templates only'),
	63018: forNow('RATE_LIMITED', "WhatsApp's rate limit"),
};

/** twilio.com/docs/messaging/api/message-resource: "up to 1,600 characters". */
const LONGEST_TEXT = 1600;

const settings = z
	.strictObject({
		twilio: z.strictObject({
			account_sid: z.string().regex(/^AC[0-9a-f]{32}$/i, 'must be AC and 32 hex digits'),
			auth_token: z.string().min(1).optional(),
			/** An API key in place of the account's token. */
			api_key_sid: z
				.string()
				.regex(/^SK[0-9a-f]{32}$/i, 'must be SK and 32 hex digits')
				.optional(),
			api_key_secret: z.string().min(1).optional(),
			messaging_service_sid: z
				.string()
				.regex(/^MG[0-9a-f]{32}$/i, 'must be MG and 32 hex digits')
				.optional(),
		}),
		/** A number of the account, or a sender id. */
		from: z.string().min(1).optional(),
		base_url: z.url().default('https://api.twilio.com'),
	})
	.refine(
		({ twilio: { auth_token, api_key_sid, api_key_secret } }) =>
			auth_token === undefined
				? api_key_sid !== undefined && api_key_secret !== undefined
				: api_key_sid === undefined && api_key_secret === undefined,
		{ path: ['twilio'], error: 'needs either auth_token, or api_key_sid and api_key_secret' },
	)
	.refine(
		({ from, twilio }) => (from === undefined) !== (twilio.messaging_service_sid === undefined),
		{ path: ['from'], error: 'is needed, or else twilio.messaging_service_sid' },
	);

/**
 * Messages through Twilio: POST …/Messages.json (twilio.com/docs/messaging/api/message-resource). It has no key against
 * repeats: an attempt whose answer was lost may be sent twice. `prefix` is what an address of the channel begins with.
 */
export function twilioMessages(prefix: '' | 'whatsapp:'): Service {
	return service({
		key: 'twilio',
		title: 'Twilio',
		needs: 'http',
		settings,
		open({ twilio, from, base_url }) {
			const { account_sid, auth_token, api_key_sid, api_key_secret } = twilio;
			const user = auth_token === undefined ? api_key_sid : account_sid;
			const password = auth_token ?? api_key_secret ?? '';
			const authorization = `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;
			const account = under(base_url, `/2010-04-01/Accounts/${account_sid}`);
			return {
				defaultRecipient: undefined,
				refuseRecipient: refusePhoneNumber,
				refuseMessage(text, subject) {
					const { length } = textOf(subject, text);
					return length > LONGEST_TEXT
						? `is ${length} characters long with its subject; Twilio takes at most ${LONGEST_TEXT}`
						: undefined;
				},
				prepare: ({ recipient, subject, text, timeoutMs, reportUrl }) => ({
					via: 'http',
					request: {
						method: 'POST',
						url: `${account}/Messages.json`,
						headers: { authorization, 'content-type': 'application/x-www-form-urlencoded' },
						body: new URLSearchParams({
							To: prefix + recipient,
							...(from === undefined
								? { MessagingServiceSid: twilio.messaging_service_sid ?? '' }
								: { From: prefix + from }),
							Body: textOf(subject, text),
							...(reportUrl === undefined ? {} : { StatusCallback: reportUrl }),
						}).toString(),
						timeoutMs,
					},
					classify: withoutEcho(classify, password),
				}),
				check: (timeoutMs) => ({
					via: 'http',
					request: { method: 'GET', url: `${account}.json`, headers: { authorization }, timeoutMs },
					classify: (reply, now) => classifyAccount(reply, now, password),
				}),
			};
		},
	});
}

function textOf(subject: string | undefined, text: string): string {
	return subject ? `${subject}\n${text}` : text;
}

function classify(reply: HttpReply | TransportFailure, now: number): Outcome {
	if ('failure' in reply) return classifyTransportFailure('Twilio', reply);
	const answer = jsonObject(reply.body);
	if (reply.status === 201 && typeof answer?.sid === 'string') return acceptedAs(answer.sid);
	const code = Number.isSafeInteger(answer?.code) ? String(answer?.code) : '';
	const message = `Twilio answered ${reply.status}${code && ` (${code})`}`;
	const retryAfterMs = parseRetryAfter(reply.headers['retry-after'], now);
	return (
		classifyVendorError(ERRORS, code, message, retryAfterMs) ??
		classifyHttpStatus('Twilio', reply, now, code)
	);
}

function classifyAccount(
	reply: HttpReply | TransportFailure,
	now: number,
	password: string,
): CheckResult {
	const answer = 'failure' in reply ? undefined : jsonObject(reply.body);
	if ('status' in reply && reply.status === 200 && answer?.status !== undefined) {
		return answer.status === 'active'
			? works(shownName(answer.friendly_name, password) || undefined)
			: transientFailure('AUTH_FAILED', 'The Twilio account is not active');
	}
	const outcome = classify(reply, now);
	return outcome.result === 'failed'
		? outcome
		: transientFailure('UNEXPECTED_ANSWER', 'Twilio answered without an account');
}
