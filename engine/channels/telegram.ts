import { z } from 'zod/v4';
import type { HttpReply, HttpRequest, TransportFailure } from '../ports.ts';
import { unproven } from './answer.ts';
import { baseUrl, urlBelow } from './base-url.ts';
import {
	type Channel,
	type CheckResult,
	type HttpExchange,
	type Outcome,
	type OutgoingMessage,
	service,
} from './channel.ts';
import { jsonObject, shownName, works } from './http-outcome.ts';
import {
	classifyAnswer,
	classifyEdited,
	classifySent,
	isChatId,
	parametersOf,
} from './telegram-outcome.ts';
import { telegramAnswers } from './telegram-updates.ts';
import { vendorLimitsAt } from './vendor-limits.ts';
import { withNote } from './with-note.ts';

/**
 * core.telegram.org/bots/api#sendmessage: "1-4096 characters after entities parsing". Counted here in UTF-16 units,
 * which are never fewer. A longer text is refused and not split: one of two messages may arrive without the other, and
 * a retry would repeat it.
 */
const LONGEST_TEXT = 4096;

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
		updates: z
			.enum(['poll', 'webhook', 'off'])
			.optional()
			.meta({
				description:
					'How the answers to buttons come back. `poll`: the runner asks Telegram for them all the time; it needs no public URL, and the bot can have no webhook. `webhook`: the bot’s webhook is somebody else’s, such as n8n’s Telegram Trigger, who gets them. `off`: messages have no buttons. Default: the runner asks while there are policies or incidents.',
				examples: ['poll'],
			}),
		base_url: baseUrl.default('https://api.telegram.org'),
	}),
	open({ bot_token, default_chat_id, updates, base_url }) {
		const method = (name: string): string => urlBelow(base_url, `/bot${bot_token}/${name}`);
		const post = (name: string, body: object, timeoutMs: number): HttpRequest => ({
			method: 'POST',
			url: method(name),
			headers: { 'content-type': 'application/json' },
			body: JSON.stringify(body),
			timeoutMs,
		});
		const hasButtons = ({ buttons = [] }: OutgoingMessage): boolean =>
			updates !== 'off' && buttons.length > 0;
		const sendTo = (chat: string, message: OutgoingMessage): HttpExchange<Outcome> => ({
			via: 'http',
			request: post(
				'sendMessage',
				{
					chat_id: chat,
					...contentOf(message),
					...(hasButtons(message) ? keyboardOf(message) : {}),
				},
				message.timeoutMs,
			),
			classify: hasButtons(message) ? classifySent : classifyAnswer,
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
			// core.telegram.org/bots/api#editmessagetext
			edit({ messageId, note, timeoutMs, ...content }) {
				const [chat = '', message] = messageId.split(':');
				const noted = withNote(
					content,
					note,
					(text) => contentOf(text).text.length <= LONGEST_TEXT,
				);
				const body = {
					...{ chat_id: chat, message_id: Number(message) },
					...contentOf(noted),
					reply_markup: { inline_keyboard: [] },
				};
				const request = post('editMessageText', body, timeoutMs);
				return { via: 'http', request, classify: classifyEdited };
			},
			...(updates === 'webhook' || updates === 'off'
				? {}
				: { answers: telegramAnswers(bot_token, post, updates === 'poll') }),
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
