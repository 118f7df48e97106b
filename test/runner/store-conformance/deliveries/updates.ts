import { sendScene } from '../../../support/send-scene.ts';
import { OUTCOMES } from '../../../support/send-store.ts';
import { openBed } from '../bed.ts';

describe('deliveries', () => {
	const scene = sendScene(openBed);

	describe('updates', () => {
		it('start one fallback when two deliveries fail for good in the same moment', async () => {
			const another = await scene.bed.another();
			for (let round = 0; round < 10; round++) {
				const transition = scene.planned({
					channels: ['console:terminal', 'console:second'],
					fallback_channels: ['console:third'],
				});
				await scene.accept(transition);
				const { id, deliveries } = transition.notification;
				await Promise.all(
					deliveries.map((delivery, i) =>
						scene.settle(id, delivery.id, OUTCOMES.failed, i % 2 ? another : scene.store),
					),
				);
				const found = await scene.store.notifications.get(id);
				expect(found?.notification.deliveries.map(({ role }) => role)).toEqual([
					'primary',
					'primary',
					'fallback',
				]);
				expect(found?.notification.fallbacks).toEqual([]);
				const third = found!.notification.deliveries[2]!;
				expect(await scene.claimedIds()).toContain(third.id);
				await scene.settle(id, third.id, OUTCOMES.delivered);
				expect((await scene.store.notifications.get(id))?.status).toBe('delivered');
			}
		});

		it('of one notification follow each other: no event is lost, none has another’s number', async () => {
			const another = await scene.bed.another();
			const transition = scene.planned({
				channels: ['console:terminal', 'console:second', 'console:third'],
			});
			await scene.accept(transition);
			const { id, deliveries } = transition.notification;
			await Promise.all(
				deliveries.flatMap(({ id: deliveryId }) => [
					scene.settle(id, deliveryId, OUTCOMES.busy, another),
					scene.settle(id, deliveryId, OUTCOMES.delivered),
				]),
			);
			const found = await scene.store.notifications.get(id);
			for (const delivery of found!.notification.deliveries) {
				const own = found!.events.filter((event) => event.delivery_id === delivery.id);
				expect(own.map(({ sequence }) => sequence)).toEqual(own.map((_, i) => i + 1));
				expect(delivery.sequence).toBe(own.length);
				expect(delivery.state).toBe('delivered');
			}
			expect(found?.status).toBe('delivered');
		});

		it('take nobody along with a step that throws', async () => {
			const sent = await Promise.all(Array.from({ length: 3 }, () => scene.send()));
			const results = await Promise.allSettled(
				sent.map(({ id, delivery }, i) =>
					i === 1
						? scene.store.deliveries.update(id, () => {
								throw new Error('a bug');
							})
						: scene.settle(id, delivery.id, OUTCOMES.delivered),
				),
			);
			expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
			await expect(
				scene.store.deliveries.update('msg_nobody', () => scene.planned()),
			).rejects.toThrow('There is no notification msg_nobody');
		});

		it('made twice with the same outcome count once', async () => {
			const { id, delivery } = await scene.send();
			const outcome = (): ReturnType<typeof scene.settle> =>
				scene.settle(id, delivery.id, OUTCOMES.delivered);
			await outcome();
			expect((await outcome()).events).toEqual([]);
			expect((await scene.store.notifications.get(id))?.events).toHaveLength(2);
		});
	});
});
