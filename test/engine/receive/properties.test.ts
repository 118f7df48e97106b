import {
	type OwnEvent,
	encodeWebhook,
	type ProfileId,
	type RawRequest,
	receive,
	SIGNATURE_INPUTS,
} from '@sureping/engine';
import fc from 'fast-check';
import { delivered, planOf, rejected, Scene, T0, timeout } from '../../support/dispatch-scene.ts';
import { ONE_PING_DELIVERED } from '../../support/one-ping-samples.ts';
import { NOW, SECRET, signedRequest } from '../../support/signed-request.ts';

const ORIGINAL = signedRequest();
const MEANING = JSON.stringify(ONE_PING_DELIVERED);

interface Mutation {
	readonly headers?: RawRequest['headers'];
	readonly body?: Uint8Array;
}

/** Changes of a body at a random place: a byte flipped, bytes dropped, inserted, repeated. */
const bodies: fc.Arbitrary<Mutation> = fc
	.record({
		at: fc.nat(ORIGINAL.body.length),
		cut: fc.nat(3),
		insert: fc.oneof(
			fc.uint8Array({ maxLength: 4 }),
			fc
				.constantFrom(' ', '\n\t', '\\u0065', '"', '{', '}', ',', '0', '.0', 'e0')
				.map((text) => Uint8Array.from(Buffer.from(text))),
		),
	})
	.map(({ at, cut, insert }) => ({
		body: Buffer.concat([ORIGINAL.body.subarray(0, at), insert, ORIGINAL.body.subarray(at + cut)]),
	}));

const NAMES = ['x-oneping-signature', 'x-oneping-timestamp'] as const;

const headers: fc.Arbitrary<Mutation> = fc
	.record({
		name: fc.constantFrom(...NAMES),
		value: fc.oneof(
			fc.string({ unit: 'binary', maxLength: 80 }),
			fc.array(fc.string(), { maxLength: 3 }),
			fc.constant(undefined),
			fc.stringMatching(/^sha256=[0-9a-f]{64}$/),
			fc.integer({ min: 1_705_311_900, max: 1_705_312_500 }).map(String),
		),
	})
	.map(({ name, value }) => ({ headers: { [name]: value } }));

/** One character of a header replaced. */
const edits: fc.Arbitrary<Mutation> = fc
	.record({
		name: fc.constantFrom(...NAMES),
		at: fc.nat(70),
		to: fc.string({ minLength: 1, maxLength: 1 }),
	})
	.map(({ name, at, to }) => {
		const value = ORIGINAL.headers[name] ?? '';
		return { headers: { [name]: value.slice(0, at) + to + value.slice(at + 1) } };
	});

const wholeBodies: fc.Arbitrary<Mutation> = fc
	.oneof(
		fc.uint8Array({ maxLength: 200 }),
		fc.json().map((text) => Uint8Array.from(Buffer.from(text))),
	)
	.map((body) => ({ body }));

/** Spellings of a signed header with the same meaning: hex in either case, space around it. */
function sameHeaders({ headers: changed = {} }: Mutation): boolean {
	return Object.entries(changed).every(
		([name, value]) =>
			typeof value === 'string' &&
			value.trim().toLowerCase() === ORIGINAL.headers[name]?.toLowerCase(),
	);
}

function sameMeaning({ body = ORIGINAL.body }: Mutation): boolean {
	try {
		return (
			JSON.stringify(
				JSON.parse(
					Buffer.from(body)
						.toString('utf8')
						.replace(/^\ufeff/, ''),
				),
			) === MEANING
		);
	} catch {
		return false;
	}
}

describe('10,000 random changes of a valid request', () => {
	it('never make receive throw, and are accepted only where they changed no meaning', () => {
		const seen = { accepted: 0, refused: 0 };
		fc.assert(
			fc.property(fc.oneof(bodies, edits, headers, wholeBodies), (mutation) => {
				const request: RawRequest = {
					...ORIGINAL,
					...(mutation.body ? { body: mutation.body } : {}),
					headers: { ...ORIGINAL.headers, ...mutation.headers },
				};
				const { ok } = receive('one-ping', request, [SECRET], { now: NOW });
				seen[ok ? 'accepted' : 'refused']++;
				if (ok) expect(sameMeaning(mutation) && sameHeaders(mutation)).toBe(true);
			}),
			{ numRuns: 10_000 },
		);
		// Space between tokens and no change at all do happen, so acceptance was tried as well.
		expect(seen.accepted).toBeGreaterThan(50);
		expect(seen.refused).toBeGreaterThan(5_000);
	});

	it('find the unchanged request acceptable in every asked form', () => {
		for (const signatureInput of SIGNATURE_INPUTS) {
			expect(receive('one-ping', ORIGINAL, [SECRET], { now: NOW, signatureInput }).ok).toBe(true);
		}
	});
});

