import { type DeliveryEvent, type Delivery, ERROR_CODES, type ErrorCode } from '@sureping/engine';
import fc from 'fast-check';
import { EventWriter } from '../../engine/dispatch/events.ts';
import { countingIds, EXACT, T0 } from './dispatch-scene.ts';

const CHANNELS = [
	'email',
	'sms',
	'whatsapp',
	'telegram',
	'slack',
	'discord',
	'call',
	'push',
	'web_push',
	'in_app',
	'webhook',
];

const codes: readonly string[] = Object.keys(ERROR_CODES);

/** zod leaves a `__proto__` key out of a record, so that no reader can be tricked with one. */
export const anyMetadata = fc.dictionary(
	fc.string({ unit: 'binary' }).filter((name) => name !== '__proto__'),
	fc.jsonValue(),
	{ maxKeys: 5, noNullPrototype: true },
);

/** Every event that a delivery can have, as the engine writes it and a store gives it back. */
export const anyEvent: fc.Arbitrary<DeliveryEvent> = fc
	.record({
		channel: fc.constantFrom(...CHANNELS),
		recipient: fc.string({ unit: 'binary', minLength: 1 }),
		metadata: anyMetadata,
		message: fc.string({ unit: 'binary' }),
		code: fc.constantFrom(...codes) as fc.Arbitrary<ErrorCode>, // The table's own keys.
		bounceType: fc.constantFrom('hard' as const, 'soft' as const),
		confirmation: fc.constantFrom('service' as const, 'device' as const),
		isLast: fc.boolean(),
		engagement: fc.constantFrom(
			'opened' as const,
			'clicked' as const,
			'read' as const,
			'complained' as const,
			'unsubscribed' as const,
		),
		link: fc.option(fc.webUrl(), { nil: undefined }),
		age: fc.nat(10_000_000),
		pick: fc.nat(7),
	})
	.map((facts) => {
		const { channel, recipient, metadata, message, code, isLast, link, pick } = facts;
		const now = T0 + facts.age;
		const writer = new EventWriter({ id: 'msg_1', metadata }, now, countingIds());
		const delivery: Delivery = {
			id: 'dlv_1',
			role: 'primary',
			channel,
			connection: 'one',
			recipient,
			policy: EXACT,
			state: 'queued',
			attempts: [{ at: T0, latencyMs: 120 }],
			sequence: pick,
		};
		const error = { code, message };
		[
			() => writer.queued(delivery),
			() => writer.sent(delivery),
			() => writer.delivered(delivery, facts.confirmation),
			() => writer.retrying(delivery, error, now + 1_000),
			() => writer.failed(delivery, error, isLast),
			() => writer.bounced(delivery, error, facts.bounceType, isLast),
			() => writer.fallback(delivery, 'slack', error),
			() => writer.engagement(delivery, facts.engagement, link === undefined ? {} : { link }),
		][pick]?.();
		const [event] = writer.events;
		if (!event) throw new Error('Each of them writes one event');
		const stored: DeliveryEvent = JSON.parse(JSON.stringify(event));
		return stored;
	});
