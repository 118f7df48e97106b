import {
	type AttemptResult,
	ownEventSchema,
	expire,
	FINAL_STATES,
	isExpired,
	isFinal,
	maxAttempts,
	type Plan,
	type RetryPolicy,
	statusOf,
	type Target,
} from '@sureping/engine';
import fc from 'fast-check';
import { type Outcome, Scene, T0 } from '../../support/dispatch-scene.ts';

const RUNS = { numRuns: 1_500 };
const FINAL_EVENTS = ['notification.delivered', 'notification.failed'];

const policies: fc.Arbitrary<RetryPolicy> = fc.record({
	delaysMs: fc.array(fc.integer({ min: 0, max: 300_000 }), { maxLength: 5 }),
	jitter: fc.double({ min: 0, max: 1, noNaN: true }),
	timeoutMs: fc.constant(10_000),
});

const outcomes: fc.Arbitrary<Outcome> = fc.oneof(
	{ weight: 1, arbitrary: fc.constant<Outcome>({ result: 'delivered', confirmation: 'service' }) },
	{
		weight: 4,
		arbitrary: fc.record({
			result: fc.constant('failed' as const),
			error: fc.constant({ code: 'TIMEOUT' as const, message: 'no answer' }),
			permanent: fc.boolean(),
			retryAfterMs: fc.option(fc.integer({ min: 0, max: 600_000 }), { nil: undefined }),
		}),
	},
);

/** The next step: an outcome for one of the deliveries that are due first. */
interface Step {
	readonly pick: number;
	readonly outcome: Outcome;
	readonly latencyMs: number;
	readonly draw: number;
	/** Which earlier outcome comes a second time after this step. */
	readonly replay: number;
}

const steps: fc.Arbitrary<Step> = fc.record({
	pick: fc.nat(10),
	outcome: outcomes,
	latencyMs: fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 60_000 })),
	draw: fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
	replay: fc.nat(50),
});

const NAMES = ['a', 'b', 'c', 'd', 'e', 'f', 'g'];

const plans: fc.Arbitrary<Plan> = fc
	.record({
		primaries: fc.integer({ min: 1, max: 4 }),
		fallbacks: fc.integer({ min: 0, max: 3 }),
		policies: fc.array(policies, { minLength: 7, maxLength: 7 }),
		sendAt: fc.option(fc.integer({ min: T0 - 60_000, max: T0 + 60_000 }), { nil: undefined }),
		expiresAt: fc.option(fc.integer({ min: T0 + 1, max: T0 + 400_000 }), { nil: undefined }),
	})
	.map(({ primaries, fallbacks, policies: chosen, sendAt, expiresAt }) => {
		const targets = chosen.map((policy, i): Target => {
			const channel = NAMES[i] ?? '';
			return { channel, connection: channel, recipient: channel, policy };
		});
		return {
			message: 'x',
			metadata: {},
			priority: 'normal',
			sendAt,
			expiresAt,
			targets: targets.slice(0, primaries),
			fallbacks: targets.slice(primaries, primaries + fallbacks),
		};
	});

interface Played {
	readonly scene: Scene;
	/** Every time an event batch was written, with the latest due times of that moment. */
	readonly dueInPast: number;
	readonly replaysThatChanged: number;
	readonly replays: number;
}

/** Plays the steps over and over until every delivery is final, as a host would: nothing before it is due. */
function play(plan: Plan, script: readonly Step[]): Played {
	const scene = new Scene(plan);
	const taken: { id: string; result: AttemptResult }[] = [];
	let clock = T0;
	let dueInPast = scene.notification.deliveries.filter(({ dueAt = 0 }) => dueAt < T0).length;
	let replays = 0;
	let replaysThatChanged = 0;

	for (let i = 0; scene.notification.deliveries.some((one) => !isFinal(one)); i++) {
		if (i > 1_000) throw new Error('It never ends');
		const step = script[i % script.length];
		const open = scene.notification.deliveries.filter((one) => !isFinal(one));
		const delivery = open[(step?.pick ?? 0) % open.length];
		if (!step || !delivery) throw new Error('Unreachable: both lists have entries');
		clock = Math.max(clock, delivery.dueAt ?? Number.NaN);
		scene.draw = step.draw;
		if (isExpired(scene.notification, clock)) {
			scene.take(expire(scene.notification, delivery.id, clock, { newId: scene.newId }));
		} else {
			const attempt = delivery.attempts.length + 1;
			const result = { attempt, at: clock, latencyMs: step.latencyMs, outcome: step.outcome };
			taken.push({ id: delivery.id, result });
			scene.settle(delivery.id, result);
			// Other deliveries go on while this attempt lasts, so the clock does not have to move with it.
			const changed = scene.notification.deliveries.filter(({ dueAt }) => dueAt !== undefined);
			const now = clock + step.latencyMs;
			dueInPast += changed.filter(
				(one) => one.id === delivery.id && (one.dueAt ?? now) < now,
			).length;
		}
		const stale = taken[step.replay % Math.max(1, taken.length)];
		if (stale) {
			const before = scene.notification;
			replays++;
			if (scene.settle(stale.id, stale.result).length > 0 || scene.notification !== before) {
				replaysThatChanged++;
			}
		}
	}
	return { scene, dueInPast, replays, replaysThatChanged };
}

