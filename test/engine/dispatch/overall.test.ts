import {
	applyReport,
	cancel,
	type DeliveryEvent,
	expire,
	giveUp,
	isFinal,
	isOverall,
	type OwnEvent,
	ownEventSchema,
	type Plan,
	receivedEvent,
	type ReceivedType,
	statusOf,
	type Target,
	publishLoopStopped,
	type UndeliveredEvent,
	unreported,
} from '@sureping/engine';
import fc from 'fast-check';
import {
	delivered,
	ONCE,
	type Outcome,
	planOf,
	rejected,
	Scene,
	T0,
	target,
	timeout,
	types,
} from '../../support/dispatch-scene.ts';

const undelivered = (events: readonly OwnEvent[]): UndeliveredEvent[] =>
	events.filter((event) => event.event === 'notification.undelivered');

describe('notification.undelivered', () => {
	it('follows the last failure, with every delivery and why it failed', () => {
		const scene = new Scene(planOf(['slack'], ['email']));
		scene.attempt('slack', rejected);
		const events = scene.attempt('email', { ...timeout, permanent: true } as Outcome);
		expect(types(events)).toEqual(['failed', 'undelivered']);
		expect(events[1]).toEqual({
			event: 'notification.undelivered',
			status: 'undelivered',
			notification_id: scene.notification.id,
			event_id: expect.stringMatching(/^evt_/),
			sequence: 1,
			metadata: { order_id: 'ORD-5678' },
			timestamp: events[0]?.timestamp,
			deliveries: [
				{
					channel: 'slack',
					connection: 'slack-1',
					recipient: 'to-slack',
					error: { code: 'RECIPIENT_REJECTED', message: 'Mailbox not found' },
				},
				{
					channel: 'email',
					connection: 'email-1',
					recipient: 'to-email',
					error: { code: 'TIMEOUT', message: 'Channel did not respond within 10 seconds' },
				},
			],
		});
	});

	it('says of each delivery what its own last event said', () => {
		const scene = new Scene(planOf(['slack', 'webhook'], [], { expiresAt: T0 + 15_000 }));
		scene.attempt('slack', timeout, 0);
		const [failed, told] = scene.attempt('webhook', rejected, 0);
		expect(failed).toMatchObject({ all_channels_failed: true });
		expect(told).toMatchObject({
			deliveries: [
				{ channel: 'slack', error: { code: 'EXPIRED' } },
				{ channel: 'webhook', error: { code: 'RECIPIENT_REJECTED' } },
			],
		});
	});

	it('is not told when somebody cancelled a part', () => {
		const scene = new Scene(planOf(['slack', 'webhook'], ['email']));
		scene.attempt('slack', rejected);
		const after = cancel(scene.notification, new Set());
		expect(after).toBeDefined();
		scene.notification = after ?? scene.notification;
		expect(undelivered(scene.events)).toEqual([]);
	});
});

describe('notification.loop_stopped', () => {
	it('is told once, numbered among the events about the notification as a whole', () => {
		const scene = new Scene(planOf(['slack']));
		scene.attempt('slack', rejected);
		const refusal = { inReplyTo: 'evt_7', limit: 5 };
		const stop = () => publishLoopStopped(scene.notification, refusal, T0 + 9, scene.newId);
		const [event, ...others] = scene.take(stop());
		expect(others).toEqual([]);
		expect(event).toMatchObject({
			event: 'notification.loop_stopped',
			status: 'loop_stopped',
			notification_id: scene.notification.id,
			sequence: 2,
			in_reply_to: 'evt_7',
			loop_limit: 5,
		});
		expect(ownEventSchema.safeParse(event).error).toBeUndefined();
		expect(scene.take(stop())).toEqual([]);
	});
});

type Act =
	| { readonly do: 'attempt'; readonly outcome: Outcome }
	| { readonly do: 'report'; readonly type: ReceivedType }
	| { readonly do: 'expire' | 'giveUp' | 'unreported' }
	| { readonly do: 'cancel'; readonly whileSending: boolean };

const outcomes = fc.constantFrom<Outcome>(
	rejected,
	rejected,
	timeout,
	delivered,
	{ result: 'delivered', confirmation: 'service', messageId: 'SM1' },
	{ result: 'delivered', confirmation: 'device' },
);

const acts: fc.Arbitrary<{ readonly pick: number; readonly act: Act }> = fc.record({
	pick: fc.nat(10),
	act: fc.oneof(
		{
			weight: 6,
			arbitrary: outcomes.map((outcome): Act => ({ do: 'attempt', outcome })),
		},
		{
			weight: 4,
			arbitrary: fc
				.constantFrom<ReceivedType>(
					'notification.bounced',
					'notification.failed',
					'notification.suppressed',
					'notification.delivered',
					'notification.read',
				)
				.map((type): Act => ({ do: 'report', type })),
		},
		{
			weight: 3,
			arbitrary: fc
				.constantFrom('expire' as const, 'giveUp' as const, 'unreported' as const)
				.map((what): Act => ({ do: what })),
		},
		{
			weight: 1,
			arbitrary: fc.boolean().map((whileSending): Act => ({ do: 'cancel', whileSending })),
		},
	),
});

