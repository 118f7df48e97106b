import type { StoredDelivery } from '../store/stored.ts';
import { CHECKS, type Evidence, factsOf, judge } from './index.ts';

const T = Date.parse('2026-01-01T00:00:00Z');

/** A run that is in order: one kill with a request under way, a retry, a fallback, and all of it told. */
function soundRun() {
	const webhook = (id: string, eventId: string, to: string, at: number) => ({
		...{ id, eventId, to, state: 'delivered', isDue: false },
		attempts: [{ at: T + at, latencyMs: 5 }],
	});
	const posted = (request: number, path: string, at: number, ...events: string[]) => [
		{
			at: T + at,
			kind: 'came' as const,
			request,
			path,
			life: '0.0',
			behaviour: 'ok' as const,
			events,
		},
		{ at: T + at + 4, kind: 'answered' as const, request },
	];
	const failure = { code: 'SERVICE_UNAVAILABLE' };
	const first: StoredDelivery = {
		...{ id: 'd1', notificationId: 'n1', role: 'primary', connection: 'webhook:doomed' },
		...{ state: 'failed', mostAttempts: 2, sequence: 3, isDue: false },
		attempts: [
			{ at: T + 1_500, latencyMs: 10, error: failure },
			{ at: T + 1_900, latencyMs: 10, error: failure },
		],
	};
	const second: StoredDelivery = {
		...{ id: 'd2', notificationId: 'n1', role: 'fallback', connection: 'slack:ops' },
		...{ state: 'delivered', mostAttempts: 2, sequence: 3, isDue: false },
		attempts: [{ at: T + 1_950, latencyMs: 10 }],
	};
	const told = [
		{ id: 'e1', type: 'notification.queued', deliveryId: 'd1', sequence: 1 },
		{
			...{ id: 'e2', type: 'notification.retrying', deliveryId: 'd1', sequence: 2 },
			...{ attempt: 1, nextRetryAt: T + 1_850 },
		},
		{ id: 'e3', type: 'notification.failed', deliveryId: 'd1', sequence: 3 },
		{ id: 'e4', type: 'notification.queued', deliveryId: 'd2', sequence: 1 },
		{ id: 'e5', type: 'notification.fallback', deliveryId: 'd2', sequence: 2 },
		{ id: 'e6', type: 'notification.delivered', deliveryId: 'd2', sequence: 3 },
	];
	const came = (request: number, at: number, life: string, path: string) => ({
		...{ at: T + at, kind: 'came' as const, request, path, life, n: 1 },
	});
	return {
		plan: {
			...{
				seed: 's',
				kills: 1,
				stops: 0,
				rate: 1,
				store: 'sqlite:a.db',
				runners: ['http://127.0.0.1:1'],
			},
			...{ bundle: '', config: '', apiKey: '', callbackUrl: '' },
		},
		load: [
			{ at: T + 100, kind: 'acknowledged' as const, n: 1, id: 'n1', deliveries: ['d1'] },
			{ at: T + 1_400, kind: 'acknowledged' as const, n: 1, id: 'n1', deliveries: ['d1'] },
		],
		killer: [
			{ at: T, kind: 'spawned' as const, life: '0.1', shiftMs: 0 },
			{ at: T + 50, kind: 'ready' as const, life: '0.1' },
			{ at: T + 200, kind: 'died' as const, life: '0.1', how: 'at a moment' as const, code: null },
			{ at: T + 200, kind: 'spawned' as const, life: '0.0', shiftMs: 0 },
			{ at: T + 1_000, kind: 'ready' as const, life: '0.0' },
			{ at: T + 9_000, kind: 'died' as const, life: '0.0', how: 'stopped' as const, code: 0 },
		],
		database: [],
		channel: [
			{ ...came(1, 150, '0.1', '/webhook/doomed'), behaviour: 'ok' as const, idempotencyKey: 'd1' },
			{ at: T + 155, kind: 'answered' as const, request: 1 },
			{
				...came(2, 1_505, '0.0', '/webhook/doomed'),
				behaviour: 'error' as const,
				idempotencyKey: 'd1',
			},
			{ at: T + 1_506, kind: 'answered' as const, request: 2 },
			{
				...came(3, 1_905, '0.0', '/webhook/doomed'),
				behaviour: 'error' as const,
				idempotencyKey: 'd1',
			},
			{ at: T + 1_906, kind: 'answered' as const, request: 3 },
			{ ...came(4, 1_955, '0.0', '/slack/ops'), behaviour: 'ok' as const },
			{ at: T + 1_956, kind: 'answered' as const, request: 4 },
		],
		endpoint: told.flatMap(({ id }, i) => [
			...posted(10 + i, '/single', 2_000 + i, id),
			...posted(20 + i, '/batched', 2_000 + i, id),
		]),
		feed: [{ events: ['e1', 'e2'] }, { events: ['e3', 'e4', 'e5', 'e6'] }],
		stored: {
			notifications: [
				{
					...{ id: 'n1', n: 1, status: 'delivered' as const, createdAt: T + 90 },
					...{ fallbacksLeft: 0, hasCallback: false },
				},
			],
			deliveries: [first, second],
			events: told,
			webhooks: told.flatMap(({ id }, i) => [
				webhook(`s${id}`, id, 'single', 2_000 + i),
				webhook(`b${id}`, id, 'batched', 2_000 + i),
			]),
			damage: [] as string[],
		},
	} satisfies Evidence;
}

