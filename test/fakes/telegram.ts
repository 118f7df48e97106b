import {
	type Answer,
	json,
	objectIn,
	type RecordedRequest,
	type RecordingServer,
	type ScriptedAnswer,
	startRecordingServer,
} from './recording-server.ts';

export interface FakeTelegram extends RecordingServer {
	readonly botToken: string;
	/** Posted messages, oldest first. */
	readonly messages: readonly { readonly chat: string; readonly text: string }[];
	/** `callback_data` of the buttons of each message. */
	readonly keyboards: readonly (readonly string[])[];
	/** Texts that were shown to those who pressed buttons. */
	readonly told: readonly string[];
	/** Ada presses a button of the message with this number, from 1, in its chat or in another. */
	press(message: number, data: string, chat?: number): void;
}

const BOT_TOKEN = '123456789:AAF4keFakeFakeFakeFakeFakeFakeFake0';

/** Each chat with the refusal that a message to it meets, if any (github.com/tdlib/telegram-bot-api, Client.cpp). */
const CHATS: Readonly<Record<string, readonly [status: number, sentence: string] | undefined>> = {
	'42': undefined,
	'@ops_channel': undefined,
	'-1009000': undefined,
	'43': [403, 'Forbidden: bot was blocked by the user'],
	'44': [403, 'Forbidden: user is deactivated'],
	'-45': [403, 'Forbidden: bot was kicked from the group chat'],
	'-46': [403, 'Forbidden: the group chat was deleted'],
	'@read_only': [400, 'Bad Request: need administrator rights in the channel chat'],
};
/** Groups that became supergroups. */
const MOVED: Readonly<Record<string, number>> = { '-9000': -1009000, '-9001': -9000 };

const LONGEST_TEXT = 4096;

function refuse(status: number, description: string, parameters?: object): Answer {
	return json(status, {
		ok: false,
		error_code: status,
		description,
		...(parameters && { parameters }),
	});
}

interface Message {
	chat: string;
	text: string;
}

/**
 * A Telegram of its own: `sendMessage`, `editMessageText`, `getUpdates`, `answerCallbackQuery`, `getMe` and `getChat`
 * (core.telegram.org/bots/api). `getUpdates` answers at once, as with a timeout of 0.
 */
export async function startTelegram(): Promise<FakeTelegram> {
	const messages: Message[] = [];
	const keyboards: (readonly string[])[] = [];
	const told: string[] = [];
	const updates: { update_id: number; callback_query: object }[] = [];
	let nextUpdate = 1000;
	const call = (request: RecordedRequest): Answer => {
		const { pathname, searchParams } = new URL(request.path, 'http://localhost');
		const [, token, method] = /^\/bot([^/]+)\/(\w+)$/.exec(pathname) ?? [];
		// The real one cannot tell a wrong path from a token that has no token's form.
		if (token === undefined || !/^\d+:[\w-]{35}$/.test(token)) return refuse(404, 'Not Found');
		if (token !== BOT_TOKEN) return refuse(401, 'Unauthorized');
		const isJson = /^application\/json\b/.test(request.headers['content-type'] ?? '');
		const parameters = {
			...Object.fromEntries(searchParams),
			...(isJson ? objectIn(request.body) : {}),
		};
		switch (method) {
			case 'getMe':
				return json(200, {
					ok: true,
					result: { id: 123456789, is_bot: true, first_name: 'Ops', username: 'ops_test_bot' },
				});
			case 'getChat':
				return (
					chatRefusal(parameters) ?? json(200, { ok: true, result: { id: 42, type: 'private' } })
				);
			case 'sendMessage':
				return sendMessage(parameters, messages, keyboards);
			case 'editMessageText':
				return editMessage(parameters, messages, keyboards);
			case 'getUpdates': {
				const from = Number(parameters.offset ?? 0);
				// An offset confirms all before it.
				while ((updates[0]?.update_id ?? Infinity) < from) updates.shift();
				return json(200, { ok: true, result: updates });
			}
			case 'answerCallbackQuery':
				told.push(String(parameters.text));
				return json(200, { ok: true, result: true });
			default:
				return refuse(404, 'Not Found');
		}
	};
	const server = await startRecordingServer(call, fill);
	const press: FakeTelegram['press'] = (
		message,
		data,
		chatId = Number(messages[message - 1]?.chat),
	) => {
		const chat = { id: chatId, type: 'private' };
		const update_id = nextUpdate++;
		const query = {
			id: `q${update_id}`,
			from: { id: chatId, is_bot: false, first_name: 'Ada' },
			data,
		};
		updates.push({
			update_id,
			callback_query: {
				...query,
				chat_instance: '1',
				message: { message_id: message, chat, date: 1 },
			},
		});
	};
	return { ...server, botToken: BOT_TOKEN, messages, keyboards, told, press };
}

