import { pruneAll } from '../../../support/prune-all.ts';
import { sendScene } from '../../../support/send-scene.ts';
import { OUTCOMES } from '../../../support/send-store.ts';
import { openBed } from '../bed.ts';

const DAY_MS = 86_400_000;

describe('upkeep', () => {
	const scene = sendScene(openBed);

	describe('what is kept for a time', () => {
		it('stays whole while one delivery of a notification is still tried, though another has arrived', async () => {
			const transition = scene.planned({ channels: ['console:terminal', 'console:second'] });
			await scene.accept(transition);
			const { id, deliveries } = transition.notification;
			const [arrived, tried] = deliveries;
			await scene.store.deliveries.claim(scene.now, 10);
			await scene.settle(id, arrived!.id, OUTCOMES.delivered);
			await scene.settle(id, tried!.id, OUTCOMES.busy);
			for (const one of deliveries) scene.store.deliveries.release(one.id);
			scene.now += 90 * DAY_MS;
			const month = { notificationsMs: 30 * DAY_MS, eventsMs: 30 * DAY_MS };
			await pruneAll(scene.store, scene.now, month);
			const kept = await scene.store.notifications.get(id);
			expect(kept?.notification.deliveries.map(({ state }) => state)).toEqual([
				'delivered',
				'retrying',
			]);
			expect(kept?.events).toHaveLength(4);
			expect(await scene.claimedIds()).toEqual([tried!.id]);
			await scene.settle(id, tried!.id, OUTCOMES.delivered);
			scene.store.deliveries.release(tried!.id);
			scene.now += 90 * DAY_MS;
			await pruneAll(scene.store, scene.now, month);
			expect(await scene.store.notifications.get(id)).toBeUndefined();
		});
	});
});
