import { answerButtons } from '@sureping/engine';
import { type FakeTelegram, startTelegram } from '../../fakes/telegram.ts';
import {
	fetchClient,
	open,
	outcomeOf,
	outcomeOver,
	outgoing,
	requestOf,
	verdict,
} from '../../support/outgoing.ts';

const bot = open('telegram', { bot_token: '123:token-secret' });

describe('the request to sendMessage', () => {
	it('posts chat and text as JSON to the bot’s URL', () => {
		expect(requestOf(bot, outgoing({ recipient: '42' }))).toEqual({
			method: 'POST',
			url: 'https://api.telegram.org/bot123:token-secret/sendMessage',
			headers: { 'content-type': 'application/json' },
			body: '{"chat_id":"42","text":"The pump stopped"}',
			timeoutMs: 2_000,
		});
	});

	it('marks the subject as bold and leaves every letter as it is', () => {
		const { body } = requestOf(bot, outgoing({ subject: 'Pump <3> 🚰', text: '*5_6*' }));
		expect(JSON.parse(body ?? '')).toMatchObject({
			text: 'Pump <3> 🚰\n*5_6*',
			entities: [{ type: 'bold', offset: 0, length: 11 }],
		});
	});

	it('has its buttons in one row below the text', () => {
		const buttons = answerButtons('inc_01');
		const { body } = requestOf(bot, outgoing({ recipient: '42', buttons }));
		expect(JSON.parse(body ?? '')).toEqual({
			chat_id: '42',
			text: 'The pump stopped',
			reply_markup: {
				inline_keyboard: [
					[
						{ text: 'Acknowledge', callback_data: 'acknowledge:inc_01' },
						{ text: 'Resolve', callback_data: 'resolve:inc_01' },
					],
				],
			},
		});
	});

	it('goes to base_url instead, with or without a slash at its end', () => {
		for (const base_url of ['http://127.0.0.1:8081', 'http://127.0.0.1:8081/']) {
			const moved = open('telegram', { bot_token: '1:a', base_url });
			expect(requestOf(moved).url).toBe('http://127.0.0.1:8081/bot1:a/sendMessage');
		}
	});

	it.each([
		['42', true],
		['-1001234567890', true],
		['@ops_channel', true],
		['ops', false],
		['@ops channel', false],
		['@1ops', false],
		['4.2', false],
		['', false],
	])('to %j is possible: %s', (recipient, possible) => {
		expect(bot.refuseRecipient(recipient) === undefined).toBe(possible);
	});

	it.each(['42', -42, '@ops_channel'])('takes %j as its default chat', (default_chat_id) => {
		const connection = open('telegram', { bot_token: '1:a', default_chat_id });
		expect(connection.defaultRecipient).toBe(String(default_chat_id));
	});

	it('refuses what is longer than 4096 characters, its subject included', () => {
		expect(bot.refuseMessage('x'.repeat(4096))).toBeUndefined();
		expect(bot.refuseMessage('x'.repeat(4097))).toMatch(/4097 .* Telegram takes at most 4096$/);
		expect(bot.refuseMessage('x'.repeat(4091), 'Pump')).toBeUndefined();
		expect(bot.refuseMessage('x'.repeat(4092), 'Pump')).toContain('4097');
	});
});

