import { OPEN_GATES } from '../../../../runner/store/contract/limits.ts';
import { sendScene } from '../../../support/send-scene.ts';
import { OUTCOMES } from '../../../support/send-store.ts';
import { START } from '../../../support/set-clock.ts';
import { openBed } from '../bed.ts';

describe('deliveries', () => {
	const scene = sendScene(openBed);

	describe('claims', () => {
		it('are due again, also when the next due time was asked for while their outcome was being stored', async () => {
			const { id, delivery } = await scene.send();
			await scene.store.deliveries.claim(scene.now, 1);
			const { notification } = await scene.settle(id, delivery.id, OUTCOMES.busy);
			await scene.store.deliveries.nextAt(scene.now);
			scene.store.deliveries.release(delivery.id);
			const dueAt = notification.deliveries[0]?.dueAt;
			expect(dueAt).toBeGreaterThan(scene.now);
			expect(await scene.store.deliveries.nextAt(scene.now)).toBe(dueAt);
			scene.now = dueAt ?? scene.now;
			expect(await scene.claimedIds()).toEqual([delivery.id]);
		});

		it('give critical ones first, then the longest due, and none before its time', async () => {
			const later = await scene.send({ send_at: new Date(START + 60_000).toISOString() });
			const first = await scene.send();
			scene.now += 10;
			const second = await scene.send();
			const critical = await scene.send({ priority: 'critical' });
			expect(await scene.claimedIds(10)).toEqual([
				critical.delivery.id,
				first.delivery.id,
				second.delivery.id,
			]);
			expect(await scene.claimedIds()).toEqual([]);
			expect(await scene.store.deliveries.nextAt(scene.now)).toBe(START + 60_000);
			scene.now = START + 60_000;
			expect(await scene.claimedIds()).toEqual([later.delivery.id]);
		});

		it('give what expires on time after a restart, also where the connection lets nothing through', async () => {
			const closed = {
				...OPEN_GATES,
				opening: () => ({ room: 0, which: 'due' as const }),
				nextAt: () => Infinity,
			};
			await scene.bed.dispose();
			await scene.begin((options) => openBed({ ...options, gates: closed }));
			const expiresAt = START + 60_000;
			const { delivery } = await scene.send({ expires_at: new Date(expiresAt).toISOString() });
			await scene.send();
			await scene.bed.reopen();
			expect(await scene.claimedIds()).toEqual([]);
			expect(await scene.store.deliveries.nextAt(scene.now)).toBe(expiresAt);
			scene.now = expiresAt;
			expect(await scene.claimedIds()).toEqual([delivery.id]);
		});

		it('give nothing twice, in however many processes', async () => {
			const another = await scene.bed.another();
			const sent = await Promise.all(Array.from({ length: 60 }, () => scene.send()));
			const claims = await Promise.all(
				Array.from({ length: 12 }, (_, i) => scene.claimedIds(7, i % 2 ? another : scene.store)),
			);
			const all = claims.flat();
			expect(new Set(all).size).toBe(all.length);
			for (let some; (some = await scene.claimedIds()).length > 0;) all.push(...some);
			expect(all.sort()).toEqual(sent.map(({ delivery }) => delivery.id).sort());
		});

		it('end with a release, with an outcome, and with a restart', async () => {
			const { id, delivery } = await scene.send();
			expect(await scene.claimedIds()).toEqual([delivery.id]);
			expect((await scene.store.notifications.get(id))?.sending).toEqual(new Set([delivery.id]));
			scene.store.deliveries.release(delivery.id);
			expect(await scene.claimedIds()).toEqual([delivery.id]);

			await scene.settle(id, delivery.id, OUTCOMES.busy);
			scene.store.deliveries.release(delivery.id);
			expect((await scene.store.notifications.get(id))?.sending.size).toBe(0);
			expect(await scene.claimedIds()).toEqual([]);
			scene.now += 15_000;
			expect(await scene.claimedIds()).toEqual([delivery.id]);

			await scene.bed.reopen();
			expect(await scene.claimedIds()).toEqual([delivery.id]);
			const found = await scene.store.notifications.get(id);
			expect(found?.notification.deliveries[0]).toMatchObject({
				state: 'retrying',
				attempts: [{ at: START }],
				dueAt: START + 15_000,
				sequence: 2,
			});
		});
	});
});
