import { VirtualClock } from '../../../support/virtual-clock.ts';
import { START, WebhookStore } from '../../../support/webhook-store.ts';
import { openBedOn } from '../bed.ts';

const events = ['notification.queued'] as const;

describe('replays', () => {
	let clock: VirtualClock;
	let scene: WebhookStore;
	beforeEach(async () => {
		clock = new VirtualClock(START);
		scene = new WebhookStore(clock, await openBedOn(clock));
	});
	afterEach(() => scene.dispose());

	describe('a replay', () => {
		it('that is cancelled sends no more than it has made due', async () => {
			for (let i = 0; i < 6; i++) await scene.queuedMany(100);
			await scene.endpoint('ep_1', { events });
			const { store } = scene;
			const replay = await store.replays.start({ endpointId: 'ep_1', onlyFailed: false });
			await store.replays.advance();
			expect(await store.replays.cancel(replay!.id)).toBe('running');
			expect(await store.replays.advance()).toBe(false);
			expect(await store.replays.get(replay!.id)).toMatchObject({
				status: 'cancelled',
				replayed: 200,
				total: 600,
			});
			expect(await store.replays.cancel(replay!.id)).toBe('cancelled');
			expect(await store.replays.cancel('rpl_none')).toBeUndefined();
		});

		it('owes its next part only when most of what came before is done, and keeps no other from going on', async () => {
			for (let i = 0; i < 6; i++) await scene.queuedMany(100);
			await scene.endpoint('ep_slow', { events });
			await scene.endpoint('ep_other', { events });
			const { store } = scene;
			const start = async (endpointId: string): Promise<string> =>
				(await store.replays.start({ endpointId, onlyFailed: false }))!.id;
			const [slow, other] = [await start('ep_slow'), await start('ep_other')];
			const done = async (): Promise<unknown[]> =>
				Promise.all([slow, other].map(async (id) => (await store.replays.get(id))!.replayed));
			const goOn = async (): Promise<void> => {
				while (await store.replays.advance());
			};
			await goOn();
			expect(await done()).toEqual([200, 200]);
			expect(await store.replays.isAnyRunning()).toBe(true);

			for (let left = 150; left > 0;) {
				const claimed = await store.webhooks.claim(clock.now(), 100);
				for (const due of claimed) {
					const { endpoint } = due.to as { endpoint: { id: string } }; // There are no callbacks here.
					const [one] = due.deliveries;
					if (endpoint.id === 'ep_other' && left-- > 0) {
						const attempts = [{ at: clock.now(), latencyMs: 1, status: 200 }];
						await store.webhooks.settle([{ id: one!.delivery.id, state: 'delivered', attempts }]);
					}
				}
				for (const due of claimed) store.webhooks.release(due);
			}
			await goOn();
			expect(await done()).toEqual([200, 400]);
			expect(await store.replays.cancel(slow)).toBe('running');
			expect(await store.replays.cancel(other)).toBe('running');
			expect(await store.replays.isAnyRunning()).toBe(false);
		});
	});
});
