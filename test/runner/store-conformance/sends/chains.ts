import { publishLoopStopped } from '@sureping/engine';
import { MONTH, pruneAll } from '../../../support/prune-all.ts';
import { sendScene } from '../../../support/send-scene.ts';
import { OUTCOMES } from '../../../support/send-store.ts';
import { START } from '../../../support/set-clock.ts';
import { openBed } from '../bed.ts';

const DAY = 24 * 3600_000;

describe('sends', () => {
	describe('a chain of sends', () => {
		const scene = sendScene(openBed);

		it('is as deep as the notification of the event that a send follows from, also after that is gone', async () => {
			const { notification, events } = scene.planned();
			const deep = { notification: { ...notification, depth: 3 }, events };
			await scene.accept(deep);
			const { id, deliveries } = notification;
			const [queued] = events;
			const failed = await scene.settle(id, deliveries[0]?.id ?? '', OUTCOMES.failed);
			await scene.bed.reopen();
			const ids = [queued, ...failed.events].map((event) => event?.event_id ?? '');
			expect(ids).toHaveLength(3);
			const origin = { notificationId: id, depth: 3, isKept: true, isStopped: false };
			for (const one of ids) expect(await scene.store.feed.origin(one)).toEqual(origin);
			expect(await scene.store.feed.origin('evt_unknown')).toBeUndefined();

			const refusal = { inReplyTo: ids[0] ?? '', limit: 3 };
			const stop = async () =>
				await scene.store.deliveries.update(id, (current) =>
					publishLoopStopped(current, refusal, scene.now, scene.newId),
				);
			expect((await stop()).events).toMatchObject([
				{ event: 'notification.loop_stopped', sequence: 2 },
			]);
			expect((await stop()).events).toEqual([]);
			expect(await scene.store.feed.origin(ids[0] ?? '')).toEqual({ ...origin, isStopped: true });

			await pruneAll(scene.store, START + 2 * DAY, { ...MONTH, notificationsMs: DAY });
			expect(await scene.store.feed.origin(ids[1] ?? '')).toEqual({ ...origin, isKept: false });
			await pruneAll(scene.store, START + 31 * DAY, MONTH);
			expect(await scene.store.feed.origin(ids[1] ?? '')).toBeUndefined();
		});
	});
});
