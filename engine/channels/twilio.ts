import { z } from 'zod/v4';
import type { HttpReply, TransportFailure } from '../ports.ts';
import { readAnswer, unproven, type Vendor, withoutEcho } from './answer.ts';
import { type CheckResult, type Outcome, service, type Service } from './channel.ts';
import {
	forNow,
	jsonObject,
	permanently,
	shownName,
	transientFailure,
	type VendorErrors,
	works,
} from './http-outcome.ts';
import { refusePhoneNumber } from './phone-number.ts';
import { baseUrl, urlBelow } from './base-url.ts';

/** twilio.com/docs/api/errors: the `code` of an error answer, those that sending a message can meet. */
const ERRORS: VendorErrors = {
	10001: permanently('AUTH_FAILED', 'the account is not active'),
	14107: forNow('RATE_LIMITED', 'too many messages at once'),
	20003: permanently('AUTH_FAILED', 'the SID or the token is not right'),
	20005: permanently('AUTH_FAILED', 'the account is not active'),
	20008: permanently('AUTH_FAILED', 'test credentials cannot do this'),
	20404: permanently('TARGET_GONE', 'not found: is the account SID right?'),
	20429: forNow('RATE_LIMITED', 'too many requests at once'),
	20500: forNow('SERVICE_UNAVAILABLE', 'an error of Twilio'),
	20503: forNow('SERVICE_UNAVAILABLE', 'Twilio is not available'),
	21211: permanently('RECIPIENT_REJECTED', 'not a valid phone number'),
	21212: permanently('MESSAGE_REJECTED', '"from" is not a valid phone number', 'sender'),
	21217: permanently('RECIPIENT_REJECTED', 'not a valid phone number'),
	21265: permanently('RECIPIENT_REJECTED', 'a short code cannot be written to'),
	21266: permanently('RECIPIENT_REJECTED', 'the recipient is "from" itself'),
	21408: permanently(
		'MESSAGE_REJECTED',
		"the account may not write to the recipient's country",
		'sender',
	),
	21421: permanently('RECIPIENT_REJECTED', 'not a valid phone number'),
	21602: permanently('MESSAGE_REJECTED', 'the text is missing'),
	21603: permanently('MESSAGE_REJECTED', '"from" is missing', 'us'),
	21604: permanently('RECIPIENT_REJECTED', 'the recipient is missing'),
	21605: permanently('MESSAGE_REJECTED', 'the text is too long'),
	21606: permanently('MESSAGE_REJECTED', '"from" cannot send messages', 'sender'),
	21608: permanently('RECIPIENT_REJECTED', 'a trial account writes to verified numbers only'),
	21610: permanently('RECIPIENT_REJECTED', 'the recipient has unsubscribed'),
	21611: forNow('RATE_LIMITED', 'the queue of "from" is full'),
	21612: permanently('RECIPIENT_REJECTED', 'cannot be reached from "from"'),
	21614: permanently('RECIPIENT_REJECTED', 'not a mobile number'),
	21617: permanently('MESSAGE_REJECTED', 'the text is too long'),
	21635: permanently('RECIPIENT_REJECTED', 'a landline, which gets no messages'),
	21654: permanently('MESSAGE_REJECTED', 'the template is missing'),
	21655: permanently('MESSAGE_REJECTED', 'the template is not valid'),
	21659: permanently('MESSAGE_REJECTED', '"from" is not a number of the account', 'sender'),
	21660: permanently('MESSAGE_REJECTED', '"from" belongs to another account', 'sender'),
	21703: permanently('MESSAGE_REJECTED', 'the messaging service has no sender', 'sender'),
	21705: permanently('MESSAGE_REJECTED', 'the messaging service is not valid', 'sender'),
	30001: forNow('RATE_LIMITED', 'the queue is full'),
	30002: permanently('AUTH_FAILED', 'the account is suspended'),
	30003: forNow('SERVICE_UNAVAILABLE', 'the phone cannot be reached', 'recipient'),
	30004: permanently('RECIPIENT_REJECTED', 'the recipient or the carrier blocks the message'),
	30005: permanently('RECIPIENT_REJECTED', 'the number is not in use'),
	30006: permanently('RECIPIENT_REJECTED', 'a landline or a carrier that is not reachable'),
	30007: permanently('MESSAGE_REJECTED', 'the carrier took it for spam'),
	30034: permanently('MESSAGE_REJECTED', '"from" is not registered for A2P 10DLC', 'sender'),
	63003: permanently('RECIPIENT_REJECTED', 'the recipient is not on this channel'),
	63007: permanently('MESSAGE_REJECTED', '"from" is not a WhatsApp sender', 'sender'),
	63015: permanently('RECIPIENT_REJECTED', 'the recipient has not joined the sandbox'),
	63016: permanently('MESSAGE_REJECTED', 'outside of 24 hours WhatsApp takes templates only'),
	63017: forNow('RATE_LIMITED', 'too many messages at once'),
	63018: forNow('RATE_LIMITED', "WhatsApp's rate limit"),
	63024: permanently('RECIPIENT_REJECTED', 'not a WhatsApp number'),
	63032: permanently('RECIPIENT_REJECTED', 'WhatsApp does not deliver to this person'),
	63038: permanently('QUOTA_EXCEEDED', "the account's daily limit is reached"),
};

