import { VirtualClock } from '../../support/virtual-clock.ts';
import type { StoreBed } from '../../support/store-bed.ts';
import { START } from '../../support/webhook-store.ts';
import { openBedOn } from './bed.ts';

describe('a secret that the runner makes for itself', () => {
	let bed: StoreBed;
	beforeEach(async () => {
		bed = await openBedOn(new VirtualClock(START));
	});
	afterEach(() => bed.dispose());

	const keep = async (fill: number): Promise<number[]> => [
		...(await bed.store.secrets.keep('answer_links', Buffer.alloc(4, fill))),
	];

	it('is the first that was offered, also after a restart', async () => {
		expect(await keep(1)).toEqual([1, 1, 1, 1]);
		expect(await keep(2)).toEqual([1, 1, 1, 1]);
		await bed.reopen();
		expect(await keep(3)).toEqual([1, 1, 1, 1]);
	});

	it('is the same for two processes that make it at once', async () => {
		const stores = [bed.store, await bed.another()];
		const secrets = await Promise.all(
			Array.from({ length: 8 }, (_, i) =>
				stores[i % 2]!.secrets.keep('answer_links', Buffer.alloc(4, i + 1)),
			),
		);
		expect(new Set(secrets.map((secret) => Buffer.from(secret).toString('hex'))).size).toBe(1);
	});
});