const scripts = fc.array(steps, { minLength: 1, maxLength: 40 });

function always(check: (played: Played, plan: Plan) => void): void {
	fc.assert(
		fc.property(plans, scripts, (plan, script) => check(play(plan, script), plan)),
		RUNS,
	);
}

describe('over random plans and outcomes', () => {
	it('every delivery ends in exactly one final state and stays there', () => {
		always(({ scene }) => {
			for (const delivery of scene.notification.deliveries) {
				expect(FINAL_STATES.has(delivery.state)).toBe(true);
				expect(delivery.dueAt).toBeUndefined();
			}
			expect(['delivered', 'failed']).toContain(statusOf(scene.notification));
		});
	});

	it('no delivery is attempted more often than its policy allows', () => {
		always(({ scene }) => {
			for (const { attempts, policy } of scene.notification.deliveries) {
				expect(attempts.length).toBeLessThanOrEqual(maxAttempts(policy));
			}
		});
	});

	it('the events of a delivery start with queued, have no gaps, and end with its one final event', () => {
		always(({ scene }) => {
			for (const { id, sequence, state } of scene.notification.deliveries) {
				const events = scene.events.filter((event) => event.delivery_id === id);
				expect(events.map((event) => event.sequence)).toEqual(events.map((_, i) => i + 1));
				expect(sequence).toBe(events.length);
				expect(events[0]?.event).toBe('notification.queued');
				const final = events.filter(({ event }) => FINAL_EVENTS.includes(event));
				expect(final).toEqual([events.at(-1)]);
				expect(final[0]?.status).toBe(state === 'delivered' ? 'delivered' : 'failed');
			}
			const ids = scene.events.map(({ event_id }) => event_id);
			expect(new Set(ids).size).toBe(ids.length);
		});
	});

	it('each fallback starts once at most, in order, after all before it failed, never after a delivery', () => {
		let started = 0;
		always(({ scene }, plan) => {
			const fallbacks = scene.events.filter(({ event }) => event === 'notification.fallback');
			started += fallbacks.length;
			expect(fallbacks.map(({ channel }) => channel)).toEqual(
				plan.fallbacks.slice(0, fallbacks.length).map(({ channel }) => channel),
			);
			for (const fallback of fallbacks) {
				const earlier = scene.events.slice(0, scene.events.indexOf(fallback));
				const failed = earlier.filter(({ event }) => event === 'notification.failed');
				const others = new Set(earlier.map(({ delivery_id }) => delivery_id));
				others.delete(fallback.delivery_id);
				expect(failed.map(({ delivery_id }) => delivery_id).sort()).toEqual([...others].sort());
				expect(earlier.some(({ event }) => event === 'notification.delivered')).toBe(false);
			}
		});
		expect(started).toBeGreaterThan(500);
	});

	it('all_channels_failed is said once, with the last event of a failed notification’s deliveries, and only then', () => {
		const seen = { delivered: 0, failed: 0 };
		always(({ scene }) => {
			const said = scene.events.filter((event) => 'all_channels_failed' in event);
			const failed = statusOf(scene.notification) === 'failed';
			seen[failed ? 'failed' : 'delivered']++;
			expect(said).toEqual(failed ? [scene.events.at(-2)] : []);
		});
		expect(Math.min(seen.delivered, seen.failed)).toBeGreaterThan(100);
	});

	it('nothing is ever due in the past', () => {
		always(({ dueInPast }) => expect(dueInPast).toBe(0));
	});

	it('an outcome that comes a second time changes nothing', () => {
		let replays = 0;
		always((played) => {
			replays += played.replays;
			expect(played.replaysThatChanged).toBe(0);
		});
		expect(replays).toBeGreaterThan(RUNS.numRuns);
	});

	it('every event fits the published schema', () => {
		always(({ scene }) => {
			for (const event of scene.events)
				expect(ownEventSchema.safeParse(event).error).toBeUndefined();
		});
	});
});
