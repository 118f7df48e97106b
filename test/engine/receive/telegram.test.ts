import { type RawRequest, receive } from '@sureping/engine';
import { readEvent } from '../../support/read-event.ts';
import { telegram } from '../../support/webhooks/telegram.ts';

describe('Telegram’s secret token', () => {
	const reasonOf = (token: string | readonly string[], secrets = [telegram.secret]): string => {
		const request: RawRequest = {
			method: 'POST',
			url: '/',
			headers: { 'x-telegram-bot-api-secret-token': token },
			body: Buffer.from(telegram.body),
		};
		const received = receive('telegram', request, secrets, { now: 0 });
		return received.ok ? 'accepted' : received.reason;
	};

	it.each([
		['the right one', telegram.secret, 'accepted'],
		['another case', telegram.secret.toUpperCase(), 'bad_signature'],
		['more than it', `${telegram.secret}x`, 'bad_signature'],
		['what Telegram does not allow', 'with space', 'malformed_signature'],
		['more than Telegram allows', 'a'.repeat(257), 'malformed_signature'],
		['nothing', '', 'missing_header'],
	])('with %s', (_what, token, reason) => {
		expect(reasonOf(token)).toBe(reason);
	});

	it('is none when the secret is empty', () => {
		expect(reasonOf('', [''])).toBe('missing_header');
	});
});

describe('an update', () => {
	const member = (status: string, type = 'private'): unknown => ({
		update_id: 7,
		my_chat_member: {
			chat: { id: 42, type },
			date: 1_685_449_242,
			old_chat_member: { status: 'member' },
			new_chat_member: { status },
		},
	});

	it.each([
		['a person stopped the bot', member('kicked'), 'notification.unsubscribed'],
		['a person started it again', member('member'), 'notification.subscribed'],
		['a person made it something else', member('administrator'), 'unknown'],
		['a group threw it out', member('kicked', 'supergroup'), 'unknown'],
	])('when %s', async (_what, update, type) => {
		expect(await readEvent(telegram, update)).toMatchObject({
			type,
			eventId: '7',
			notificationId: '42',
			recipient: '42',
			occurredAt: '2023-05-30T12:20:42.000Z',
		});
	});

	it('about a reaction comes through with the message that it is about', async () => {
		const message_reaction = { chat: { id: 42, type: 'private' }, message_id: 9, date: 1 };
		expect(await readEvent(telegram, { update_id: 8, message_reaction })).toMatchObject({
			type: 'unknown',
			providerEvent: 'message_reaction',
			notificationId: '9',
		});
	});

	it('of a kind that nobody knows yet comes through', async () => {
		expect(await readEvent(telegram, { update_id: 9, brand_new: 'text' })).toMatchObject({
			type: 'unknown',
			providerEvent: 'brand_new',
			eventId: '9',
		});
	});

	it.each([{}, { update_id: 'x' }, { update_id: -1 }, []])('cannot be read in %j', async (raw) => {
		expect(await readEvent(telegram, raw)).toMatchObject({
			type: 'unknown',
			unreadable: true,
			raw,
		});
	});

	it('has an id of its own where it lacks Telegram’s', async () => {
		const message = { message_id: 7, chat: { id: 42 }, text: 'hello' };
		const event = await readEvent(telegram, { message });
		expect(event).toMatchObject({ type: 'notification.received', recipient: '42' });
		expect(event.eventId).toMatch(/^telegram_/);
	});
});
