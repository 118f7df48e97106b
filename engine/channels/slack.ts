import { z } from 'zod/v4';
import type { HttpReply, HttpRequest, TransportFailure } from '../ports.ts';
import { readAnswer, unproven, type Vendor, withoutEcho } from './answer.ts';
import { type Channel, type CheckResult, type Outcome, service } from './channel.ts';
import {
	forNow,
	jsonObject,
	permanently,
	shown,
	shownName,
	type VendorErrors,
	works,
} from './http-outcome.ts';
import { baseUrl, optionalBaseUrl, moveToServer, urlBelow } from './base-url.ts';
import { vendorLimitsAt } from './vendor-limits.ts';
import { withNote } from './with-note.ts';

/** Slack cuts off longer text; we refuse it instead (docs.slack.dev/reference/methods/chat.postMessage, "text"). */
const LONGEST_TEXT = 40_000;

/** docs.slack.dev/messaging/sending-messages-using-incoming-webhooks, "Handling errors": a plain-text word. */
const WEBHOOK_ERRORS: VendorErrors = {
	invalid_payload: permanently('MESSAGE_REJECTED'),
	no_text: permanently('MESSAGE_REJECTED'),
	too_many_attachments: permanently('MESSAGE_REJECTED'),
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
	rollup_error: forNow('SERVICE_UNAVAILABLE'),
};

/**
 * docs.slack.dev/reference/methods/chat.postMessage, "Errors": the `error` of a 200 with `ok: false`.
 * Unknown words are permanent: this table has every error that Slack documents as temporary.
 */
const POST_MESSAGE_ERRORS: VendorErrors = {
	// This channel or person.
	channel_not_found: permanently('RECIPIENT_REJECTED'),
	not_in_channel: permanently('RECIPIENT_REJECTED'),
	user_not_found: permanently('RECIPIENT_REJECTED'),
	is_inactive: permanently('RECIPIENT_REJECTED'),
	messages_tab_disabled: permanently('RECIPIENT_REJECTED'),
	cannot_dm_bot: permanently('RECIPIENT_REJECTED'),
	cannot_reply_to_message: permanently('RECIPIENT_REJECTED'),
	restricted_action: permanently('AUTH_FAILED', undefined, 'recipient'),
	// chat.update.
	message_not_found: permanently('TARGET_GONE'),
	cant_update_message: permanently('AUTH_FAILED', undefined, 'recipient'),
	edit_window_closed: permanently('MESSAGE_REJECTED'),
	restricted_action_read_only_channel: permanently('AUTH_FAILED', undefined, 'recipient'),
	restricted_action_thread_only_channel: permanently('AUTH_FAILED', undefined, 'recipient'),
	restricted_action_non_threadable_channel: permanently('AUTH_FAILED', undefined, 'recipient'),
	restricted_action_thread_locked: permanently('AUTH_FAILED', undefined, 'recipient'),
	user_is_restricted: permanently('AUTH_FAILED', undefined, 'recipient'),
	method_not_supported_for_channel_type: permanently('RECIPIENT_REJECTED'),
	channel_type_not_supported: permanently('RECIPIENT_REJECTED'),
	duplicate_channel_not_found: permanently('RECIPIENT_REJECTED'),
	is_archived: permanently('TARGET_GONE'),
	external_channel_migrating: forNow('SERVICE_UNAVAILABLE', undefined, 'recipient'),
	// This message.
	msg_too_long: permanently('MESSAGE_REJECTED'),
	msg_blocks_too_long: permanently('MESSAGE_REJECTED'),
	no_text: permanently('MESSAGE_REJECTED'),
	too_many_attachments: permanently('MESSAGE_REJECTED'),
	invalid_blocks: permanently('MESSAGE_REJECTED'),
	invalid_blocks_format: permanently('MESSAGE_REJECTED'),
	attachment_payload_limit_exceeded: permanently('MESSAGE_REJECTED'),
	metadata_too_large: permanently('MESSAGE_REJECTED'),
	invalid_metadata_format: permanently('MESSAGE_REJECTED'),
	invalid_metadata_schema: permanently('MESSAGE_REJECTED'),
	slack_connect_file_link_sharing_blocked: permanently('MESSAGE_REJECTED'),
	invalid_arguments: permanently('MESSAGE_REJECTED'),
	invalid_arg_name: permanently('MESSAGE_REJECTED'),
	invalid_charset: permanently('MESSAGE_REJECTED'),
	invalid_json: permanently('MESSAGE_REJECTED'),
	json_not_object: permanently('MESSAGE_REJECTED'),
	invalid_post_type: permanently('MESSAGE_REJECTED'),
	missing_post_type: permanently('MESSAGE_REJECTED'),
	// The token, its app or its workspace.
	enterprise_is_restricted: permanently('AUTH_FAILED'),
	team_access_not_granted: permanently('AUTH_FAILED'),
	two_factor_setup_required: permanently('AUTH_FAILED'),
	accesslimited: permanently('AUTH_FAILED'),
	as_user_not_supported: permanently('AUTH_FAILED'),
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
	deprecated_endpoint: permanently('TARGET_GONE'),
	method_deprecated: permanently('TARGET_GONE'),
	unknown_method: permanently('TARGET_GONE'),
	// Temporary.
	ratelimited: forNow('RATE_LIMITED'),
	rate_limited: forNow('RATE_LIMITED'),
	message_limit_exceeded: forNow('RATE_LIMITED'),
	fatal_error: forNow('SERVICE_UNAVAILABLE'),
	internal_error: forNow('SERVICE_UNAVAILABLE'),
	service_unavailable: forNow('SERVICE_UNAVAILABLE'),
	request_timeout: forNow('TIMEOUT'),
	// A workspace on its way into an Enterprise organisation; others are reached meanwhile.
	org_login_required: forNow('SERVICE_UNAVAILABLE', undefined, 'sender'),
	team_added_to_org: forNow('SERVICE_UNAVAILABLE', undefined, 'sender'),
};

