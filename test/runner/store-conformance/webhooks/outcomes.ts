import { webhookScene } from '../../../support/webhook-scene.ts';
import { openBed } from '../bed.ts';

const MINUTE = 60_000;
const events = ['notification.queued'] as const;

describe('webhooks', () => {
	const scene = webhookScene(openBed);

	describe('webhooks', () => {
		it('are given to one process each, and the outcome of each is kept', async () => {
			const another = await scene.bed.another();
			await scene.endpoint('ep_1', { events });
			await scene.endpoint('ep_2', { events });
			await scene.queuedMany(30);
			const claims = await Promise.all(
				[scene.store, another, scene.store, another].map((store) =>
					store.webhooks.claim(scene.now, 32),
				),
			);
			const ids = claims
				.flat()
				.flatMap(({ deliveries }) => deliveries.map((one) => one.delivery.id));
			expect(ids.length).toBeGreaterThan(20);
			expect(new Set(ids).size).toBe(ids.length);
			const [first, second] = claims[0]!;
			const [one, two] = [first!.deliveries[0]!.delivery, second!.deliveries[0]!.delivery];
			const attempt = { at: scene.now, latencyMs: 5, status: 500 };
			await scene.store.webhooks.settle([{ ...one, state: 'delivered', attempts: [attempt] }]);
			await scene.store.webhooks.settle([
				{ ...two, attempts: [attempt], dueAt: scene.now + MINUTE, mostTogether: 4 },
			]);
			scene.store.webhooks.release(first!);
			scene.store.webhooks.release(second!);
			expect(await scene.store.webhooks.nextAt(scene.now)).toBe(scene.now + MINUTE);
			await scene.bed.reopen();
			const [again] = (await scene.store.webhooks.claim(scene.now + MINUTE, 1000)).filter(
				({ deliveries }) => deliveries[0]?.delivery.id === two.id,
			);
			expect(again!.deliveries[0]!.delivery).toEqual({
				...two,
				attempts: [attempt],
				dueAt: scene.now + MINUTE,
				mostTogether: 4,
			});
			const { items } = await scene.store.webhooks.list({ state: 'delivered' }, { limit: 10 });
			expect(items.map(({ id }) => id)).toEqual([one.id]);
		});

		it('that were given up are tried again when somebody asks, and those of others stay', async () => {
			await scene.endpoint('ep_1', { events });
			await scene.queuedMany(2);
			const due = await scene.store.webhooks.claim(scene.now, 10);
			const all = due.flatMap(({ deliveries }) => deliveries.map(({ delivery }) => delivery));
			await scene.giveUp(all);
			due.forEach((one) => scene.store.webhooks.release(one));
			expect(await scene.store.webhooks.retry(all[0]!.id)).toBe('pending');
			expect(await scene.store.webhooks.retry('whd_nobody')).toBeUndefined();
			const [again, ...others] = await scene.store.webhooks.claim(scene.now, 10);
			expect([again!.deliveries[0]!.delivery.id, others]).toEqual([all[0]!.id, []]);
			await scene.store.endpoints.remove('ep_1');
			expect(await scene.store.webhooks.retry(all[1]!.id)).toBe('cancelled');
		});
	});
});
