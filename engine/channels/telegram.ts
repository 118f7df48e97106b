import { z } from 'zod/v4';
import type { HttpReply, TransportFailure } from '../ports.ts';
import { boundedWait, parseTryAgain } from '../time.ts';
import { readAnswer, unproven, type Vendor } from './answer.ts';
import {
	type Channel,
	type CheckResult,
	type Failed,
	type HttpExchange,
	type Outcome,
	type OutgoingMessage,
	service,
} from './channel.ts';
import {
	type CodedFailure,
	codedFailure,
	jsonObject,
	permanently,
	shownName,
	transientFailure,
	type VendorErrors,
	works,
} from './http-outcome.ts';
import { baseUrl, urlBelow } from './base-url.ts';
import { vendorLimitsAt } from './vendor-limits.ts';

/**
 * core.telegram.org/bots/api#sendmessage: "1-4096 characters after entities parsing". Counted here in UTF-16 units,
 * which are never fewer. A longer text is refused and not split: one of two messages may arrive without the other, and
 * a retry would repeat it.
 */
const LONGEST_TEXT = 4096;

/**
 * Telegram describes an error in a sentence that "may change" (core.telegram.org/bots/api#making-requests). `SENTENCES`
 * are parts of those that its server writes when it sends a message (github.com/tdlib/telegram-bot-api, Client.cpp).
 * `STATUSES` are for an answer with none of them.
 */
const SENTENCES: VendorErrors = {
	'chat not found': permanently('RECIPIENT_REJECTED'),
	'user not found': permanently('RECIPIENT_REJECTED'),
	'chat_id is empty': permanently('RECIPIENT_REJECTED'),
	PEER_ID_INVALID: permanently('RECIPIENT_REJECTED'),
	'bot was blocked by the user': permanently('RECIPIENT_REJECTED'),
	'user is deactivated': permanently('RECIPIENT_REJECTED'),
	"bot can't initiate conversation": permanently('RECIPIENT_REJECTED'),
	"bot can't send messages to": permanently('RECIPIENT_REJECTED'),
	'bot was kicked': permanently('RECIPIENT_REJECTED'),
	'bot is not a member': permanently('RECIPIENT_REJECTED'),
	'need administrator rights': permanently('RECIPIENT_REJECTED'),
	'not enough rights': permanently('RECIPIENT_REJECTED'),
	'have no rights to send': permanently('RECIPIENT_REJECTED'),
	CHAT_WRITE_FORBIDDEN: permanently('RECIPIENT_REJECTED'),
	'group chat was deleted': permanently('TARGET_GONE'),
	'group is deactivated': permanently('TARGET_GONE'),
	'group chat was upgraded': permanently('TARGET_GONE'),
	'message is too long': permanently('MESSAGE_REJECTED'),
	'text is too long': permanently('MESSAGE_REJECTED'),
	'message text is empty': permanently('MESSAGE_REJECTED'),
};
const STATUSES: Readonly<Record<number, CodedFailure>> = {
	400: permanently('MESSAGE_REJECTED'),
	401: permanently('AUTH_FAILED', 'the bot token is not valid'),
	// A method that does not exist: the token is part of its path.
	404: permanently('AUTH_FAILED', 'the bot token or base_url is not right'),
	403: permanently('RECIPIENT_REJECTED'),
};

/** core.telegram.org/bots/api#formatting-options: an entity marks the subject, so nothing in the text needs escaping. */
function contentOf({ subject, text }: Pick<OutgoingMessage, 'subject' | 'text'>) {
	return subject
		? {
				text: `${subject}\n${text}`,
				entities: [{ type: 'bold', offset: 0, length: subject.length }],
			}
		: { text };
}

/** core.telegram.org/bots/api#inlinekeyboardmarkup: rows of buttons; one row holds all of ours. */
function keyboardOf({ buttons = [] }: Pick<OutgoingMessage, 'buttons'>) {
	if (buttons.length === 0) return {};
	const row = buttons.map(({ label, data }) => ({ text: label, callback_data: data }));
	return { reply_markup: { inline_keyboard: [row] } };
}

/** core.telegram.org/bots/api#sendmessage: "Unique identifier for the target chat or username". */
const CHAT = /^(-?\d{1,16}|@[A-Za-z]\w{3,31})$/;
const NO_CHAT = 'must be a Telegram chat id, such as "123456789", or a public "@channelusername"';

