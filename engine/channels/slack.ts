import { z } from 'zod/v4';
import type { HttpReply, TransportFailure } from '../ports.ts';
import { parseRetryAfter } from '../time.ts';
import { type Channel, type CheckResult, type Outcome, service } from './channel.ts';
import { rebase, under } from './rebase.ts';
import { vendorLimitsAt } from './vendor-limits.ts';
import {
	classifyHttpStatus,
	classifyTransportFailure,
	classifyVendorError,
	deliveredByService,
	forNow,
	jsonObject,
	permanently,
	shown,
	shownName,
	transientFailure,
	type VendorErrors,
	works,
} from './http-outcome.ts';

/** Slack cuts off longer text; we refuse it instead (docs.slack.dev/reference/methods/chat.postMessage, "text"). */
const LONGEST_TEXT = 40_000;

/** docs.slack.dev/messaging/sending-messages-using-incoming-webhooks, "Handling errors": a plain-text word. */
const WEBHOOK_ERRORS: VendorErrors = {
	invalid_payload: permanently('MESSAGE_REJECTED'),
	no_text: permanently('MESSAGE_REJECTED'),
	user_not_found: permanently('RECIPIENT_REJECTED'),
	channel_not_found: permanently('TARGET_GONE'),
	channel_is_archived: permanently('TARGET_GONE'),
	action_prohibited: permanently('AUTH_FAILED'),
	posting_to_general_channel_denied: permanently('AUTH_FAILED'),
	invalid_token: permanently('AUTH_FAILED'),
	no_service: permanently('TARGET_GONE'),
	no_service_id: permanently('TARGET_GONE'),
	no_active_hooks: permanently('TARGET_GONE'),
	no_team: permanently('TARGET_GONE'),
	team_disabled: permanently('TARGET_GONE'),
	too_many_attachments: permanently('MESSAGE_REJECTED'),
};

/** docs.slack.dev/reference/methods/chat.postMessage, "Errors": the `error` of a 200 with `ok: false`. */
const POST_MESSAGE_ERRORS: VendorErrors = {
	channel_not_found: permanently('RECIPIENT_REJECTED'),
	not_in_channel: permanently('RECIPIENT_REJECTED'),
	user_not_found: permanently('RECIPIENT_REJECTED'),
	is_archived: permanently('TARGET_GONE'),
	msg_too_long: permanently('MESSAGE_REJECTED'),
	no_text: permanently('MESSAGE_REJECTED'),
	invalid_arguments: permanently('MESSAGE_REJECTED'),
	restricted_action: permanently('AUTH_FAILED'),
	restricted_action_read_only_channel: permanently('AUTH_FAILED'),
	restricted_action_thread_only_channel: permanently('AUTH_FAILED'),
	ekm_access_denied: permanently('AUTH_FAILED'),
	access_denied: permanently('AUTH_FAILED'),
	no_permission: permanently('AUTH_FAILED'),
	not_allowed_token_type: permanently('AUTH_FAILED'),
	not_authed: permanently('AUTH_FAILED'),
	invalid_auth: permanently('AUTH_FAILED'),
	account_inactive: permanently('AUTH_FAILED'),
	token_revoked: permanently('AUTH_FAILED'),
	token_expired: permanently('AUTH_FAILED'),
	missing_scope: permanently('AUTH_FAILED'),
	ratelimited: forNow('RATE_LIMITED'),
	rate_limited: forNow('RATE_LIMITED'),
	message_limit_exceeded: forNow('RATE_LIMITED'),
	fatal_error: forNow('SERVICE_UNAVAILABLE'),
	internal_error: forNow('SERVICE_UNAVAILABLE'),
	service_unavailable: forNow('SERVICE_UNAVAILABLE'),
	request_timeout: forNow('TIMEOUT'),
	org_login_required: forNow('SERVICE_UNAVAILABLE'),
	team_added_to_org: forNow('SERVICE_UNAVAILABLE'),
};

/**
 * The message as Slack shows it: letter by letter. Unescaped, `<!channel>` in somebody's order note would call everyone
 * (docs.slack.dev/messaging/formatting-message-text, "Escaping text").
 */
function textOf(subject: string | undefined, text: string): string {
	const escape = (part: string): string =>
		part.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
	return subject ? `*${escape(subject)}*\n${escape(text)}` : escape(text);
}

function refuseMessage(text: string, subject?: string): string | undefined {
	const { length } = textOf(subject, text);
	return length > LONGEST_TEXT
		? `is ${length} characters long with its subject; Slack takes at most ${LONGEST_TEXT}`
		: undefined;
}

const JSON_HEADERS = { 'content-type': 'application/json; charset=utf-8' };

