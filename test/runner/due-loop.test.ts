import { DueLoop } from '../../runner/workers/due-loop.ts';
import { VirtualClock } from '../support/virtual-clock.ts';

describe('what is due', () => {
	it('is looked for again after a look that failed, though nothing else happens', async () => {
		const clock = new VirtualClock(0);
		const errors: unknown[] = [];
		let looks = 0;
		const { promise: done, resolve: handled } = Promise.withResolvers<number>();
		const loop = new DueLoop<string>({
			clock,
			concurrency: 4,
			async claim() {
				looks++;
				if (looks < 4) throw new Error('the store is busy');
				return looks === 4 ? ['a'] : [];
			},
			nextAt: async () => undefined,
			handle: async () => handled(clock.now()),
			onError: (error) => void errors.push(error),
		});
		loop.wake();
		expect(await clock.run(done)).toBe(3_000);
		expect(errors).toHaveLength(3);
		await loop.stop();
	});

	it('is given back and not started when it is claimed while the loop stops', async () => {
		const { promise: claimed, resolve: answer } = Promise.withResolvers<readonly string[]>();
		const started: string[] = [];
		const released: string[] = [];
		let isAsked = false;
		const loop = new DueLoop<string>({
			clock: new VirtualClock(0),
			concurrency: 4,
			claim() {
				isAsked = true;
				return claimed;
			},
			nextAt: async () => undefined,
			handle: async (item) => void started.push(item),
			release: (item) => void released.push(item),
			onError(error) {
				throw error;
			},
		});
		loop.wake();
		while (!isAsked) await new Promise(setImmediate);
		let hasStopped = false;
		const stopping = loop.stop().then(() => (hasStopped = true));
		await new Promise(setImmediate);
		expect(hasStopped).toBe(false);
		answer(['a', 'b']);
		await stopping;
		await new Promise(setImmediate);
		expect({ started, released }).toEqual({ started: [], released: ['a', 'b'] });
	});

	it('is waited for by everyone who stops the loop, once it is under way', async () => {
		const { promise: done, resolve: finish } = Promise.withResolvers<undefined>();
		const claims = [['a', 'b'], []];
		let started = 0;
		const loop = new DueLoop<string>({
			clock: new VirtualClock(0),
			concurrency: 4,
			claim: async () => claims.shift() ?? [],
			nextAt: async () => undefined,
			async handle(item) {
				started++;
				if (item === 'a') throw new Error('a fails at once');
				await done;
			},
			onError: () => undefined,
		});
		loop.wake();
		while (started < 2) await new Promise(setImmediate);
		let stopped = 0;
		const stopping = [1, 2].map(() => loop.stop().then(() => stopped++));
		await new Promise(setImmediate);
		expect(stopped).toBe(0);
		finish(undefined);
		await Promise.all(stopping);
		expect(stopped).toBe(2);
	});
});
