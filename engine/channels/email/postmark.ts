import { z } from 'zod/v4';
import type { HttpReply, TransportFailure } from '../../ports.ts';
import { readAnswer, unproven, type Vendor, withoutEcho } from '../answer.ts';
import { type CheckResult, type Outcome, service } from '../channel.ts';
import {
	forNow,
	jsonObject,
	permanentFailure,
	permanently,
	shownName,
	type VendorErrors,
	works,
} from '../http-outcome.ts';
import { baseUrl, urlBelow } from '../base-url.ts';
import {
	fromSettingUpTo,
	refuseOver,
	refuseRecipient,
	subjectLine,
	writeMailbox,
} from './address.ts';

/**
 * postmarkapp.com/developer/api/overview#error-codes: `ErrorCode`, most of them with HTTP 422. 400, 401 and 405 are no
 * longer in that table but still in use.
 */
const ERRORS: VendorErrors = {
	10: permanently('AUTH_FAILED', 'bad or missing server token'),
	100: forNow('SERVICE_UNAVAILABLE', 'maintenance'),
	101: forNow('SERVICE_UNAVAILABLE', 'internal error'),
	300: permanently('MESSAGE_REJECTED', 'invalid email request'),
	400: permanently('MESSAGE_REJECTED', 'no sender signature for "from"', 'sender'),
	401: permanently('MESSAGE_REJECTED', 'the sender signature is not confirmed', 'sender'),
	402: permanently('MESSAGE_REJECTED', 'invalid JSON'),
	403: permanently('MESSAGE_REJECTED', 'invalid request field'),
	405: permanently('QUOTA_EXCEEDED', 'not allowed to send'),
	406: permanently('RECIPIENT_REJECTED', 'inactive recipient'),
	// "Rate limit exceeded", with 429 or 422.
	429: forNow('RATE_LIMITED', 'too many requests'),
	409: permanently('MESSAGE_REJECTED', 'JSON required'),
	412: permanently('RECIPIENT_REJECTED', 'the account is pending approval', 'sender'),
	413: permanently('AUTH_FAILED', 'the account may not send'),
	422: permanently('AUTH_FAILED', 'invalid server or account'),
	1235: permanently('TARGET_GONE', 'the message stream does not exist'),
	1236: permanently('TARGET_GONE', 'the message stream cannot send'),
	1480: permanently('AUTH_FAILED', 'this IP address may not send'),
};

/**
 * Mail through Postmark: POST /email (postmarkapp.com/developer/api/email-api#send-a-single-email). Postmark documents
 * no idempotency: an attempt whose answer was lost may be mailed twice.
 */
export const postmark = service({
	key: 'postmark',
	title: 'Postmark',
	needs: 'http',
	settings: z.strictObject({
		postmark: z
			.strictObject({
				// Sent in a header, so printable ASCII only.
				server_token: z
					.string()
					.regex(/^[\x21-\x7e]+$/, 'must be the API token of a server')
					.meta({
						description: 'API token of the Postmark server.',
						examples: ['${POSTMARK_TOKEN}'],
					}),
				message_stream: z
					.string()
					.min(1)
					.optional()
					.meta({
						description: "Message stream to send through. Default: Postmark's, `outbound`.",
						examples: ['outbound'],
					}),
			})
			.describe('Server at Postmark.'),
		from: fromSettingUpTo(255),
		base_url: baseUrl.default('https://api.postmarkapp.com'),
	}),
	open({ postmark: { server_token, message_stream }, from, base_url }) {
		const headers = { accept: 'application/json', 'x-postmark-server-token': server_token };
		return {
			defaultRecipient: undefined,
			refuseRecipient,
			// postmarkapp.com/support/article/1056-what-are-the-attachment-and-email-size-limits: TextBody up to 5 MB.
			refuseMessage: refuseOver(5, 'Postmark'),
			prepare: ({ recipient, subject, text, timeoutMs }) => ({
				via: 'http',
				request: {
					method: 'POST',
					url: urlBelow(base_url, '/email'),
					headers: { ...headers, 'content-type': 'application/json' },
					body: JSON.stringify({
						From: writeMailbox(from),
						To: recipient,
						Subject: subjectLine(subject, text),
						TextBody: text,
						...(message_stream === undefined ? {} : { MessageStream: message_stream }),
					}),
					timeoutMs,
				},
				classify: withoutEcho(classify, server_token),
			}),
			// postmarkapp.com/developer/api/server-api#get-the-server
			check: (timeoutMs) => ({
				via: 'http',
				request: { method: 'GET', url: urlBelow(base_url, '/server'), headers, timeoutMs },
				classify: (reply, now) => classifyServer(reply, now, server_token),
			}),
		};
	},
});

const POSTMARK: Vendor = {
	service: 'Postmark',
	errors: ERRORS,
	read(_reply, answer, answered) {
		const code = Number.isSafeInteger(answer?.ErrorCode) ? Number(answer?.ErrorCode) : 0;
		const sentence = typeof answer?.Message === 'string' ? answer.Message.slice(0, 1000) : '';
		return {
			id: answer?.MessageID,
			refuses: code !== 0,
			errorCode: code === 0 ? '' : String(code),
			// 300 covers every field; only its sentence names one: "Error parsing 'To': …", "Invalid 'To' address: …".
			failure:
				code === 300 && sentence.includes("'To'")
					? permanentFailure('RECIPIENT_REJECTED', `${answered} (300): invalid recipient`)
					: undefined,
		};
	},
};

const classify = (reply: HttpReply | TransportFailure, now: number): Outcome =>
	readAnswer(POSTMARK, reply, now);

function classifyServer(
	reply: HttpReply | TransportFailure,
	now: number,
	token: string,
): CheckResult {
	const server = 'body' in reply ? jsonObject(reply.body) : undefined;
	if ('status' in reply && reply.status === 200 && server?.ID !== undefined) {
		return works(shownName(server.Name, token) || undefined);
	}
	return unproven(classify(reply, now), 'Postmark answered without the data of a server');
}