/**
 * Escapes text so that Slack shows it literally. Unescaped, `<!channel>` in quoted text, such as an order note, would
 * notify everyone (docs.slack.dev/messaging/formatting-message-text, "Escaping text").
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
		webhook_url: z.url('must be the URL that Slack shows for the incoming webhook').meta({
			description: 'URL of the incoming webhook, as Slack shows it.',
			examples: ['${SLACK_WEBHOOK_URL}'],
		}),
		base_url: optionalBaseUrl,
	}),
	open({ webhook_url, base_url }, name) {
		const url = moveToServer(webhook_url, base_url);
		return {
			defaultRecipient: name,
			isFixed: true,
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

/** "ok", or the error word as plain text. Some servers of this format answer as the Web API does. */
const WEBHOOK: Vendor = {
	service: 'Slack',
	errors: WEBHOOK_ERRORS,
	read({ body }, answer) {
		const errorCode = shown(answer ? answer.error : body.trim());
		return { errorCode, refuses: !answer && Object.hasOwn(WEBHOOK_ERRORS, errorCode) };
	},
};

const classifyWebhook = (reply: HttpReply | TransportFailure, now: number): Outcome =>
	readAnswer(WEBHOOK, reply, now);

/**
 * A webhook has no call for a test. An empty message posts nothing: Slack refuses it by one of two documented words once
 * it has found the webhook, and answers otherwise when there is none.
 */
function classifyEmptyPost(reply: HttpReply | TransportFailure, now: number): CheckResult {
	const isRefusal = 'status' in reply && reply.status === 400;
	if (isRefusal && /^\s*(no_text|invalid_payload)\s*$/.test(reply.body)) return works();
	return unproven(classifyWebhook(reply, now), 'Slack took an empty message');
}