const bot = service({
	key: 'bot_token',
	title: 'Bot',
	needs: 'http',
	settings: z.strictObject({
		bot_token: z
			.string()
			.regex(/^[^\s/?#\\%]+$/, 'must be the token that @BotFather gave, such as "123456789:AAF…"')
			.meta({
				description: 'Token of the bot, as @BotFather gave it.',
				examples: ['${TELEGRAM_BOT_TOKEN}'],
			}),
		default_chat_id: z
			.union([z.string(), z.int().transform(String)])
			.refine((id) => CHAT.test(id), NO_CHAT)
			.optional()
			.meta({
				description: 'Chat id or @channelusername for sends without a recipient. Default: none.',
				examples: ['-1001234567890'],
			}),
		base_url: baseUrl.default('https://api.telegram.org'),
	}),
	open({ bot_token, default_chat_id, base_url }) {
		const method = (name: string): string => urlBelow(base_url, `/bot${bot_token}/${name}`);
		const sendTo = (chat: string, message: OutgoingMessage): HttpExchange<Outcome> => ({
			via: 'http',
			request: {
				method: 'POST',
				url: method('sendMessage'),
				headers: { 'content-type': 'application/json' },
				body: JSON.stringify({ chat_id: chat, ...contentOf(message), ...keyboardOf(message) }),
				timeoutMs: message.timeoutMs,
			},
			classify: classifyAnswer,
			// core.telegram.org/bots/api#responseparameters: the group is a supergroup now, under another id. Nothing was
			// sent under the old one.
			followUp(reply) {
				const moved = parametersOf(reply).migrate_to_chat_id;
				return isChatId(moved) ? sendTo(String(moved), message) : undefined;
			},
		});
		return {
			defaultRecipient: default_chat_id,
			limits: vendorLimitsAt(base_url),
			refuseRecipient: (recipient) => (CHAT.test(recipient) ? undefined : NO_CHAT),
			refuseMessage(text, subject) {
				const { length } = contentOf({ text, subject }).text;
				return length > LONGEST_TEXT
					? `is ${length} characters long with its subject; Telegram takes at most ${LONGEST_TEXT}`
					: undefined;
			},
			prepare: (message) => sendTo(message.recipient, message),
			check: (timeoutMs) => ({
				via: 'http',
				request: { method: 'GET', url: method('getMe'), headers: {}, timeoutMs },
				classify: (reply, now) => classifyGetMe(reply, now, bot_token),
				followUp: (getMe) => {
					if (default_chat_id === undefined || jsonObject(getMe.body)?.ok !== true)
						return undefined;
					const query = `?chat_id=${encodeURIComponent(default_chat_id)}`;
					return {
						via: 'http',
						request: { method: 'GET', url: method('getChat') + query, headers: {}, timeoutMs },
						classify(reply, now) {
							const chat = classifyAnswer(reply, now);
							return chat.result === 'failed' ? chat : classifyGetMe(getMe, now, bot_token);
						},
					};
				},
			}),
		};
	},
});

/** At most 52 significant bits, so a number holds it (core.telegram.org/bots/api#responseparameters). */
function isChatId(value: unknown): value is number {
	return Number.isSafeInteger(value);
}

function parametersOf({ body }: HttpReply): Readonly<Record<string, unknown>> {
	const parameters = jsonObject(body)?.parameters;
	return typeof parameters === 'object' && parameters !== null ? { ...parameters } : {};
}

/**
 * `error_code` repeats the HTTP status, and is right where a proxy has changed that. Only an answer below 500 has a
 * sentence of Telegram's own.
 */
const TELEGRAM: Vendor = {
	service: 'Telegram',
	errors: {},
	read(reply, answer, answered, now) {
		const refuses = answer?.ok === false;
		const code = refuses && Number.isSafeInteger(answer.error_code) ? answer.error_code : undefined;
		const status = Number(code ?? reply.status);
		const sentence = answer?.description;
		const said = typeof sentence === 'string' && status < 500 ? sentence : '';
		const isRefusal = refuses || reply.status >= 300;
		return {
			throttles: isRefusal && status === 429,
			waitMs: waitOf(reply, said, now),
			failure: isRefusal ? failureOf(status, said, answered) : undefined,
		};
	},
};

const classifyAnswer = (reply: HttpReply | TransportFailure, now: number): Outcome =>
	readAnswer(TELEGRAM, reply, now);

function failureOf(status: number, said: string, answered: string): Failed | undefined {
	const words = Object.keys(SENTENCES).find((part) => said.includes(part));
	const sentence = words === undefined ? undefined : SENTENCES[words];
	if (sentence) return codedFailure(sentence, `${answered} (${words})`);
	const coded = STATUSES[status];
	if (coded) return codedFailure(coded, answered + shownSentence(said));
	return status >= 500
		? transientFailure('SERVICE_UNAVAILABLE', `${answered} (error_code ${status})`)
		: undefined;
}

/** Longer ones are not Telegram's, whose sentences are short. */
const LONGEST_SENTENCE = 256;
/** Most letters of what counts as a plain word; a token is longer. */
const LONGEST_WORD = 20;

/** A sentence of at most ten short plain words, which no part of a token or a URL can look like. */
function shownSentence(sentence: string): string {
	if (sentence.length > LONGEST_SENTENCE) return '';
	const [, rest = ''] = /^(?:Bad Request|Forbidden): ([A-Za-z' ]+)$/.exec(sentence) ?? [];
	const words = rest.split(' ').filter((word) => word !== '');
	const arePlain = words.every(({ length }) => length <= LONGEST_WORD);
	return words.length > 0 && words.length <= 10 && arePlain ? ` (${words.join(' ')})` : '';
}

/** The wait in milliseconds, from `parameters.retry_after` or the sentence ("Too Many Requests: retry after 35"). */
function waitOf(reply: HttpReply, said: string, now: number): number | undefined {
	const seconds = parametersOf(reply).retry_after;
	return typeof seconds === 'number' ? boundedWait(seconds * 1000) : parseTryAgain(said, now);
}

function classifyGetMe(
	reply: HttpReply | TransportFailure,
	now: number,
	token: string,
): CheckResult {
	const answer = 'body' in reply ? jsonObject(reply.body) : undefined;
	if (answer?.ok !== true)
		return unproven(classifyAnswer(reply, now), 'Telegram answered without "ok"');
	const me = answer.result;
	const { username } = typeof me === 'object' && me !== null ? { username: '', ...me } : {};
	const name = shownName(username, token);
	return works(name ? `@${name}` : undefined);
}

/** Telegram confirms that it took the message, not that anyone saw it. It has no way to recognise a repeat. */
export const telegram: Channel = {
	id: 'telegram',
	title: 'Telegram',
	docs: {
		needs: '`bot_token`',
		recipient:
			'a chat ID (`123456789`, `-100…`) or a public `@channelusername`; `default_chat_id` when a send names none',
		limits: '4,096 characters',
		delivered: 'Telegram took the message',
	},
	services: [bot],
};
