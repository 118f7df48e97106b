import type { HttpReply, OpenConnection } from '@sureping/engine';
import { open } from './outgoing.ts';

/** Facts about a service that the conformance suite needs. */
export interface ConformingService {
	readonly connection: OpenConnection;
	/** An address of a form that it takes. */
	readonly recipient: string;
	/** Whatever of it must not be told to anybody. */
	readonly secrets: readonly string[];
	/** Its own refusal with a status of success; absent where it documents none. */
	readonly refusal?: Partial<HttpReply>;
	/** Its own ways to say that it is asked too often, beside those that all of HTTP has, each with its wait in ms. */
	readonly throttling: readonly (readonly [reply: Partial<HttpReply>, waitMs?: number])[];
	/** Refusals of this one recipient. */
	readonly recipientRefusals: readonly Partial<HttpReply>[];
}

const from = 'Acme, Inc. <ops@example.com>';
const json = (status: number, body: unknown): Partial<HttpReply> => ({
	status,
	body: JSON.stringify(body),
});

const twilio = {
	twilio: { account_sid: `AC${'0'.repeat(32)}`, auth_token: 'Twilio5ecret' },
	from: '+15005550006',
};
const twilioAnswers = {
	refusal: json(201, { sid: 'SM1', status: 'failed', error_code: 30005 }),
	throttling: [
		[json(429, { code: 20429 })],
		[json(400, { code: 14107 })],
		[json(400, { code: 21611 })],
		[json(400, { code: 63018 })],
	],
	recipientRefusals: [
		json(400, { code: 21211 }),
		json(400, { code: 21610 }),
		json(201, { sid: 'SM1', status: 'undelivered', error_code: 30003 }),
	],
} as const;

/**
 * Every way to send over HTTP, by channel and service key. A service that is not here fails the suite.
 */