function chatRefusal({ chat_id }: Readonly<Record<string, unknown>>): Answer | undefined {
	if (chat_id === undefined || chat_id === '') return refuse(400, 'Bad Request: chat_id is empty');
	const chat = String(chat_id);
	const movedTo = MOVED[chat];
	if (movedTo !== undefined) {
		const sentence = 'Bad Request: group chat was upgraded to a supergroup chat';
		return refuse(400, sentence, { migrate_to_chat_id: movedTo });
	}
	if (!Object.hasOwn(CHATS, chat)) return refuse(400, 'Bad Request: chat not found');
	const refusal = CHATS[chat];
	return refusal && refuse(...refusal);
}

function sendMessage(
	parameters: Readonly<Record<string, unknown>>,
	messages: Message[],
	keyboards: (readonly string[])[],
): Answer {
	const { chat_id, text, entities = [] } = parameters;
	const refusal = chatRefusal(parameters);
	if (refusal) return refusal;
	if (typeof text !== 'string' || text.trim() === '') {
		return refuse(400, 'Bad Request: message text is empty');
	}
	if ([...text].length > LONGEST_TEXT) return refuse(400, 'Bad Request: message is too long');
	const fits = (entity: unknown): boolean => {
		const { type, offset, length } = { type: '', offset: NaN, length: NaN, ...Object(entity) };
		return type === 'bold' && offset >= 0 && length > 0 && offset + length <= text.length;
	};
	if (!Array.isArray(entities) || !entities.every(fits)) {
		return refuse(400, "Bad Request: can't parse entities");
	}
	messages.push({ chat: String(chat_id), text });
	keyboards.push(buttonsOf(parameters));
	const chat = { id: Number(chat_id), type: 'private' };
	return json(200, { ok: true, result: { message_id: messages.length, chat, text } });
}

function buttonsOf({ reply_markup: markup }: Readonly<Record<string, unknown>>): readonly string[] {
	const { inline_keyboard: rows } = { inline_keyboard: [], ...Object(markup) };
	return Array.isArray(rows) ? rows.flat().map((button) => String(button.callback_data)) : [];
}

function editMessage(
	parameters: Readonly<Record<string, unknown>>,
	messages: Message[],
	keyboards: (readonly string[])[],
): Answer {
	const message = messages[Number(parameters.message_id) - 1];
	if (message?.chat !== String(parameters.chat_id)) {
		return refuse(400, 'Bad Request: message to edit not found');
	}
	message.text = String(parameters.text);
	keyboards[Number(parameters.message_id) - 1] = buttonsOf(parameters);
	return json(200, { ok: true, result: { message_id: parameters.message_id } });
}

/** Telegram's description for a status. Its 429 has the wait in the body alone (core.telegram.org/bots/api#responseparameters). */
function fill({ status = 200, body, retryAfter }: ScriptedAnswer): Answer {
	if (body !== undefined) return { status, body };
	if (status === 200) return json(200, { ok: true, result: { message_id: 1 } });
	if (status !== 429)
		return refuse(status, status >= 500 ? 'Internal Server Error' : 'Bad Request');
	const seconds = retryAfter ?? 1;
	const sentence = `Too Many Requests: retry after ${seconds}`;
	return { ...refuse(429, sentence, { retry_after: seconds }), tellsWait: true };
}
