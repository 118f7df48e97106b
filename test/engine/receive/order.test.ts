import { OrderMemory, type ReceivedEvent, type ReceivedType } from '@sureping/engine';

const event = (type: ReceivedType, changes: Partial<ReceivedEvent> = {}): ReceivedEvent => ({
	eventId: `${type}-1`,
	provider: 'twilio',
	type,
	notificationId: 'SM1',
	status: type,
	final: type === 'notification.delivered',
	occurredAt: '2026-01-15T10:31:45.000Z',
	receivedAt: '2026-01-15T10:31:46.000Z',
	metadata: {},
	raw: {},
	...changes,
});

const placed = (memory: OrderMemory, ...events: ReceivedEvent[]): (true | undefined)[] =>
	events.map((one) => memory.place(one).outOfOrder);

it('leaves what comes in order as it is', () => {
	const memory = new OrderMemory(10);
	const events = [event('notification.queued'), event('notification.sent')];
	expect(events.map((one) => memory.place(one))).toEqual(events);
	const delivered = event('notification.delivered');
	expect(memory.place(delivered)).toBe(delivered);
});

it('marks an event of an earlier stage that comes later, and makes it not final', () => {
	const memory = new OrderMemory(10);
	memory.place(event('notification.delivered'));
	expect(memory.place(event('notification.sent', { final: true }))).toMatchObject({
		outOfOrder: true,
		final: false,
	});
	expect(placed(memory, event('notification.queued'))).toEqual([true]);
});

it('does not take a correction of the same stage for late: delivered, then bounced', () => {
	const memory = new OrderMemory(10);
	const events = [event('notification.delivered'), event('notification.bounced')];
	expect(placed(memory, ...events)).toEqual([undefined, undefined]);
});

it('takes what comes after the message was read for late, but for another word on its arrival', () => {
	const memory = new OrderMemory(10);
	const types = ['notification.read', 'notification.sent', 'notification.delivered'] as const;
	expect(placed(memory, ...types.map((type) => event(type)))).toEqual([undefined, true, undefined]);
});

it('says nothing about engagement, inbound messages and what is unknown', () => {
	const memory = new OrderMemory(10);
	const types = ['notification.opened', 'notification.received', 'unknown'] as const;
	memory.place(event('notification.delivered'));
	expect(placed(memory, ...types.map((type) => event(type)))).toEqual(Array(3).fill(undefined));
	expect(
		placed(new OrderMemory(10), event('notification.opened'), event('notification.queued')),
	).toEqual([undefined, undefined]);
});

it.each([
	{ notificationId: 'SM2' },
	{ channel: 'whatsapp' },
	{ recipient: '+964' },
	{ deliveryId: 'dlv_2' },
	{ provider: 'vonage' },
] satisfies Partial<ReceivedEvent>[])('keeps deliveries apart: %j', (other) => {
	const memory = new OrderMemory(10);
	memory.place(event('notification.delivered'));
	expect(placed(memory, event('notification.sent', other))).toEqual([undefined]);
});

it('knows a delivery by its id also where the recipient is written in another way', () => {
	const memory = new OrderMemory(10);
	memory.place(event('notification.delivered', { deliveryId: 'dlv_1', recipient: '+964 770' }));
	const late = event('notification.sent', { deliveryId: 'dlv_1', recipient: '964770' });
	expect(placed(memory, late)).toEqual([true]);
});

it('forgets the delivery that it heard of longest ago, and no more than that', () => {
	const memory = new OrderMemory(2);
	const of = (type: ReceivedType, notificationId: string): ReceivedEvent =>
		event(type, { notificationId });
	memory.place(of('notification.delivered', 'one'));
	memory.place(of('notification.delivered', 'two'));
	memory.place(of('notification.sent', 'one'));
	memory.place(of('notification.delivered', 'three'));
	expect(placed(memory, of('notification.sent', 'one'), of('notification.sent', 'three'))).toEqual([
		true,
		true,
	]);
	expect(placed(memory, of('notification.sent', 'two'))).toEqual([undefined]);
});
