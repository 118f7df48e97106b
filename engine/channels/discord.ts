import { z } from 'zod/v4';
import type { HttpReply, TransportFailure } from '../ports.ts';
import { boundedWait, parseRetryAfter } from '../time.ts';
import { type Answer, readAnswer, unproven, type Vendor } from './answer.ts';
import { type Channel, type CheckResult, type Outcome, service } from './channel.ts';
import {
	forNow,
	jsonObject,
	permanently,
	shownName,
	type VendorErrors,
	works,
} from './http-outcome.ts';
import { optionalBaseUrl, moveToServer } from './base-url.ts';
import { vendorLimitsAt } from './vendor-limits.ts';
import { withNote } from './with-note.ts';

/**
 * docs.discord.com/developers/resources/webhook, "Execute Webhook": `content` is up to 2000 characters. Counted here in
 * UTF-16 units, which are never fewer. A longer text is refused and not split: of two messages one may arrive, and the
 * retry of the other would repeat it.
 */
const LONGEST_TEXT = 2000;

/** docs.discord.com/developers/topics/opcodes-and-status-codes, "JSON Error Codes": those that a webhook can meet. */
const ERRORS: VendorErrors = {
	10003: permanently('TARGET_GONE', 'unknown channel'),
	10004: permanently('TARGET_GONE', 'unknown server'),
	10008: permanently('TARGET_GONE', 'unknown message'),
	10015: permanently('TARGET_GONE', 'unknown webhook'),
	10016: permanently('TARGET_GONE', 'unknown webhook service'),
	20009: permanently('MESSAGE_REJECTED', 'explicit content'),
	20012: permanently('AUTH_FAILED', 'not authorized for this application'),
	20016: forNow('RATE_LIMITED', 'slow mode'),
	20028: forNow('RATE_LIMITED', "the channel's write limit"),
	20029: forNow('RATE_LIMITED', "the server's write limit"),
	20031: permanently('MESSAGE_REJECTED', 'words that are not allowed'),
	30046: forNow('RATE_LIMITED', 'too many edits of old messages'),
	40001: permanently('AUTH_FAILED', 'invalid token'),
	40002: permanently('AUTH_FAILED', 'the account has to be verified'),
	40004: forNow('SERVICE_UNAVAILABLE', 'sending is disabled for now'),
	40005: permanently('MESSAGE_REJECTED', 'too large'),
	40006: forNow('SERVICE_UNAVAILABLE', 'disabled for now'),
	40058: permanently('MESSAGE_REJECTED', 'a forum channel needs thread_id'),
	40062: forNow('RATE_LIMITED', 'the service is being rate limited'),
	40067: permanently('MESSAGE_REJECTED', 'the forum channel demands a tag'),
	40333: forNow('SERVICE_UNAVAILABLE', 'blocked by Cloudflare'),
	50001: permanently('AUTH_FAILED', 'missing access'),
	50006: permanently('MESSAGE_REJECTED', 'empty message'),
	50008: permanently('TARGET_GONE', 'not a text channel'),
	50013: permanently('AUTH_FAILED', 'missing permissions'),
	50027: permanently('AUTH_FAILED', 'invalid webhook token'),
	50035: permanently('MESSAGE_REJECTED', 'invalid form body'),
	50083: permanently('TARGET_GONE', 'the thread is archived'),
	50109: permanently('MESSAGE_REJECTED', 'invalid JSON'),
	130000: forNow('SERVICE_UNAVAILABLE', 'overloaded'),
	160005: permanently('TARGET_GONE', 'the thread is locked'),
	200000: permanently('MESSAGE_REJECTED', 'blocked by automatic moderation'),
	200001: permanently('MESSAGE_REJECTED', 'title blocked by automatic moderation'),
	220001: permanently('MESSAGE_REJECTED', 'a forum channel needs thread_id'),
	220003: permanently('MESSAGE_REJECTED', 'only a forum channel has such threads'),
	220004: permanently('MESSAGE_REJECTED', 'webhooks cannot post in this forum channel'),
	240000: permanently('MESSAGE_REJECTED', 'blocked as a harmful link'),
};

/** A request without one "may be blocked" (docs.discord.com/developers/reference#user-agent). */
const USER_AGENT = 'DiscordBot (https://github.com/sureping/sureping, 1)';

function textOf(subject: string | undefined, text: string): string {
	return subject ? `**${subject}**\n${text}` : text;
}

const bodyOf = (subject: string | undefined, text: string): string =>
	JSON.stringify({
		content: textOf(subject, text),
		// Otherwise @everyone in quoted text, such as an order note, would notify everyone.
		allowed_mentions: { parse: [] },
	});