const plans: fc.Arbitrary<Plan> = fc
	.record({
		primaries: fc.integer({ min: 1, max: 3 }),
		fallbacks: fc.integer({ min: 0, max: 2 }),
		reports: fc.array(fc.constantFrom('delivered' as const, 'failed' as const, undefined), {
			minLength: 5,
			maxLength: 5,
		}),
		expiresAt: fc.option(fc.integer({ min: T0 + 1, max: T0 + 200_000 }), { nil: undefined }),
	})
	.map(({ primaries, fallbacks, reports, expiresAt }) => {
		const targets = ['a', 'b', 'c', 'd', 'e'].map((name, i): Target => {
			const otherwise = reports[i];
			return {
				...target(name, ONCE),
				...(otherwise ? { report: { timeoutMs: 60_000, otherwise } } : {}),
			};
		});
		const more = expiresAt === undefined ? {} : { expiresAt };
		return planOf(
			targets.slice(0, primaries),
			targets.slice(primaries, primaries + fallbacks),
			more,
		);
	});

/** One step, and what it told. */
function step(scene: Scene, act: Act, pick: number, now: number): readonly OwnEvent[] {
	const { deliveries } = scene.notification;
	const delivery = deliveries[pick % deliveries.length];
	if (!delivery) throw new Error('There is always a delivery');
	const { notification } = scene;
	switch (act.do) {
		case 'attempt':
			return scene.settle(delivery.id, { at: now, latencyMs: 0, outcome: act.outcome });
		case 'report': {
			const report = receivedEvent('twilio', { type: act.type, notificationId: 'SM1' }, {}, now);
			return scene.take(applyReport(notification, delivery.id, report, now, scene));
		}
		case 'expire':
			return scene.take(expire(notification, delivery.id, now, scene));
		case 'giveUp':
			return scene.take(giveUp(notification, delivery.id, now, scene));
		case 'unreported':
			return scene.take(unreported(notification, delivery.id, now, scene));
		case 'cancel': {
			const sending = new Set(act.whileSending && !isFinal(delivery) ? [delivery.id] : []);
			const after = cancel(notification, sending);
			return scene.take({ notification: after ?? notification, events: [] });
		}
	}
}

describe('over random outcomes, reports, bounces, expiries and cancels', () => {
	it('undelivered is told exactly once, when all failed and none was cancelled, right after the last failure', () => {
		const seen = { undelivered: 0, bounced: 0, cancelled: 0, delivered: 0 };
		fc.assert(
			fc.property(plans, fc.array(acts, { minLength: 1, maxLength: 25 }), (plan, script) => {
				const scene = new Scene(plan);
				script.forEach(({ pick, act }, i) => {
					const before = statusOf(scene.notification);
					const events = step(scene, act, pick, T0 + (i + 1) * 5_000);
					const status = statusOf(scene.notification);
					const told = undelivered(events);
					expect(undelivered(scene.events)).toHaveLength(status === 'failed' ? 1 : 0);
					expect(told).toHaveLength(status === 'failed' && before !== 'failed' ? 1 : 0);
					if (told.length === 0) return;
					seen.undelivered++;
					const [last, itself] = events.slice(-2);
					expect(itself).toBe(told[0]);
					expect(last).toHaveProperty('all_channels_failed', true);
					expect(last?.event).toMatch(/^notification\.(failed|bounced)$/);
					if (last?.event === 'notification.bounced') seen.bounced++;
					const ends = new Map<string | undefined, DeliveryEvent>();
					for (const event of scene.events) {
						if (!isOverall(event) && 'error' in event && !('from_channel' in event)) {
							ends.set(event.delivery_id, event);
						}
					}
					expect(told[0]?.deliveries).toEqual(
						scene.notification.deliveries.map(({ id, channel, connection, recipient }) => {
							const end = ends.get(id);
							const error = end && 'error' in end ? end.error : undefined;
							return { channel, connection, recipient, error };
						}),
					);
				});
				for (const event of scene.events) {
					expect(ownEventSchema.safeParse(event).error).toBeUndefined();
				}
				const status = statusOf(scene.notification);
				if (status === 'cancelled' || status === 'delivered') seen[status]++;
			}),
			{ numRuns: 1_000 },
		);
		// Each kind of end has come up, so that none was left out of the claim.
		expect(Math.min(...Object.values(seen))).toBeGreaterThan(10);
	});
});
