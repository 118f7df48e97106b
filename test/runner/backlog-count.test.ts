import { pino } from 'pino';
import { BacklogCount } from '../../runner/backlog-count.ts';
import { Backpressure } from '../../runner/http/backpressure.ts';
import { createMetrics } from '../../runner/metrics/index.ts';
import type { Backlog } from '../../runner/store/contract/upkeep.ts';

const NOTHING: Backlog = { deliveries: 0, webhooks: 0, held: 0, exhausted: 0, deadLetters: 0 };

/** A store that answers a count when it is told to. */
function counting(): { backlog(): Promise<Backlog>; answers: ((deliveries: number) => void)[] } {
	const answers: ((deliveries: number) => void)[] = [];
	return {
		answers,
		backlog: () =>
			new Promise((resolve) => answers.push((deliveries) => resolve({ ...NOTHING, deliveries }))),
	};
}

let now: number;
beforeEach(() => {
	now = 0;
	jest.spyOn(performance, 'now').mockImplementation(() => now);
});
afterEach(() => jest.restoreAllMocks());

describe('the count of what is owed', () => {
	it('is made once at a time for all who ask, and not again for twenty times as long', async () => {
		const store = counting();
		const count = new BacklogCount(store);
		const metrics = createMetrics(() => count.recent());
		const scrapes = Array.from({ length: 20 }, () => metrics.registry.metrics());
		expect(store.answers).toHaveLength(1);
		now = 250;
		store.answers[0]?.(7);
		for (const text of await Promise.all(scrapes))
			expect(text).toContain('sureping_pending{kind="deliveries"} 7');
		now = 250 + 20 * 250 - 1;
		expect(await count.recent()).toMatchObject({ deliveries: 7 });
		expect(store.answers).toHaveLength(1);
		now++;
		void count.recent();
		expect(store.answers).toHaveLength(2);
	});

	it('is made again soon where much depends on it, and after 10 s however long it took', async () => {
		const store = counting();
		const count = new BacklogCount(store);
		for (const [tookMs, rest, goodMs] of [
			[250, 'soon', 250],
			[30_000, 'soon', 10_000],
			[30_000, 'usual', 10_000],
		] as const) {
			const first = count.recent(rest);
			now += tookMs;
			store.answers.at(-1)?.(7);
			await first;
			const { length } = store.answers;
			now += goodMs - 1;
			await count.recent(rest);
			expect(store.answers).toHaveLength(length);
			now++;
			const second = count.recent(rest);
			expect(store.answers).toHaveLength(length + 1);
			store.answers.at(-1)?.(7);
			await second;
			now++;
		}
	});

	it('takes in what is accepted while it is made', async () => {
		const store = counting();
		const count = new BacklogCount(store);
		count.add(3);
		const counted = count.recent();
		count.add(2);
		store.answers[0]?.(3);
		await counted;
		expect(count.mostDeliveries).toBe(5);
	});
});

describe('the backpressure of several processes', () => {
	it('learns within seconds that others have filled the store, and that there is room again', async () => {
		const store = counting();
		const clock = { time: 0, now: () => clock.time };
		const log = pino({ level: 'silent' });
		const backpressure = new Backpressure({
			settings: {
				max_pending: 10,
				max_requests: 1,
				max_request_mb: 1,
				min_free_disk_mb: 1,
				max_endpoints: 1,
			},
			backlog: new BacklogCount(store),
			isShared: true,
			keys: 1,
			freeBytes: async () => undefined,
			clock,
			log,
			metrics: createMetrics(async () => NOTHING),
		});
		const opening = backpressure.open();
		store.answers[0]?.(0);
		await opening;
		/** Moves time on while that many deliveries wait. */
		const later = async (ms: number, waiting: number): Promise<'in' | 'refused'> => {
			clock.time += ms;
			now += ms;
			const look = (): 'in' | 'refused' => {
				try {
					backpressure.admit('normal', { isForCritical: false });
					return 'in';
				} catch {
					return 'refused';
				}
			};
			look();
			store.answers.at(-1)?.(waiting);
			await new Promise(setImmediate);
			return look();
		};
		expect(await later(1_000, 50)).toBe('in');
		expect(await later(2_000, 50)).toBe('refused');
		expect(await later(1_000, 5)).toBe('in');
	});
});
