import { firstCharacters } from '../graphemes.ts';
import type { HttpReply, HttpRequest, TransportFailure } from '../ports.ts';
import type { AnswerSource, AnswersRead, ButtonAnswer, Failed } from './channel.ts';
import { jsonObject, permanentFailure, transientFailure } from './http-outcome.ts';
import { classifyAnswer, memberOf, messageIdOf } from './telegram-outcome.ts';

/** core.telegram.org/bots/api#answercallbackquery: "0-200 characters". */
const LONGEST_LINE = 200;

/**
 * Updates in one answer. A button's update repeats the message below which it is, up to 25 KB of JSON; an answer is read up
 * to 64 KB.
 */
const AT_ONCE = 2;

/** Time beyond its wait that a request for updates may take. */
const SPARE_MS = 10_000;

/** The updates of a bot, as far as they are presses of buttons. */
export function telegramAnswers(
	token: string,
	post: (method: string, body: object, timeoutMs: number) => HttpRequest,
	isAlways: boolean,
): AnswerSource {
	return {
		// The number before the colon is the bot's public id.
		account: `telegram:${token.split(':')[0] ?? ''}`,
		isAlways,
		// core.telegram.org/bots/api#getupdates
		poll: (offset, waitS) => ({
			via: 'http',
			request: post(
				'getUpdates',
				{
					...(offset === undefined ? {} : { offset }),
					limit: AT_ONCE,
					timeout: waitS,
					allowed_updates: ['callback_query'],
				},
				waitS * 1000 + SPARE_MS,
			),
			classify: readUpdates,
		}),
		tell: (answerId, text, timeoutMs) => ({
			via: 'http',
			request: post(
				'answerCallbackQuery',
				{ callback_query_id: answerId, text: firstCharacters(text.toWellFormed(), LONGEST_LINE) },
				timeoutMs,
			),
			classify: classifyAnswer,
		}),
	};
}

function readUpdates(reply: HttpReply | TransportFailure, now: number): AnswersRead {
	const outcome = classifyAnswer(reply, now);
	const answer = 'body' in reply ? jsonObject(reply.body) : undefined;
	if ('body' in reply && reply.status === 409) return conflict(answer?.description);
	if (outcome.result === 'failed') return outcome;
	const { result } = answer ?? {};
	if (Array.isArray(result)) return answersOf(result);
	return 'body' in reply ? skipped(reply.body) : transientFailure('UNEXPECTED_ANSWER', NO_LIST);
}

const NO_LIST = 'Telegram answered without a list of updates';

/** Of an answer that cannot be read, the first update is skipped: it would be sent again for ever. */
function skipped(body: string): AnswersRead {
	const [, id] = /"update_id":\s?(\d{1,15})/.exec(body) ?? [];
	return id === undefined
		? transientFailure('UNEXPECTED_ANSWER', NO_LIST)
		: { result: 'answers', answers: [], next: Number(id) + 1 };
}

/** The sentences are those of github.com/tdlib/telegram-bot-api, Client.cpp. */
function conflict(sentence: unknown): Failed {
	const isWebhook = typeof sentence === 'string' && sentence.includes('webhook');
	return permanentFailure(
		'NOT_CONFIGURED',
		isWebhook
			? 'the bot has a webhook, so Telegram gives its answers to nobody else. Use another bot for Sureping, remove the webhook (deleteWebhook), or set updates: webhook on the connection'
			: 'another program asks for the updates of this bot. Use another bot for Sureping, stop the other program, or set updates: off on the connection',
	);
}

function answersOf(updates: readonly unknown[]): AnswersRead {
	const answers: ButtonAnswer[] = [];
	let next: number | undefined;
	for (const update of updates) {
		const found = memberOf({ update }, 'update');
		const position = found.update_id;
		if (typeof position !== 'number' || !Number.isSafeInteger(position)) continue;
		next = Math.max(next ?? 0, position + 1);
		const answer = answerOf(memberOf(found, 'callback_query'), position);
		if (answer) answers.push(answer);
	}
	return { result: 'answers', answers, next };
}

/** core.telegram.org/bots/api#callbackquery. Its data may be anything: a client need not send what a button has. */
function answerOf(
	query: Readonly<Record<string, unknown>>,
	position: number,
): ButtonAnswer | undefined {
	const { id, data } = query;
	if (typeof id !== 'string') return undefined;
	const from = memberOf(query, 'from');
	const message = memberOf(query, 'message');
	const chat = memberOf(message, 'chat');
	return {
		id,
		position,
		data: typeof data === 'string' ? data : '',
		messageId: messageIdOf(chat.id, message.message_id),
		chats: addressesOf(chat),
		person: { addresses: addressesOf(from), name: nameOf(from) },
	};
}

function addressesOf({ id, username }: Readonly<Record<string, unknown>>): readonly string[] {
	return [
		...(typeof id === 'number' ? [String(id)] : []),
		...(typeof username === 'string' ? [`@${username}`] : []),
	];
}

/** Most characters of a name that are kept; Telegram's own limit is 64 for each of the two. */
const LONGEST_NAME = 130;

function nameOf({ first_name, last_name, username }: Readonly<Record<string, unknown>>): string {
	const names = [first_name, last_name].filter((name) => typeof name === 'string' && name !== '');
	const name = names.join(' ') || (typeof username === 'string' ? `@${username}` : '');
	return firstCharacters(name.toWellFormed(), LONGEST_NAME) || 'somebody on Telegram';
}