type Run = ReturnType<typeof soundRun>;

const broken = (run: Evidence): readonly string[] =>
	judge(factsOf(run))
		.filter(({ violations }) => violations.length > 0)
		.map(({ name }) => name);

/** Gives the parts of a run that it changes. */
type Damage = (run: Run) => Partial<Evidence>;
const store = (change: (stored: Run['stored']) => Partial<Evidence['stored']>): Damage => {
	return ({ stored }) => ({ stored: { ...stored, ...change(stored) } });
};
const delivery = (id: string, change: Partial<StoredDelivery>): Damage =>
	store(({ deliveries }) => ({
		deliveries: deliveries.map((one) => (one.id === id ? { ...one, ...change } : one)),
	}));
const without = <Item extends { id: string }>(list: readonly Item[], id: string): Item[] =>
	list.filter((one) => one.id !== id);

/** The run with everything at the channel put off that its second life did, while it was there. */
function later({ killer, channel, stored }: Run, byMs: number): Partial<Evidence> {
	const isAfter = (at: number): boolean => at > T + 1_000;
	return {
		killer: killer.map((line) =>
			line.kind === 'died' && isAfter(line.at) ? { ...line, at: line.at + byMs } : line,
		),
		channel: channel.map((line) => (isAfter(line.at) ? { ...line, at: line.at + byMs } : line)),
		stored: {
			...stored,
			deliveries: stored.deliveries.map((one) => ({
				...one,
				attempts: one.attempts.map((attempt) => ({ ...attempt, at: attempt.at + byMs })),
			})),
		},
	};
}