const incomingWebhook = service({
	key: 'webhook_url',
	title: 'Webhook',
	needs: 'http',
	settings: z.strictObject({
		webhook_url: z
			.url('must be the URL that Discord copies for the webhook')
			.refine(
				(url) => /\/webhooks\/[^/]+\/[^/]+\/?$/.test(URL.parse(url)?.pathname ?? ''),
				'must end with /webhooks/ID/TOKEN, as Discord copies it',
			)
			.meta({
				description: 'URL of the webhook, as Discord copies it.',
				examples: ['${DISCORD_WEBHOOK_URL}'],
			}),
		thread_id: z
			.string()
			.regex(/^\d+$/, 'must be the id of a thread')
			.optional()
			.meta({
				description:
					"Thread of the webhook's channel to post in; a forum channel needs one. Default: none.",
				examples: ['1234567890'],
			}),
		base_url: optionalBaseUrl,
	}),
	open({ webhook_url, thread_id, base_url }, name) {
		const webhook = new URL(
			base_url === undefined ? current(webhook_url) : moveToServer(webhook_url, base_url),
		);
		const query = new URLSearchParams(webhook.search);
		// Without it "a message that is not saved does not return an error".
		query.set('wait', 'true');
		if (thread_id !== undefined) query.set('thread_id', thread_id);
		webhook.search = '';
		return {
			defaultRecipient: name,
			isFixed: true,
			limits: vendorLimitsAt(webhook.href),
			refuseRecipient: () => undefined,
			refuseMessage(text, subject) {
				const { length } = textOf(subject, text);
				return length > LONGEST_TEXT
					? `is ${length} characters long with its subject; Discord takes at most ${LONGEST_TEXT}`
					: undefined;
			},
			prepare: ({ subject, text, buttons, timeoutMs }) => ({
				via: 'http',
				request: {
					method: 'POST',
					url: `${webhook.href}?${query}`,
					headers: { 'content-type': 'application/json', 'user-agent': USER_AGENT },
					body: bodyOf(subject, text),
					timeoutMs,
				},
				classify: buttons ? classifyPosted : classifyExecute,
			}),
			// "Edit Webhook Message".
			edit({ messageId, note, timeoutMs, ...content }) {
				const { subject, text } = withNote(
					content,
					note,
					(one) => textOf(one.subject, one.text).length <= LONGEST_TEXT,
				);
				const request = {
					method: 'PATCH' as const,
					url: `${webhook.href.replace(/\/$/, '')}/messages/${messageId}?${query}`,
					headers: { 'content-type': 'application/json', 'user-agent': USER_AGENT },
					body: bodyOf(subject, text),
					timeoutMs,
				};
				return { via: 'http', request, classify: classifyExecute };
			},
			// "Get Webhook with Token".
			check: (timeoutMs) => ({
				via: 'http',
				request: {
					method: 'GET',
					url: webhook.href,
					headers: { 'user-agent': USER_AGENT },
					timeoutMs,
				},
				classify: (reply, now) => classifyGet(reply, now, webhook.pathname),
			}),
		};
	},
});

/**
 * Discord copies webhook URLs without a version, and those get API version 6, which is deprecated and gives waits in
 * milliseconds (docs.discord.com/developers/reference#api-versioning, change log of version 8).
 */
function current(webhookUrl: string): string {
	const url = new URL(webhookUrl);
	if (/(^|\.)discord(app)?\.com$/.test(url.hostname)) {
		url.pathname = url.pathname.replace(/^\/api\/(v\d+\/)?/, '/api/v10/');
	}
	return url.href;
}

/** A success is the message, or 204 without `wait`; an error has a number, its `code`. */
const DISCORD: Vendor = {
	service: 'Discord',
	errors: ERRORS,
	read(reply, answer, _answered, now) {
		const code = Number.isSafeInteger(answer?.code) ? String(answer?.code) : '';
		const errorCode = code === '0' ? '' : code;
		return { errorCode, waitMs: waitOf(reply, answer, now) };
	},
};

function classifyExecute(reply: HttpReply | TransportFailure, now: number): Outcome {
	const outcome = readAnswer(DISCORD, reply, now);
	return outcome.result === 'delivered' && 'headers' in reply
		? { ...outcome, ...silenceOf(reply) }
		: outcome;
}

/** As `classifyExecute`, with the id by which the message is edited. */
function classifyPosted(reply: HttpReply | TransportFailure, now: number): Outcome {
	const outcome = classifyExecute(reply, now);
	const id = 'body' in reply ? jsonObject(reply.body)?.id : undefined;
	return outcome.result === 'delivered' && typeof id === 'string' && /^\d{1,20}$/.test(id)
		? { ...outcome, messageId: id }
		: outcome;
}

/** docs.discord.com/developers/topics/rate-limits, "Header Format": after the last free request, how long until the next. */
function silenceOf({ headers }: HttpReply): { pauseMs?: number } {
	if (headers['x-ratelimit-remaining'] !== '0') return {};
	const wait = secondsOf(headers['x-ratelimit-reset-after']);
	return wait === undefined ? {} : { pauseMs: wait };
}

/**
 * docs.discord.com/developers/topics/rate-limits: the header `Retry-After` or the body's `retry_after`, both in seconds.
 * The header comes first: a limit of Cloudflare's has no such body. `X-RateLimit-Reset-After` is about this webhook's
 * own limit alone, so it counts only when the other two are missing.
 */
function waitOf(
	{ headers }: HttpReply,
	answer: Answer | undefined,
	now: number,
): number | undefined {
	return (
		parseRetryAfter(headers['retry-after'], now) ??
		secondsOf(answer?.retry_after) ??
		secondsOf(headers['x-ratelimit-reset-after'])
	);
}

function secondsOf(value: unknown): number | undefined {
	return value === undefined || value === '' ? undefined : boundedWait(Number(value) * 1000);
}

function classifyGet(reply: HttpReply | TransportFailure, now: number, path: string): CheckResult {
	const webhook = 'body' in reply && reply.status === 200 ? jsonObject(reply.body) : undefined;
	if (typeof webhook?.id !== 'string') {
		return unproven(classifyExecute(reply, now), 'Discord answered without the webhook');
	}
	const token = path.split('/').findLast((part) => part !== '') ?? '';
	return works(shownName(webhook.name, token) || undefined);
}

/** Discord confirms that it posted the message, not that anyone saw it. It has no way to recognise a webhook's repeat. */
export const discord: Channel = {
	id: 'discord',
	title: 'Discord',
	docs: {
		needs: '`webhook_url`',
		recipient: 'given by the webhook; `thread_id` for one of its threads',
		limits: '2,000 characters',
		delivered: 'Discord posted the message',
	},
	services: [incomingWebhook],
};