const botToken = service({
	key: 'bot_token',
	title: 'Bot token (chat.postMessage)',
	needs: 'http',
	settings: z.strictObject({
		bot_token: z
			.string()
			.min(1)
			.meta({
				description: 'Bot token of the Slack app.',
				examples: ['${SLACK_BOT_TOKEN}'],
			}),
		default_channel: z
			.string()
			.min(1)
			.optional()
			.meta({
				description: 'Channel or member for sends without a recipient. Default: none.',
				examples: ['#ops'],
			}),
		base_url: baseUrl.default('https://slack.com'),
	}),
	open({ bot_token, default_channel, base_url }) {
		const headers = { ...JSON_HEADERS, authorization: `Bearer ${bot_token}` };
		const post = (method: string, body: object, timeoutMs: number): HttpRequest => ({
			method: 'POST',
			url: urlBelow(base_url, `/api/${method}`),
			headers,
			body: JSON.stringify(body),
			timeoutMs,
		});
		const classifySent = withoutEcho(classifyPosted, bot_token);
		return {
			defaultRecipient: default_channel,
			limits: vendorLimitsAt(base_url),
			refuseRecipient: (recipient) =>
				/\s/.test(recipient)
					? 'must be a Slack channel or member, such as "#ops", "C0123456789" or "U0123456789"'
					: undefined,
			refuseMessage,
			prepare: ({ recipient, subject, text, buttons, timeoutMs }) => ({
				via: 'http',
				request: post(
					'chat.postMessage',
					{ channel: recipient, text: textOf(subject, text) },
					timeoutMs,
				),
				classify: buttons ? classifySent : classifyPostMessage,
			}),
			// docs.slack.dev/reference/methods/chat.update: takes the channel's id, never its name.
			edit({ messageId, note, timeoutMs, ...content }) {
				const [channel, ts] = messageId.split(':');
				const { subject, text } = withNote(
					content,
					note,
					(one) => refuseMessage(one.text, one.subject) === undefined,
				);
				const request = post(
					'chat.update',
					{ channel, ts, text: textOf(subject, text) },
					timeoutMs,
				);
				return { via: 'http', request, classify: classifyPostMessage };
			},
			// docs.slack.dev/reference/methods/auth.test: returns the token's owner, and needs no scope.
			check: (timeoutMs) => ({
				via: 'http',
				request: { method: 'POST', url: urlBelow(base_url, '/api/auth.test'), headers, timeoutMs },
				classify(reply, now) {
					const answer = 'body' in reply ? jsonObject(reply.body) : undefined;
					if (answer?.ok !== true) {
						return unproven(classifyPostMessage(reply, now), 'Slack answered without "ok"');
					}
					const { team, user } = answer;
					const names = [shownName(user, bot_token), shownName(team, bot_token)];
					return works(names.every(Boolean) ? names.join(' in ') : undefined);
				},
			}),
		};
	},
});

const POST_MESSAGE: Vendor = {
	service: 'Slack',
	errors: POST_MESSAGE_ERRORS,
	read: (_reply, answer) => ({ errorCode: shown(answer?.error) }),
};

const classifyPostMessage = (reply: HttpReply | TransportFailure, now: number): Outcome =>
	readAnswer(POST_MESSAGE, reply, now);

/** As `classifyPostMessage`, with the id by which the message is edited: its channel and its time there. */
function classifyPosted(reply: HttpReply | TransportFailure, now: number): Outcome {
	const outcome = classifyPostMessage(reply, now);
	const { channel, ts } = ('body' in reply ? jsonObject(reply.body) : undefined) ?? {};
	const hasId =
		typeof channel === 'string' &&
		/^\w{1,32}$/.test(channel) &&
		typeof ts === 'string' &&
		/^\d{1,16}\.\d{1,16}$/.test(ts);
	return outcome.result === 'delivered' && hasId
		? { ...outcome, messageId: `${channel}:${ts}` }
		: outcome;
}

/** Slack confirms that it took the message, not that anyone saw it. */
export const slack: Channel = {
	id: 'slack',
	title: 'Slack',
	docs: {
		needs: '`webhook_url`, or `bot_token`',
		recipient: 'given by the webhook; with a token a channel or member (`#ops`, `C…`, `U…`)',
		limits: '40,000 characters',
		delivered: 'Slack took the message',
	},
	services: [incomingWebhook, botToken],
};
