import { OUTCOMES, SendStore } from '../../../support/send-store.ts';
import { pruneAll } from '../../../support/prune-all.ts';
import { openBed } from '../bed.ts';

const START = Date.parse('2026-01-01T00:00:00Z');
const DAY_MS = 86_400_000;

describe('upkeep', () => {
	let now = START;
	let scene: SendStore;
	beforeEach(async () => {
		now = START;
		scene = await SendStore.open({ now: () => now }, openBed);
	});
	afterEach(() => scene.bed.dispose());

	const claimedIds = async (limit = 100, store = scene.store): Promise<string[]> =>
		(await store.deliveries.claim(now, limit)).map(({ deliveryId }) => deliveryId);

	describe('what is kept for a time', () => {
		it('stays whole while one delivery of a notification is still tried, though another has arrived', async () => {
			const transition = scene.planned({ channels: ['console:terminal', 'console:second'] });
			await scene.accept(transition);
			const { id, deliveries } = transition.notification;
			const [arrived, tried] = deliveries;
			await scene.store.deliveries.claim(now, 10);
			await scene.settle(id, arrived!.id, OUTCOMES.delivered);
			await scene.settle(id, tried!.id, OUTCOMES.busy);
			for (const one of deliveries) scene.store.deliveries.release(one.id);
			now += 90 * DAY_MS;
			const month = { notificationsMs: 30 * DAY_MS, eventsMs: 30 * DAY_MS };
			await pruneAll(scene.store, now, month);
			const kept = await scene.store.notifications.get(id);
			expect(kept?.notification.deliveries.map(({ state }) => state)).toEqual([
				'delivered',
				'retrying',
			]);
			expect(kept?.events).toHaveLength(4);
			expect(await claimedIds()).toEqual([tried!.id]);
			await scene.settle(id, tried!.id, OUTCOMES.delivered);
			scene.store.deliveries.release(tried!.id);
			now += 90 * DAY_MS;
			await pruneAll(scene.store, now, month);
			expect(await scene.store.notifications.get(id)).toBeUndefined();
		});
	});
});
