import { setImmediate } from 'node:timers/promises';
import { TickLimit } from '../../runner/http/tick-limit.ts';

describe('accepting', () => {
	it('leaves a turn of the event loop to others after so many sends, and forgets nobody', async () => {
		const limit = new TickLimit();
		const order: number[] = [];
		const all = Promise.all(
			Array.from({ length: 100 }, async (_, i) => {
				await limit.enter();
				order.push(i);
			}),
		);
		const counts: number[] = [];
		while (order.length < 100) {
			await setImmediate();
			counts.push(order.length);
		}
		await all;
		expect(order).toEqual(Array.from({ length: 100 }, (_, i) => i));
		const each = counts.map((count, i) => count - (counts[i - 1] ?? 0)).filter((n) => n > 0);
		expect(Math.max(...each.slice(1))).toBeLessThanOrEqual(32);
		expect(each.length).toBeGreaterThanOrEqual(3);
	});

	it('makes nobody wait where there are few', async () => {
		const limit = new TickLimit();
		for (let i = 0; i < 1_000; i++) {
			if (i % 32 === 0) await setImmediate();
			expect(limit.enter()).toBeUndefined();
		}
	});
});