export const SERVICES: Readonly<Record<string, ConformingService>> = {
	'slack webhook_url': {
		connection: open('slack', { webhook_url: 'https://hooks.slack.com/services/T1/B1/Path5ecret' }),
		recipient: 'ops',
		secrets: ['Path5ecret'],
		refusal: { body: 'no_service' },
		throttling: [[{ status: 429, body: 'rate_limited' }]],
		recipientRefusals: [
			{ status: 400, body: 'user_not_found' },
			{ status: 404, body: 'channel_not_found' },
			{ status: 410, body: 'channel_is_archived' },
		],
	},
	'slack bot_token': {
		connection: open('slack', { bot_token: 'xoxb-Token5ecret' }),
		recipient: '#ops',
		secrets: ['xoxb-Token5ecret'],
		refusal: json(200, { ok: false, error: 'an_error_of_tomorrow' }),
		throttling: [
			[json(200, { ok: false, error: 'ratelimited' })],
			[
				{ ...json(200, { ok: false, error: 'rate_limited' }), headers: { 'retry-after': '30' } },
				30_000,
			],
		],
		recipientRefusals: [
			json(200, { ok: false, error: 'channel_not_found' }),
			json(200, { ok: false, error: 'messages_tab_disabled' }),
			json(200, { ok: false, error: 'restricted_action_thread_locked' }),
		],
	},
	'telegram bot_token': {
		connection: open('telegram', { bot_token: '123456789:AAF-Bot5ecret' }),
		recipient: '-100123',
		secrets: ['123456789:AAF-Bot5ecret', 'AAF-Bot5ecret'],
		refusal: json(200, { ok: false, error_code: 403, description: 'Forbidden' }),
		throttling: [
			[json(429, { ok: false, error_code: 429, parameters: { retry_after: 35 } }), 35_000],
			[json(200, { ok: false, error_code: 429, parameters: { retry_after: 35 } }), 35_000],
			[json(429, { description: 'Too Many Requests: retry after 35' }), 35_000],
		],
		recipientRefusals: [
			json(400, { ok: false, error_code: 400, description: 'Bad Request: chat not found' }),
			json(403, {
				ok: false,
				error_code: 403,
				description: 'Forbidden: bot was blocked by the user',
			}),
		],
	},
	'discord webhook_url': {
		connection: open('discord', {
			webhook_url: 'https://discord.com/api/webhooks/1/Discord5ecret',
		}),
		recipient: 'ops',
		secrets: ['Discord5ecret'],
		throttling: [
			[json(429, { retry_after: 64.57 }), 64_570],
			[json(400, { code: 20028 })],
			[json(403, { code: 40062 })],
		],
		recipientRefusals: [json(404, { code: 10003 }), json(400, { code: 50083 })],
	},
	'email resend': {
		connection: open('email', { resend: { api_key: 're_Key5ecret' }, from }),
		recipient: 'ada@example.com',
		secrets: ['re_Key5ecret'],
		refusal: json(200, { name: 'invalid_api_key', statusCode: 403 }),
		throttling: [
			[
				{ ...json(429, { name: 'rate_limit_exceeded' }), headers: { 'ratelimit-reset': '3' } },
				3_000,
			],
			[json(400, { name: 'rate_limit_exceeded' })],
		],
		recipientRefusals: [json(422, { name: 'validation_error', message: 'Invalid `to` field.' })],
	},
	'email sendgrid': {
		connection: open('email', { sendgrid: { api_key: 'SG.Grid5ecret' }, from }),
		recipient: 'ada@example.com',
		secrets: ['SG.Grid5ecret'],
		refusal: json(200, { errors: [{ message: 'no', field: null }] }),
		throttling: [
			[{ ...json(429, {}), headers: { 'x-ratelimit-reset': '1736937020' } }, 20_000],
			[json(413, { errors: [{ message: 'too many requests' }] })],
		],
		recipientRefusals: [
			json(400, { errors: [{ message: 'no', field: 'personalizations.0.to.0.email' }] }),
		],
	},
	'email postmark': {
		connection: open('email', { postmark: { server_token: 'Mark-5ecret' }, from }),
		recipient: 'ada@example.com',
		secrets: ['Mark-5ecret'],
		refusal: json(200, { ErrorCode: 406 }),
		throttling: [[json(422, { ErrorCode: 429 })], [json(200, { ErrorCode: 429 })]],
		recipientRefusals: [
			json(422, { ErrorCode: 406 }),
			json(422, { ErrorCode: 300, Message: "Invalid 'To' address: 'x'." }),
		],
	},
	'email mailgun': {
		connection: open('email', {
			mailgun: { api_key: 'key-Gun5ecret', domain: 'mg.example.com' },
			from,
		}),
		recipient: 'ada@example.com',
		secrets: ['key-Gun5ecret'],
		throttling: [
			[
				json(420, {
					message:
						'Domain x is not allowed to send: recipient limit exceeded, try again after Wed, 15 Jan 2025 10:30:30 UTC',
				}),
				30_000,
			],
			[
				json(403, {
					message: 'request limit exceeded, try again after Wed, 15 Jan 2025 10:31:00 UTC',
				}),
				60_000,
			],
		],
		recipientRefusals: [
			json(400, { message: "'to' parameter is not a valid address" }),
			json(403, { message: 'add the address to authorized recipients' }),
		],
	},
	'sms twilio': {
		connection: open('sms', twilio),
		recipient: '+4915112345678',
		secrets: ['Twilio5ecret'],
		...twilioAnswers,
	},
	'whatsapp twilio': {
		connection: open('whatsapp', { ...twilio, from: 'whatsapp:+15005550006' }),
		recipient: '+4915112345678',
		secrets: ['Twilio5ecret'],
		...twilioAnswers,
	},
	'sms otpiq': {
		connection: open('sms', { otpiq: { api_key: 'sk_Piq5ecret', sender_id: 'Ops' } }),
		recipient: '+9647501234567',
		secrets: ['sk_Piq5ecret'],
		refusal: json(200, { error: 'Invalid phone number' }),
		throttling: [[json(429, { waitMinutes: 2, maxRequests: 5 }), 120_000]],
		recipientRefusals: [],
	},
	'webhook url': {
		connection: open('webhook', {
			url: 'https://example.com/Path5ecret?key=Query5ecret',
			secret: 'whsec_Sign5ecret',
		}),
		recipient: 'hook',
		secrets: ['Path5ecret', 'Query5ecret', 'whsec_Sign5ecret'],
		throttling: [],
		recipientRefusals: [],
	},
};

/** Services that do not speak HTTP, and so have no answers of this form. */
export const OTHERS: ReadonlySet<string> = new Set(['email smtp', 'console console']);