/** Events of every type that dispatch writes, with random metadata and recipients. */
const events: fc.Arbitrary<OwnEvent> = fc
	.record({
		// zod leaves a `__proto__` key out of a record, so that no reader can be tricked with one.
		metadata: fc.dictionary(
			fc.string({ unit: 'binary' }).filter((name) => name !== '__proto__'),
			fc.jsonValue().filter((value) => !JSON.stringify(value).includes('"__proto__"')),
			{ maxKeys: 5, noNullPrototype: true },
		),
		recipient: fc.string({ unit: 'binary', minLength: 1 }),
		pick: fc.nat(20),
	})
	.map(({ metadata, recipient, pick }) => {
		const plan = planOf(['slack'], ['email'], { metadata });
		const targets = plan.targets.map((one) => ({ ...one, recipient }));
		const scene = new Scene({ ...plan, targets });
		scene.attempt('slack', timeout);
		scene.attempt('slack', rejected);
		scene.attempt('email', delivered);
		const event = scene.events[pick % scene.events.length];
		if (!event) throw new Error('Unreachable: there are events');
		return event;
	});

const FACTS: Readonly<Record<string, string>> = {
	eventId: 'event_id',
	type: 'event',
	notificationId: 'notification_id',
	deliveryId: 'delivery_id',
	channel: 'channel',
	status: 'status',
	confirmation: 'confirmation',
	recipient: 'recipient',
	maxAttempts: 'max_attempts',
	nextRetryAt: 'next_retry_at',
	fromChannel: 'from_channel',
	error: 'error',
	occurredAt: 'timestamp',
	sequence: 'sequence',
	metadata: 'metadata',
	latencyMs: 'latency_ms',
	allChannelsFailed: 'all_channels_failed',
};

describe('what a profile sends', () => {
	it('is accepted by receive in every signature form and gives the same facts back', () => {
		const types = new Set<string>();
		fc.assert(
			fc.property(
				events,
				fc.constantFrom<ProfileId>('sureping', 'one-ping'),
				fc.constantFrom(...SIGNATURE_INPUTS),
				fc.integer({ min: -300, max: 300 }),
				(event, profile, signatureInput, age) => {
					types.add(event.event);
					const now = T0 + 7_000;
					const signing = { secrets: [SECRET], now, signatureInput, reportType: 'all' } as const;
					const sent = encodeWebhook(profile, [event], signing);
					if (!sent) throw new Error('Both have a word for every event');
					const lower = Object.entries(sent.headers).map(([name, value]) => [
						name.toLowerCase(),
						value,
					]);
					const request: RawRequest = {
						method: 'POST',
						url: '/',
						headers: Object.fromEntries(lower),
						body: Buffer.from(sent.body),
					};
					const received = receive(profile, request, [SECRET], {
						now: now + age * 1000,
						signatureInput,
					});
					if (!received.ok) throw new Error(received.reason);
					const wire: Record<string, unknown> = JSON.parse(JSON.stringify(event));
					const [item] = received.events;
					expect(item?.raw).toEqual(wire);
					const facts: Record<string, unknown> = { ...item };
					for (const [fact, field] of Object.entries(FACTS)) {
						expect([fact, facts[fact]]).toEqual([fact, wire[field]]);
					}
					expect(item?.attempt).toEqual(wire.attempt ?? wire.attempts);
				},
			),
			{ numRuns: 1_500 },
		);
		expect(types.size).toBe(5);
	});

	it('is refused with any other secret', () => {
		fc.assert(
			fc.property(fc.string({ minLength: 1 }), (secret) => {
				fc.pre(secret !== SECRET);
				expect(receive('one-ping', ORIGINAL, [secret], { now: NOW }).ok).toBe(false);
			}),
			{ numRuns: 1_000 },
		);
	});
});
