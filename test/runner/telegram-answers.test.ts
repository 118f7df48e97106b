import { type FakeTelegram, startTelegram } from '../fakes/telegram.ts';
import { type RunnerProcess, startRunner } from '../support/runner-process.ts';
import { waitUntil } from '../support/wait-until.ts';

describe('an answer by Telegram, with no port that Telegram could reach', () => {
	let telegram: FakeTelegram;
	let runner: RunnerProcess;
	beforeAll(async () => {
		telegram = await startTelegram();
		runner = await startRunner({
			connections: [
				{
					name: 'bot',
					channel: 'telegram',
					bot_token: telegram.botToken,
					base_url: telegram.url,
				},
				{ name: 'terminal', channel: 'console' },
			],
			contacts: [
				{ id: 'ada', name: 'Ada', addresses: [{ channel: 'telegram', address: '42' }] },
				{ id: 'bob', name: 'Bob', addresses: [{ channel: 'console', address: 'bob' }] },
			],
			policies: [
				{
					name: 'page',
					steps: [
						{ after_s: 0, notify: ['contact:ada'] },
						{ after_s: 600, notify: ['contact:bob'] },
					],
				},
			],
		});
	});
	afterAll(async () => {
		await runner.dispose();
		await telegram.close();
	});

	const paged = async (message: string): Promise<{ id: string; number: number }> => {
		const sent = await runner.post('/send', { message, escalation: 'page' });
		const isShown = (): boolean => telegram.messages.some(({ text }) => text.includes(message));
		await waitUntil('it is paged', isShown);
		const number = telegram.messages.findIndex(({ text }) => text.includes(message)) + 1;
		return { id: sent.body.incident.id, number };
	};
	const buttonOf = (number: number, action: string): string =>
		telegram.keyboards[number - 1]?.find((data) => data.startsWith(action)) ?? 'none';
	const statusOf = async (id: string): Promise<string> =>
		(await runner.get(`/incidents/${id}`)).body.status;

	it('acknowledges, tells the person, and takes the buttons away', async () => {
		const { id, number } = await paged('The database is down');
		telegram.press(number, buttonOf(number, 'ack'));
		await waitUntil('it is acknowledged', async () => (await statusOf(id)) === 'acknowledged');
		const { body } = await runner.get(`/incidents/${id}`);
		expect(body.answers).toMatchObject([
			{ by: 'ada', via: 'telegram', via_channel: 'telegram:bot' },
		]);
		await waitUntil('the message says so', () =>
			/Acknowledged by ada/.test(telegram.messages[number - 1]?.text ?? ''),
		);
		expect(telegram.keyboards[number - 1]).toEqual([]);
		await waitUntil('the person is told', () => telegram.told.length > 0);
	});

	it('takes nothing from a chat that was not paged', async () => {
		const { id, number } = await paged('The disk is full');
		const before = telegram.told.length;
		telegram.press(number, buttonOf(number, 'ack'), 77);
		await waitUntil('the person is told', () => telegram.told.length > before);
		expect(telegram.told.at(-1)).toMatch(/cannot be answered here/);
		expect(await statusOf(id)).toBe('open');
	});
});