/** Faults, each with the check that must report it. */
const DAMAGES: readonly (readonly [string, Damage])[] = [
	['what was acknowledged is in the store', store(() => ({ notifications: [] }))],
	[
		'what was acknowledged is in the store',
		store(({ deliveries }) => ({ deliveries: without(deliveries, 'd1') })),
	],
	[
		'a repeated idempotency key is answered with the first notification',
		({ load }) => ({ load: load.map((line, i) => (i === 1 ? { ...line, id: 'n2' } : line)) }),
	],
	[
		'no send is in the store twice',
		store(({ notifications }) => ({
			notifications: notifications.flatMap((one) => [one, { ...one, id: 'n2' }]),
		})),
	],
	['the database is whole', store(() => ({ damage: ['row 1 missing from index'] }))],
	['every delivery reached a final state', delivery('d2', { state: 'retrying' })],
	['every delivery reached a final state', delivery('d2', { isDue: true })],
	[
		'what is delivered reached the channel',
		({ channel }) => ({ channel: channel.filter(({ request }) => request !== 4) }),
	],
	[
		'what is delivered reached the channel',
		({ channel }) => ({
			channel: channel.map((line) => (line.request === 4 ? { ...line, behaviour: 'error' } : line)),
		}),
	],
	[
		'no delivery is attempted more often than its policy allows',
		delivery('d1', { mostAttempts: 1 }),
	],
	[
		'every attempt that is not stored was cut off by a kill',
		delivery('d1', { attempts: soundRun().stored.deliveries[0]!.attempts.slice(0, 1) }),
	],
	[
		'every attempt that is not stored was cut off by a kill',
		// It had ten seconds to store the answer.
		({ killer }) => ({
			killer: killer.map((line) =>
				line.life === '0.1' && line.kind === 'died' ? { ...line, at: line.at + 10_000 } : line,
			),
		}),
	],
	[
		'every repeat at the channel is inside the documented window',
		({ channel }) => ({
			channel: [
				...channel,
				{ ...channel[6]!, request: 5, at: T + 3_000 },
				{ at: T + 3_001, kind: 'answered', request: 5 },
			],
		}),
	],
	[
		'what a killed worker had is taken up within 15 s, and so is all that is due',
		// All that came after the kill came twenty seconds later.
		(run) => later(run, 20_000),
	],
	[
		'all attempts of a delivery carry its id',
		({ channel }) => ({
			channel: channel.map((line) =>
				line.request === 3 && 'idempotencyKey' in line ? { ...line, idempotencyKey: 'd9' } : line,
			),
		}),
	],
	[
		'no attempt comes before it is due',
		store(({ events }) => ({
			events: events.map((event) =>
				event.id === 'e2' ? { ...event, attempt: 1, nextRetryAt: T + 2_000 } : event,
			),
		})),
	],
	[
		'no attempt comes before it is due',
		store(({ notifications }) => ({
			notifications: notifications.map((one) => ({ ...one, sendAt: T + 300 })),
		})),
	],
	[
		'a fallback starts when all before it failed, each once',
		delivery('d1', { state: 'delivered' }),
	],
	[
		'a fallback starts when all before it failed, each once',
		store(({ deliveries }) => ({ deliveries: [...deliveries, { ...deliveries[1]!, id: 'd3' }] })),
	],
	[
		'a fallback starts when all before it failed, each once',
		store(({ notifications, deliveries }) => ({
			notifications: notifications.map((one) => ({ ...one, fallbacksLeft: 1 })),
			deliveries: without(deliveries, 'd2'),
		})),
	],
	['events of a delivery have no gaps', store(({ events }) => ({ events: without(events, 'e5') }))],
	[
		'the last event says the final state',
		store(({ events }) => ({ events: without(events, 'e6') })),
	],
	['the last event says the final state', delivery('d2', { state: 'failed' })],
	['the feed gave every event once, in commit order', () => ({ feed: [{ events: ['e1', 'e3'] }] })],
	[
		'the feed gave every event once, in commit order',
		({ feed }) => ({ feed: [...feed, { events: ['e6'] }] }),
	],
	[
		'every event is owed once to everybody who asked for it',
		store(({ webhooks }) => ({ webhooks: without(webhooks, 'be4') })),
	],
	[
		'every event arrived at everybody who asked for it',
		({ endpoint }) => ({ endpoint: endpoint.filter(({ request }) => request !== 12) }),
	],
	[
		'every event arrived at everybody who asked for it',
		store(({ webhooks }) => ({
			webhooks: webhooks.map((one) => (one.id === 'se4' ? { ...one, state: 'exhausted' } : one)),
		})),
	],
	[
		'every request to an endpoint that is not stored was cut off by a kill',
		({ endpoint }) => ({
			endpoint: [...endpoint, { ...endpoint[0]!, request: 99, at: T + 2_500 }],
		}),
	],
	[
		'every repeat at an endpoint is inside the documented window',
		({ endpoint }) => ({
			endpoint: [...endpoint, { ...endpoint[0]!, request: 99, at: T + 2_500 }],
		}),
	],
	[
		'no webhook comes before it is due',
		({ endpoint, stored }) => ({
			stored: {
				...stored,
				webhooks: stored.webhooks.map((one) =>
					one.id === 'se1'
						? {
								...one,
								attempts: [
									{ at: T + 2_000, latencyMs: 5, error: { code: 'SERVICE_UNAVAILABLE' } },
									{ at: T + 2_100, latencyMs: 5 },
								],
							}
						: one,
				),
			},
			endpoint: [
				...endpoint.map((line) =>
					line.request === 10 ? { ...line, behaviour: 'error' as const } : line,
				),
				{ ...endpoint[0]!, request: 99, at: T + 2_102 },
			],
		}),
	],
	[
		'the runners were killed as often as was asked for, and never ended by themselves',
		({ plan }) => ({ plan: { ...plan, kills: 2 } }),
	],
	['sends were accepted in many lives', () => ({ load: [] })],
	[
		'a long run dies at every commit point and moves the clock both ways',
		({ plan }) => ({ plan: { ...plan, kills: 100 } }),
	],
	[
		'the store was away while sends came, and as often as was asked for',
		({ plan }) => ({ plan: { ...plan, kills: 100 } }),
	],
	[
		'the store was away while sends came, and as often as was asked for',
		({ plan }) => ({ plan: { ...plan, stops: 1 } }),
	],
];

describe('the checks of a chaos run', () => {
	it('find nothing wrong with a run that is in order', () => {
		expect(broken(soundRun())).toEqual([]);
	});

	it.each(DAMAGES)('%s, or it is said', (name, damage) => {
		const run = soundRun();
		expect(broken({ ...run, ...damage(run) })).toContain(name);
	});

	it('have each been seen to fail', () => {
		const seen = new Set(DAMAGES.map(([name]) => name));
		expect(CHECKS.map(({ name }) => name).filter((name) => !seen.has(name))).toEqual([]);
	});
});
