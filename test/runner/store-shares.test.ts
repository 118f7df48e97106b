import type { Acceptance } from '../../runner/store/contract/sends.ts';
import type { Endpoint } from '../../runner/store/contract/endpoints.ts';
import { OPEN_GATES } from '../../runner/store/contract/limits.ts';
import type { WaitingDelivery } from '../../runner/store/rows/delivery.ts';
import { DeliveryLanes } from '../../runner/store/rules/delivery-lanes.ts';
import { DeliveryShares } from '../../runner/store/rules/delivery-shares.ts';
import { PASSES } from '../../runner/store/rules/fair-shares.ts';
import { askedAgain, RETRIED_FROM } from '../../runner/store/rules/held-webhooks.ts';
import { pruner } from '../../runner/store/rules/pruning.ts';
import { QuotaCounts } from '../../runner/store/rules/quotas.ts';
import { Throughput } from '../../runner/store/rules/webhook-lanes.ts';
import { divided, withinGates } from '../../runner/store/rules/webhook-shares.ts';

const NOW = 1_000_000;

describe('the quotas of a group of sends', () => {
	/** Only its key and its quota are counted. */
	const send = (apiKey: string, most?: number): Acceptance =>
		({
			apiKey,
			...(most === undefined ? {} : { quota: { start: NOW, end: NOW + 1, most } }),
		}) as Acceptance;

	it('let through what is left of each, and everything without one', () => {
		const sends = [send('b', 2), send('a', 1), send('b', 2), send('b', 2), send('none')];
		const counts = new QuotaCounts(sends);
		expect(counts.all.map(({ apiKey }) => apiKey)).toEqual(['a', 'b']);
		counts.adopt({ apiKey: 'a', start: NOW, used: 1 });
		expect(sends.map((one) => counts.use(one))).toEqual([true, false, true, false, true]);
		expect(counts.all.map(({ used }) => used)).toEqual([1, 2]);
	});
});

describe('a webhook delivery that is asked for again', () => {
	const pending = { state: 'pending', dueAt: NOW };

	it('is due now, or held, in a state that allows it', () => {
		const row = { state: 'exhausted', endpoint_id: 'ep_1' };
		expect(askedAgain(row, { status: 'enabled' }, RETRIED_FROM, NOW)).toEqual({
			state: 'pending',
			due: pending,
		});
		expect(askedAgain(row, { status: 'disabled' }, RETRIED_FROM, NOW).state).toBe('held');
		expect(askedAgain(row, { status: 'enabled' }, ['dead'], NOW)).toEqual({ state: 'exhausted' });
	});

	it('stays cancelled when its endpoint is gone', () => {
		const row = { state: 'pending', endpoint_id: 'ep_1' };
		expect(askedAgain(row, undefined, RETRIED_FROM, NOW)).toEqual({ state: 'cancelled' });
		const callback = { state: 'dead', endpoint_id: null };
		expect(askedAgain(callback, undefined, ['dead'], NOW).due).toEqual(pending);
	});
});

it('pruning goes through its tasks step by step, and begins anew after the last', async () => {
	const done: string[] = [];
	const prune = pruner(
		['a', 'b'],
		async () => void done.push('begin'),
		async (task, { now }, after) => {
			done.push(`${task} ${now} ${after}`);
			return task === 'a' && after === '' ? 'row' : undefined;
		},
	);
	const retention = {
		eventsMs: undefined,
		notificationsMs: undefined,
		webhookDeliveriesMs: undefined,
		reportsMs: undefined,
	};
	const isMore = [];
	for (let now = 1; now <= 4; now++) isMore.push(await prune(now, retention));
	expect(isMore).toEqual([true, true, false, true]);
	expect(done).toEqual(['begin', 'a 1 ', 'a 2 row', 'b 3 ', 'begin', 'a 4 ']);
});

describe('the room for webhooks', () => {
	/** Only its id and its status are looked at. */
	const endpoint = (id: string): Endpoint => ({ id, status: 'enabled' }) as Endpoint;
	const through = (most = Infinity) =>
		new Throughput(
			[endpoint('ep_1'), endpoint('ep_2')],
			{
				of: ({ id }) => (id === 'ep_2' ? { most, opensAt: NOW } : undefined),
				started: () => undefined,
				isShared: () => false,
				adopt: () => undefined,
				share: () => ({ starts: [] }),
			},
			{ free: 8, underWay: new Map() },
		);
	const queues = [{ lane: 'ep_1' }, { lane: 'ep_2' }];
	const requests = (shares: ReturnType<typeof divided<{ lane: string }>>): unknown[] =>
		shares.map((share) => [share.queue.lane, share.requests]);

	it('is divided evenly, with less for a lane that has requests under way and none behind a gate', () => {
		const busy = new Map([['ep_1', 6]]);
		expect(requests(divided(queues, 8, new Map(), through()))).toEqual([
			['ep_1', 4],
			['ep_2', 2],
		]);
		expect(requests(divided(queues, 8, busy, through(0)))).toEqual([['ep_1', 1]]);
	});

	it('is cut to what a gate lets through, for all queues of its lane together', () => {
		const shares = ['ep_1', 'ep_2', 'ep_2'].map((lane) => ({ queue: { lane }, requests: 3 }));
		expect(requests(withinGates(shares, through(4)))).toEqual([
			['ep_1', 3],
			['ep_2', 3],
			['ep_2', 1],
		]);
	});
});

describe('the shares of a claim of deliveries', () => {
	const row = (id: string, dueAt: number): WaitingDelivery => ({
		id,
		notificationId: 'msg_1',
		lane: 'slack:ops',
		priority: 1,
		recipient: id,
		dueAt,
		reservedFor: undefined,
	});
	const [, normal] = PASSES;
	const queue = { lane: 'slack:ops', priority: 1, due: NOW };
	const gates = {
		...OPEN_GATES,
		limitsRecipients: () => true,
		reserve: (_lane: string, recipient: string) =>
			recipient === 'limited' ? NOW + 500 : undefined,
	};
	const shares = new DeliveryShares(gates, new DeliveryLanes(gates));

	it('take more rows than may start where recipients have limits, and lock the lane for that', () => {
		const [share] = shares.divide([queue], normal!, 8, new Map(), NOW);
		expect(share).toMatchObject({ most: 4, due: 260, last: 0 });
		expect(shares.needsLock(share!)).toBe(true);
		const open = new DeliveryShares(OPEN_GATES, new DeliveryLanes(OPEN_GATES));
		const [free] = open.divide([queue], normal!, 8, new Map([['slack:ops', 6]]), NOW);
		expect(free).toMatchObject({ most: 1, due: 1 });
		expect(open.needsLock(free!)).toBe(false);
	});

	it('start the last attempts first, then the longest due, and put off whose recipient has to wait', () => {
		const rows = [row('b', 2), row('limited', 1), row('a', 1), row('last', 9), row('c', 3)];
		const share = { queue, most: 2, due: 5, last: 2 };
		const { first, unused, later } = shares.choose(share, rows, new Set(['last']), NOW);
		expect(first.map(({ id }) => id)).toEqual(['last', 'a']);
		expect(unused.map(({ id }) => id)).toEqual(['b', 'c']);
		expect(later).toEqual([{ ...row('limited', NOW + 500), reservedFor: NOW + 500 }]);
	});
});
