import { DueLoop } from '../../runner/workers/due-loop.ts';
import { VirtualClock } from '../support/virtual-clock.ts';

describe('what is due', () => {
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
});