/** twilio.com/docs/messaging/api/message-resource: "up to 1,600 characters". */
const LONGEST_TEXT = 1600;

const settings = z
	.strictObject({
		twilio: z
			.strictObject({
				account_sid: z
					.string()
					.regex(/^AC[0-9a-f]{32}$/i, 'must be AC and 32 hex digits')
					.meta({ description: 'SID of the account.', examples: ['${TWILIO_SID}'] }),
				auth_token: z
					.string()
					.min(1)
					.optional()
					.meta({
						description:
							'Auth token of the account. Default: none; give either this or an API key.',
						examples: ['${TWILIO_TOKEN}'],
					}),
				api_key_sid: z
					.string()
					.regex(/^SK[0-9a-f]{32}$/i, 'must be SK and 32 hex digits')
					.optional()
					.meta({
						description: 'SID of an API key, in place of `auth_token`. Default: none.',
						examples: ['${TWILIO_API_KEY_SID}'],
					}),
				api_key_secret: z
					.string()
					.min(1)
					.optional()
					.meta({
						description: 'Secret of that API key. Default: none.',
						examples: ['${TWILIO_API_KEY_SECRET}'],
					}),
				messaging_service_sid: z
					.string()
					.regex(/^MG[0-9a-f]{32}$/i, 'must be MG and 32 hex digits')
					.optional()
					.meta({
						description:
							'Messaging service that chooses the sender, in place of `from`. Default: none.',
						examples: ['${TWILIO_SERVICE_SID}'],
					}),
			})
			.describe('Account at Twilio.'),
		from: z
			.string()
			.min(1)
			.optional()
			.meta({
				description:
					'Number of the account, or sender id. Default: none; give either this or `messaging_service_sid`.',
				examples: ['+15005550006'],
			}),
		base_url: baseUrl.default('https://api.twilio.com'),
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
 * repeats: an attempt whose answer was lost may be sent twice. `prefix` begins every address of the channel.
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
			const prefixed = (address: string): string =>
				address.startsWith(prefix) ? address : prefix + address;
			const account = urlBelow(base_url, `/2010-04-01/Accounts/${account_sid}`);
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
							To: prefixed(recipient),
							...(from === undefined
								? { MessagingServiceSid: twilio.messaging_service_sid ?? '' }
								: { From: prefixed(from) }),
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

/** An error has a `code`; a message that has failed by the time of the answer has a `status` and an `error_code`. */
const TWILIO: Vendor = {
	service: 'Twilio',
	errors: ERRORS,
	read(_reply, answer) {
		const refuses = ['failed', 'undelivered', 'canceled'].includes(String(answer?.status));
		const code = refuses ? answer?.error_code : answer?.code;
		return { id: answer?.sid, refuses, errorCode: Number.isSafeInteger(code) ? String(code) : '' };
	},
};

const classify = (reply: HttpReply | TransportFailure, now: number): Outcome =>
	readAnswer(TWILIO, reply, now);

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
	return unproven(classify(reply, now), 'Twilio answered without an account');
}
