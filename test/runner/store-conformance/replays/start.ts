import { receivedEvent } from '@sureping/engine';
import { START } from '../../../support/set-clock.ts';
import { webhookScene } from '../../../support/webhook-scene.ts';
import { openBed } from '../bed.ts';

const MINUTE = 60_000;

describe('replays', () => {
	const scene = webhookScene(openBed);

	describe('replays', () => {
		it('give an endpoint past events once more: by time, by type, those that were given up', async () => {
			await scene.queuedMany(3);
			scene.now += MINUTE;
			await scene.endpoint('ep_1', { events: ['notification.queued', 'notification.failed'] });
			await scene.failed();
			const due = await scene.store.webhooks.claim(scene.now, 10);
			const all = due.flatMap(({ deliveries }) => deliveries.map(({ delivery }) => delivery));
			expect(all).toHaveLength(2);
			await scene.giveUp(all);
			due.forEach((one) => scene.store.webhooks.release(one));

			const run = async (request: object): Promise<unknown> => {
				const replay = await scene.store.replays.start({
					endpointId: 'ep_1',
					onlyFailed: false,
					...request,
				});
				while (await scene.store.replays.advance());
				return { before: replay?.total, ...(await scene.store.replays.get(replay?.id ?? '')) };
			};
			expect(await run({ until: START })).toMatchObject({ before: 3, replayed: 3, status: 'done' });
			expect(await run({ types: ['notification.failed'] })).toMatchObject({ replayed: 1 });
			expect(await run({ since: scene.now, onlyFailed: true })).toMatchObject({ replayed: 1 });
			expect(await run({ since: scene.now + 1 })).toMatchObject({ before: 0, status: 'done' });
			const owed = (await scene.states('ep_1')).filter((state) => state === 'pending');
			expect(owed).toHaveLength(5);
			const nobody = { endpointId: 'ep_nobody', onlyFailed: false };
			expect(await scene.store.replays.start(nobody)).toBeUndefined();
			expect(await scene.store.replays.get('rpl_nobody')).toBeUndefined();
			expect(await scene.store.replays.advance()).toBe(false);
		});

		it('give an endpoint what nobody could read as well, whatever types it wants', async () => {
			const facts = { notificationId: 'n', type: 'unknown', unreadable: true } as const;
			const report = receivedEvent('telegram', facts, 'hello', scene.now);
			const origin = { provider: 'telegram', connection: 'bot', forwardAt: scene.now } as const;
			await scene.store.reports.take([report], origin);
			await scene.endpoint('ep_1', { profile: 'sureping', events: ['notification.failed'] });
			const request = {
				endpointId: 'ep_1',
				onlyFailed: false,
				types: ['notification.failed'],
			} as const;
			const replay = await scene.store.replays.start(request);
			while (await scene.store.replays.advance());
			expect(replay?.total).toBe(1);
			expect(await scene.store.replays.get(replay?.id ?? '')).toMatchObject({ replayed: 1 });
		});
	});
});