describe('what Telegram’s answer means', () => {
	const answer = (error_code: number, description: string, parameters?: object): string =>
		verdict(
			outcomeOf(bot, {
				status: error_code,
				body: JSON.stringify({ ok: false, error_code, description, parameters }),
			}),
		);

	it.each([
		[400, 'Bad Request: chat not found', 'RECIPIENT_REJECTED permanent'],
		[400, 'Bad Request: private chat not found', 'RECIPIENT_REJECTED permanent'],
		[400, 'Bad Request: PEER_ID_INVALID', 'RECIPIENT_REJECTED permanent'],
		[400, 'Bad Request: not enough rights to send text messages', 'RECIPIENT_REJECTED permanent'],
		[400, 'Bad Request: group chat was upgraded to a supergroup chat', 'TARGET_GONE permanent'],
		[400, 'Bad Request: message is too long', 'MESSAGE_REJECTED permanent'],
		[400, 'Bad Request: message text is empty', 'MESSAGE_REJECTED permanent'],
		[400, 'Bad Request: a sentence of tomorrow', 'MESSAGE_REJECTED permanent'],
		[401, 'Unauthorized', 'AUTH_FAILED permanent'],
		[403, 'Forbidden: bot was blocked by the user', 'RECIPIENT_REJECTED permanent'],
		[403, 'Forbidden: user is deactivated', 'RECIPIENT_REJECTED permanent'],
		[403, "Forbidden: bot can't initiate conversation with a user", 'RECIPIENT_REJECTED permanent'],
		[403, "Forbidden: bot can't send messages to bots", 'RECIPIENT_REJECTED permanent'],
		[403, 'Forbidden: bot was kicked from the group chat', 'RECIPIENT_REJECTED permanent'],
		[403, 'Forbidden: bot is not a member of the channel chat', 'RECIPIENT_REJECTED permanent'],
		[403, 'Forbidden: the group chat was deleted', 'TARGET_GONE permanent'],
		[403, 'Forbidden: a sentence of tomorrow', 'RECIPIENT_REJECTED permanent'],
		[404, 'Not Found', 'AUTH_FAILED permanent'],
		[409, 'Conflict', 'MESSAGE_REJECTED permanent'],
		[500, 'Internal Server Error: restart', 'SERVICE_UNAVAILABLE for now'],
		[502, 'Bad Gateway', 'SERVICE_UNAVAILABLE for now'],
	])('%d %j is %s', (status, description, expected) => {
		expect(answer(status, description)).toBe(expected);
	});

	it('waits as parameters.retry_after says, in seconds', () => {
		const sentence = 'Too Many Requests: retry after 35';
		expect(answer(429, sentence, { retry_after: 35 })).toBe('RATE_LIMITED for now after 35000');
		expect(answer(429, sentence)).toBe('RATE_LIMITED for now after 35000');
		expect(answer(429, 'Too Many Requests')).toBe('RATE_LIMITED for now');
		const proxied = { status: 429, headers: { 'retry-after': '7' }, body: '' };
		expect(verdict(outcomeOf(bot, proxied))).toBe('RATE_LIMITED for now after 7000');
	});

	it('is delivered by every 200 that does not say no', () => {
		for (const body of ['{"ok":true}', '{"ok":1}', 'gateway']) {
			expect(verdict(outcomeOf(bot, { body }))).toBe('delivered');
		}
		const refused = { ok: false, error_code: 403, description: 'Forbidden: user is deactivated' };
		expect(verdict(outcomeOf(bot, { body: JSON.stringify(refused) }))).toBe(
			'RECIPIENT_REJECTED permanent',
		);
	});

	it('says in words what was refused', () => {
		const said = (description: string): unknown =>
			outcomeOf(bot, { status: 400, body: JSON.stringify({ ok: false, description }) });
		expect(said('Bad Request: chat not found')).toMatchObject({
			error: { message: 'Telegram answered 400 (chat not found)' },
		});
		expect(said("Bad Request: can't parse entities")).toMatchObject({
			error: { message: "Telegram answered 400 (can't parse entities)" },
		});
	});
});

describe('over HTTP', () => {
	let telegram: FakeTelegram;
	beforeEach(async () => {
		telegram = await startTelegram();
	});
	afterEach(() => telegram.close());

	const send = (recipient: string, more = {}, token = telegram.botToken) =>
		outcomeOver(
			{ http: fetchClient },
			open('telegram', { bot_token: token, base_url: telegram.url }),
			outgoing({ recipient, ...more }),
		);

	it.each(['42', '@ops_channel', '-1009000'])('a message to %s arrives', async (recipient) => {
		expect(verdict(await send(recipient, { subject: 'Pump 3' }))).toBe('delivered');
		expect(telegram.messages).toEqual([{ chat: recipient, text: 'Pump 3\nThe pump stopped' }]);
	});

	it.each([
		['41', 'RECIPIENT_REJECTED permanent'],
		['43', 'RECIPIENT_REJECTED permanent'],
		['44', 'RECIPIENT_REJECTED permanent'],
		['-45', 'RECIPIENT_REJECTED permanent'],
		['-46', 'TARGET_GONE permanent'],
		['@read_only', 'RECIPIENT_REJECTED permanent'],
	])('a message to %s is %s', async (recipient, expected) => {
		expect(verdict(await send(recipient))).toBe(expected);
		expect(telegram.messages).toEqual([]);
	});

	it('a token that is wrong, or none at all, fails for good', async () => {
		const wrong = `${telegram.botToken.slice(0, -1)}1`;
		expect(verdict(await send('42', {}, wrong))).toBe('AUTH_FAILED permanent');
		expect(verdict(await send('42', {}, 'my-bot'))).toBe('AUTH_FAILED permanent');
	});

	it('a group that became a supergroup gets the message in the same attempt, once', async () => {
		expect(verdict(await send('-9000'))).toBe('delivered');
		expect(telegram.messages).toEqual([{ chat: '-1009000', text: 'The pump stopped' }]);
		expect(telegram.requests).toHaveLength(2);
	});

	it('a group that moved twice is gone, instead of being followed for ever', async () => {
		expect(verdict(await send('-9001'))).toBe('TARGET_GONE permanent');
		expect(telegram.requests).toHaveLength(2);
	});

	it('a queued 429 asks to wait in its body', async () => {
		telegram.answer({ status: 429, retryAfter: 3 });
		expect(verdict(await send('42'))).toBe('RATE_LIMITED for now after 3000');
	});

	it('what we let pass is short enough for Telegram, emoji included', async () => {
		expect(verdict(await send('42', { text: '🚰'.repeat(2048) }))).toBe('delivered');
		expect(verdict(await send('42', { text: 'x'.repeat(4097) }))).toBe(
			'MESSAGE_REJECTED permanent',
		);
	});
});
