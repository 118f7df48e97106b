import { receivedEvent, receivedEvents } from '../../support/webhooks/received.ts';
import { resend } from '../../support/webhooks/resend.ts';
import { MESSAGE_ID } from '../../support/webhooks/standard-webhooks-request.ts';

const mail = { email_id: 'e1', from: 'a@example.com', to: ['b@example.com'] };

describe('reading Resend’s webhooks', () => {
	it('takes Svix’s signed id for the event’s', async () => {
		const event = await receivedEvent(resend, { type: 'email.sent', data: mail });
		expect(event.eventId).toBe(MESSAGE_ID);
	});

	it.each([
		['Permanent', 'hard'],
		['Transient', 'soft'],
		['Undetermined', 'soft'],
	])('takes a %s bounce for a %s one', async (type, bounceType) => {
		const bounce = { type, subType: 'General', message: 'no' };
		const event = await receivedEvent(resend, { type: 'email.bounced', data: { ...mail, bounce } });
		expect(event).toMatchObject({ bounceType, error: { code: 'General', message: 'no' } });
	});

	it('is an event for every recipient of a mail, named by address', async () => {
		const data = { ...mail, to: ['Recipient <b@example.com>', 'c@example.com'] };
		const events = await receivedEvents(resend, { type: 'email.sent', data });
		expect(events.map(({ recipient }) => recipient)).toEqual(['b@example.com', 'c@example.com']);
		expect(new Set(events.map(({ eventId }) => eventId)).size).toBe(2);
		// One of them opened it, and nothing says which.
		const opened = await receivedEvent(resend, { type: 'email.opened', data });
		expect(opened).not.toHaveProperty('recipient');
	});

	it.each([
		['GoogleImageProxy', true],
		['Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) Safari/605.1.15', undefined],
	])('knows whether a machine clicked: %s', async (userAgent, machine) => {
		const click = { link: 'https://resend.com', userAgent };
		const event = await receivedEvent(resend, { type: 'email.clicked', data: { ...mail, click } });
		expect(event.link).toBe('https://resend.com');
		expect(event.machine).toBe(machine);
	});

	it.each([
		['a type that it does not know', 'email.snoozed', mail, 'e1'],
		['a mail without an id', 'email.delivered', { to: ['b@example.com'] }, MESSAGE_ID],
		['what is not about a mail', 'inbox.created', { inbox_id: 'i1' }, MESSAGE_ID],
		['a name of Object.prototype', 'constructor', mail, 'e1'],
	])('leaves %s unknown', async (_what, type, data, notificationId) => {
		const event = await receivedEvent(resend, { type, data });
		expect(event).toMatchObject({ type: 'unknown', providerEvent: type, notificationId });
	});

	it('reads a mail whose optional facts have another form', async () => {
		const data = { ...mail, to: 'b@example.com', tags: ['x'], bounce: 'hard' };
		const event = await receivedEvent(resend, { type: 'email.bounced', data });
		expect(event).toMatchObject({ type: 'notification.bounced', metadata: {}, bounceType: 'soft' });
	});

	it.each([['{"type":"email.sent"}'], ['{"data":{}}'], ['[]']])(
		'loses nothing of the body %s',
		async (body) => {
			expect(await receivedEvent(resend, body)).toMatchObject({
				type: 'unknown',
				raw: JSON.parse(body),
			});
		},
	);
});
