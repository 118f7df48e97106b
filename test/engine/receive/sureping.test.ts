import {
	forwardedEvent,
	PROFILES,
	receive,
	receivedEvent,
	signingKey,
	signOnePing,
	type ReceivedEvent,
} from '@sureping/engine';

const SECRET = 'whsec_endpoint_0123456789';
const NOW = Date.UTC(2026, 0, 1);

/** Every fact that a provider can report. */
const EVENT: ReceivedEvent = receivedEvent(
	'sendgrid',
	{
		type: 'notification.bounced',
		providerEvent: 'bounce',
		notificationId: '14c5d75ce93.dfd.64b469',
		eventId: 'rbtnWrG1DVDGGGFHFyun0A==',
		channel: 'email',
		status: 'blocked',
		final: false,
		confirmation: 'service',
		recipient: 'ada@example.com',
		attempt: 2,
		maxAttempts: 5,
		nextRetryAt: '2026-01-01T00:01:00.000Z',
		fromChannel: 'sms',
		bounceType: 'soft',
		allChannelsFailed: true,
		latencyMs: 12,
		error: { code: '452', message: 'mailbox full' },
		link: 'https://example.com/',
		machine: true,
		outOfOrder: true,
		deliveryId: 'd1',
		sequence: 3,
		occurredAt: NOW - 1000,
		metadata: { order: 7 },
	},
	{ event: 'bounce', nested: { provider: 'x' } },
	NOW,
);

function read(payload: Record<string, unknown>) {
	const body = JSON.stringify(payload);
	const headers = Object.fromEntries(
		Object.entries(signOnePing(signingKey(SECRET), body, NOW)).map(([name, value]) => [
			name.toLowerCase(),
			value,
		]),
	);
	const request = { method: 'POST', url: '/', headers, body: Buffer.from(body) };
	return receive('sureping', request, [SECRET], { now: NOW });
}

describe('what a runner passes on for another provider', () => {
	const wire = { ...forwardedEvent(EVENT, 'mail', 'evt_1') };

	it('has the wire form of the runner’s own events, and says whose it is', () => {
		expect(wire).toMatchObject({
			event: 'notification.bounced',
			event_id: 'evt_1',
			notification_id: '14c5d75ce93.dfd.64b469',
			provider: 'sendgrid',
			provider_event: 'bounce',
			connection: 'mail',
			bounce_type: 'soft',
			out_of_order: true,
			raw: EVENT.raw,
		});
	});

	it('reads as if that provider had called, but for the event’s id and the connection that it came by', () => {
		const passedOn = { ...EVENT, eventId: 'evt_1', connection: 'mail' };
		expect(read(wire)).toEqual({ ok: true, events: [passedOn] });
	});

	it('is read among events of the runner’s own', () => {
		const received = read({ events: [wire, { ...wire, event_id: 'evt_2' }] });
		expect(received).toMatchObject({
			events: [{ eventId: 'evt_1' }, { eventId: 'evt_2', provider: 'sendgrid' }],
		});
	});

	it('keeps the name of a type and the facts of a provider that only a newer runner knows', () => {
		const newer = {
			...wire,
			provider: 'pigeon',
			event: 'notification.eaten',
			provider_event: undefined,
		};
		expect(read(newer)).toMatchObject({
			ok: true,
			events: [{ provider: 'sureping', type: 'unknown', providerEvent: 'notification.eaten' }],
		});
	});

	it('is not lost without the provider’s payload', () => {
		expect(read({ ...wire, raw: undefined, delivery_id: undefined })).toMatchObject({
			ok: true,
			events: [{ type: wire.event, raw: { event: wire.event } }],
		});
	});

	it('goes to endpoints that ask for nothing in particular', () => {
		expect(PROFILES.sureping.defaultEvents).toContain('notification.suppressed');
		expect(PROFILES.sureping.defaultEvents).toContain('unknown');
	});
});
