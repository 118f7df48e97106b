import { OPEN_GATES } from '../../../../runner/store/contract/limits.ts';
import { OUTCOMES, SendStore } from '../../../support/send-store.ts';
import { openBed } from '../bed.ts';

const START = Date.parse('2026-01-01T00:00:00Z');

describe('deliveries', () => {
	let now = START;
	let scene: SendStore;
	beforeEach(async () => {
		now = START;
		scene = await SendStore.open({ now: () => now }, openBed);
	});
	afterEach(() => scene.bed.dispose());

	const claimedIds = async (limit = 100, store = scene.store): Promise<string[]> =>
		(await store.deliveries.claim(now, limit)).map(({ deliveryId }) => deliveryId);

	describe('claims', () => {
		it('are due again, also when the next due time was asked for while their outcome was being stored', async () => {
			const { id, delivery } = await scene.send();
			await scene.store.deliveries.claim(now, 1);
			const { notification } = await scene.settle(id, delivery.id, OUTCOMES.busy);
			await scene.store.deliveries.nextAt(now);
			scene.store.deliveries.release(delivery.id);
			const dueAt = notification.deliveries[0]?.dueAt;
			expect(dueAt).toBeGreaterThan(now);
			expect(await scene.store.deliveries.nextAt(now)).toBe(dueAt);
			now = dueAt ?? now;
			expect(await claimedIds()).toEqual([delivery.id]);
		});

		it('give critical ones first, then the longest due, and none before its time', async () => {
			const later = await scene.send({ send_at: new Date(START + 60_000).toISOString() });
			const first = await scene.send();
			now += 10;
			const second = await scene.send();
			const critical = await scene.send({ priority: 'critical' });
			expect(await claimedIds(10)).toEqual([
				critical.delivery.id,
				first.delivery.id,
				second.delivery.id,
			]);
			expect(await claimedIds()).toEqual([]);
			expect(await scene.store.deliveries.nextAt(now)).toBe(START + 60_000);
			now = START + 60_000;
			expect(await claimedIds()).toEqual([later.delivery.id]);
		});

		it('give what expires on time after a restart, also where the connection lets nothing through', async () => {
			const closed = {
				...OPEN_GATES,
				opening: () => ({ room: 0, which: 'due' as const }),
				nextAt: () => Infinity,
			};
			await scene.bed.dispose();
			scene = await SendStore.open({ now: () => now }, (options) =>
				openBed({ ...options, gates: closed }),
			);
			const expiresAt = START + 60_000;
			const { delivery } = await scene.send({ expires_at: new Date(expiresAt).toISOString() });
			await scene.send();
			await scene.bed.reopen();
			expect(await claimedIds()).toEqual([]);
			expect(await scene.store.deliveries.nextAt(now)).toBe(expiresAt);
			now = expiresAt;
			expect(await claimedIds()).toEqual([delivery.id]);
		});

		it('give nothing twice, in however many processes', async () => {
			const another = await scene.bed.another();
			const sent = await Promise.all(Array.from({ length: 60 }, () => scene.send()));
			const claims = await Promise.all(
				Array.from({ length: 12 }, (_, i) => claimedIds(7, i % 2 ? another : scene.store)),
			);
			const all = claims.flat();
			expect(new Set(all).size).toBe(all.length);
			for (let some; (some = await claimedIds()).length > 0;) all.push(...some);
			expect(all.sort()).toEqual(sent.map(({ delivery }) => delivery.id).sort());
		});

		it('end with a release, with an outcome, and with a restart', async () => {
			const { id, delivery } = await scene.send();
			expect(await claimedIds()).toEqual([delivery.id]);
			expect((await scene.store.notifications.get(id))?.sending).toEqual(new Set([delivery.id]));
			scene.store.deliveries.release(delivery.id);
			expect(await claimedIds()).toEqual([delivery.id]);

			await scene.settle(id, delivery.id, OUTCOMES.busy);
			scene.store.deliveries.release(delivery.id);
			expect((await scene.store.notifications.get(id))?.sending.size).toBe(0);
			expect(await claimedIds()).toEqual([]);
			now += 15_000;
			expect(await claimedIds()).toEqual([delivery.id]);

			await scene.bed.reopen();
			expect(await claimedIds()).toEqual([delivery.id]);
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
