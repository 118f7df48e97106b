import type { HttpRequest } from '@sureping/engine';
import { VirtualClock } from '../../../support/virtual-clock.ts';
import { deliveryEvent, START, WebhookStore } from '../../../support/webhook-store.ts';
import { openBedOn } from '../bed.ts';

const MINUTE = 60_000;

describe('webhooks', () => {
	describe('an endpoint for a moment', () => {
		it('gets nothing after its time, and is gone with what it was owed', async () => {
			const clock = new VirtualClock(START);
			const scene = new WebhookStore(clock, await openBedOn(clock));
			const { store } = scene;
			await scene.endpoint('ep_1', { expiresAt: START + MINUTE });
			const failed = await scene.failed();
			expect(await store.webhooks.nextAt(START - 1)).toBe(START);

			clock.advance(2 * MINUTE);
			await scene.failed();
			const { items } = await store.webhooks.list({}, { limit: 10 });
			expect(items.map(({ event }) => deliveryEvent(event).notification_id)).toEqual([
				failed.notification.id,
			]);
			await store.endpoints.removeExpired(clock.now());
			expect(await store.endpoints.all()).toEqual([]);
			expect(await store.webhooks.nextAt(0)).toBeUndefined();
			await scene.dispose();
		});
	});

	describe('a webhook that this host is out of files for', () => {
		it('is posted when there are some, with no attempt lost and nothing held against its endpoint', async () => {
			const clock = new VirtualClock(START);
			const scene = new WebhookStore(clock, await openBedOn(clock));
			await scene.endpoint('ep_1');
			let requests = 0;
			const pusher = scene.pusher(clock, async () =>
				++requests <= 15
					? { failure: 'exhausted', detail: 'no files (EMFILE)' }
					: { status: 200, headers: {}, body: '' },
			);
			await scene.failed();
			pusher.wake();
			const done = (async () => {
				while (requests < 16) await clock.sleep(1_000);
				await clock.sleep(1_000);
			})();
			await clock.run(done);
			const { items } = await scene.store.webhooks.list({}, { limit: 10 });
			expect(items.map(({ state }) => state)).toEqual(['delivered']);
			expect(items[0]?.attempts).toHaveLength(1);
			// Fifteen waits of a second or two: no breaker, no schedule.
			expect(clock.now() - START).toBeLessThan(40_000);
			const [endpoint] = await scene.store.endpoints.all();
			expect(endpoint).toMatchObject({ status: 'enabled' });
			expect(endpoint?.health).toBeUndefined();
			await pusher.stop();
			await scene.dispose();
		});
	});

	describe('a webhook whose endpoint is down for hours', () => {
		it('is posted six times over 102.5 minutes, signed anew each time, and then given up', async () => {
			const clock = new VirtualClock(START);
			const scene = new WebhookStore(clock, await openBedOn(clock));
			const { store } = scene;
			await scene.endpoint('ep_1');

			const requests: { at: number; request: HttpRequest }[] = [];
			const pusher = scene.pusher(clock, async (request) => {
				requests.push({ at: clock.now(), request });
				return { status: 503, headers: {}, body: '' };
			});
			const { notification, events } = await scene.failed();
			pusher.wake();
			const allSent = (async () => {
				while (requests.length < 6) await clock.sleep(MINUTE);
				// Nothing is owed after the sixth, however long one waits.
				await clock.sleep(24 * 60 * MINUTE);
			})();
			await clock.run(allSent);

			const minutes = requests.map(({ at }) => (at - START) / MINUTE);
			expect(minutes).toEqual([0, 0.5, 2.5, 12.5, 42.5, 102.5]);
			const timestamps = requests.map(({ request }) => request.headers['X-OnePing-Timestamp']);
			expect(timestamps).toEqual(requests.map(({ at }) => String(Math.floor(at / 1000))));
			const bodies = new Set(requests.map(({ request }) => request.body));
			expect([...bodies]).toEqual([JSON.stringify(events.at(-2))]);
			expect([...bodies].join()).toContain(notification.id);
			expect(await store.webhooks.nextAt(0)).toBeUndefined();

			await pusher.stop();
			await scene.dispose();
		});
	});
});