const incomingWebhook = service({
	key: 'webhook_url',
	title: 'Incoming webhook',
	needs: 'http',
	settings: z.strictObject({
		webhook_url: z.url('must be the URL that Slack shows for the incoming webhook'),
		base_url: z.url().optional(),
	}),
	open({ webhook_url, base_url }, name) {
		const url = rebase(webhook_url, base_url);
		return {
			defaultRecipient: name,
			limits: vendorLimitsAt(url),
			refuseRecipient: () => undefined,
			refuseMessage,
			prepare: ({ subject, text, timeoutMs }) => ({
				via: 'http',
				request: {
					method: 'POST',
					url,
					headers: JSON_HEADERS,
					body: JSON.stringify({ text: textOf(subject, text) }),
					timeoutMs,
				},
				classify: classifyWebhook,
			}),
			check: (timeoutMs) => ({
				via: 'http',
				request: { method: 'POST', url, headers: JSON_HEADERS, body: '{}', timeoutMs },
				classify: classifyEmptyPost,
			}),
		};
	},
});

function classifyWebhook(reply: HttpReply | TransportFailure, now: number): Outcome {
	if ('failure' in reply) return classifyTransportFailure('Slack', reply);
	if (reply.status === 200 && reply.body.trim() === 'ok') return deliveredByService;
	const word = shown(reply.body.trim());
	if (reply.status === 200) {
		return transientFailure('UNEXPECTED_ANSWER', 'Slack answered 200 without its "ok"');
	}
	const known =
		reply.status < 500 && reply.status !== 429
			? classifyVendorError(WEBHOOK_ERRORS, word, `Slack answered ${reply.status} (${word})`)
			: undefined;
	return known ?? classifyHttpStatus('Slack', reply, now, word);
}

/**
 * A webhook has no call for a test. An empty message posts nothing: Slack refuses it by one of two documented words once
 * it has found the webhook, and answers otherwise when there is none.
 */
function classifyEmptyPost(reply: HttpReply | TransportFailure, now: number): CheckResult {
	const isRefusal = 'status' in reply && reply.status === 400;
	if (isRefusal && /^\s*(no_text|invalid_payload)\s*$/.test(reply.body)) return works();
	const outcome = classifyWebhook(reply, now);
	return outcome.result === 'failed'
		? outcome
		: transientFailure('UNEXPECTED_ANSWER', 'Slack took an empty message');
}

const botToken = service({
	key: 'bot_token',
	title: 'Bot token (chat.postMessage)',
	needs: 'http',
	settings: z.strictObject({
		bot_token: z.string().min(1),
		/** Where messages go when a send names no recipient. */
		default_channel: z.string().min(1).optional(),
		base_url: z.url().default('https://slack.com'),
	}),
	open({ bot_token, default_channel, base_url }) {
		const headers = { ...JSON_HEADERS, authorization: `Bearer ${bot_token}` };
		return {
			defaultRecipient: default_channel,
			limits: vendorLimitsAt(base_url),
			refuseRecipient: (recipient) =>
				/\s/.test(recipient)
					? 'must be a Slack channel or member, such as "#ops", "C0123456789" or "U0123456789"'
					: undefined,
			refuseMessage,
			prepare: ({ recipient, subject, text, timeoutMs }) => ({
				via: 'http',
				request: {
					method: 'POST',
					url: under(base_url, '/api/chat.postMessage'),
					headers,
					body: JSON.stringify({ channel: recipient, text: textOf(subject, text) }),
					timeoutMs,
				},
				classify: classifyPostMessage,
			}),
			// docs.slack.dev/reference/methods/auth.test: tells whose token it is, and needs no scope.
			check: (timeoutMs) => ({
				via: 'http',
				request: { method: 'POST', url: under(base_url, '/api/auth.test'), headers, timeoutMs },
				classify(reply, now) {
					const outcome = classifyPostMessage(reply, now);
					if (outcome.result === 'failed') return outcome;
					const { team, user } = ('body' in reply && jsonObject(reply.body)) || {};
					const names = [shownName(user, bot_token), shownName(team, bot_token)];
					return works(names.every(Boolean) ? names.join(' in ') : undefined);
				},
			}),
		};
	},
});

function classifyPostMessage(reply: HttpReply | TransportFailure, now: number): Outcome {
	if ('failure' in reply) return classifyTransportFailure('Slack', reply);
	const answer = jsonObject(reply.body);
	if (reply.status === 200 && answer?.ok === true) return deliveredByService;
	const word = shown(answer?.error);
	if (reply.status !== 200) return classifyHttpStatus('Slack', reply, now, word);
	const retryAfterMs = parseRetryAfter(reply.headers['retry-after'], now);
	return (
		classifyVendorError(POST_MESSAGE_ERRORS, word, `Slack refused: ${word}`, retryAfterMs) ??
		transientFailure(
			'UNEXPECTED_ANSWER',
			`Slack answered 200 without success${word && ` (${word})`}`,
		)
	);
}

/** Slack confirms that it took the message, not that anyone saw it. */
export const slack: Channel = {
	id: 'slack',
	title: 'Slack',
	services: [incomingWebhook, botToken],
};
