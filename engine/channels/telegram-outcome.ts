import type { HttpReply, TransportFailure } from '../ports.ts';
import { boundedWait, parseTryAgain } from '../time.ts';
import { readAnswer, type Vendor } from './answer.ts';
import type { Failed, Outcome } from './channel.ts';
import {
	type CodedFailure,
	codedFailure,
	deliveredByService,
	jsonObject,
	permanently,
	transientFailure,
	type VendorErrors,
} from './http-outcome.ts';

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
	'message to edit not found': permanently('TARGET_GONE'),
	"message can't be edited": permanently('MESSAGE_REJECTED'),
	'query is too old': permanently('EXPIRED', 'the person no longer waits for it'),
};
const STATUSES: Readonly<Record<number, CodedFailure>> = {
	400: permanently('MESSAGE_REJECTED'),
	401: permanently('AUTH_FAILED', 'the bot token is not valid'),
	// A method that does not exist: the token is part of its path.
	404: permanently('AUTH_FAILED', 'the bot token or base_url is not right'),
	403: permanently('RECIPIENT_REJECTED'),
};

/** At most 52 significant bits, so a number holds it (core.telegram.org/bots/api#responseparameters). */
export function isChatId(value: unknown): value is number {
	return Number.isSafeInteger(value);
}

export function parametersOf({ body }: HttpReply): Readonly<Record<string, unknown>> {
	return memberOf(jsonObject(body), 'parameters');
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

/** The meaning of Telegram's answer to a call. */
export const classifyAnswer = (reply: HttpReply | TransportFailure, now: number): Outcome =>
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

/** The id that a message is edited by, and by which answers to it are recognised: a message's number is its chat's own. */
export const messageIdOf = (chat: unknown, message: unknown): string | undefined =>
	isChatId(chat) && isChatId(message) ? `${chat}:${message}` : undefined;

/** As `classifyAnswer`, for a message that can be answered: with its id. The group may have become a supergroup meanwhile. */
export function classifySent(reply: HttpReply | TransportFailure, now: number): Outcome {
	const outcome = classifyAnswer(reply, now);
	if (outcome.result === 'failed' || !('body' in reply)) return outcome;
	const { chat, message_id } = memberOf(jsonObject(reply.body), 'result');
	const messageId = messageIdOf(memberOf({ chat }, 'chat').id, message_id);
	return messageId === undefined ? outcome : { ...outcome, messageId };
}

/** An edit that changes nothing was made before, and its answer was lost. */
export function classifyEdited(reply: HttpReply | TransportFailure, now: number): Outcome {
	const said = 'body' in reply ? jsonObject(reply.body)?.description : undefined;
	return typeof said === 'string' && said.includes('message is not modified')
		? deliveredByService
		: classifyAnswer(reply, now);
}

/** A member that is an object, or an object with nothing in it. */
export function memberOf(
	object: Readonly<Record<string, unknown>> | undefined,
	name: string,
): Readonly<Record<string, unknown>> {
	const member = object?.[name];
	return typeof member === 'object' && member !== null ? { ...member } : {};
}
