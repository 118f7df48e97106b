import { sendScene } from '../../support/send-scene.ts';
import { OUTCOMES } from '../../support/send-store.ts';
import { openBed } from './bed.ts';

describe('notifications', () => {
	const scene = sendScene(openBed);

	it('keep the incident that they are a page of, through their attempts and a restart', async () => {
		const { notification, events } = scene.planned();
		const { id } = notification;
		await scene.accept({ notification: { ...notification, incidentId: 'inc_1' }, events });
		const found = async () => (await scene.store.notifications.get(id))?.notification.incidentId;
		const [due] = await scene.store.deliveries.claim(scene.now, 10);
		expect(due?.notification.incidentId).toBe('inc_1');
		await scene.settle(id, due?.deliveryId ?? '', OUTCOMES.delivered);
		expect(await found()).toBe('inc_1');
		await scene.bed.reopen();
		expect(await found()).toBe('inc_1');
	});

	describe('cancelling', () => {
		it('ends what has not started, once, and nothing of it is given out', async () => {
			const { id } = await scene.send({ fallback_channels: ['console:second'] });
			expect(await scene.store.notifications.cancel(id)).toBe('cancelled');
			expect(await scene.store.notifications.cancel(id)).toBe('nothing');
			expect(await scene.store.notifications.cancel('msg_nobody')).toBeUndefined();
			expect(await scene.claimedIds()).toEqual([]);
			expect(await scene.store.deliveries.nextAt(0)).toBeUndefined();
			const found = await scene.store.notifications.get(id);
			expect(found).toMatchObject({ status: 'cancelled', notification: { fallbacks: [] } });
		});

		it('lets an attempt that is under way count, and makes it the last', async () => {
			const { id, delivery } = await scene.send();
			await scene.claimedIds();
			const another = await scene.bed.another();
			expect(await another.notifications.cancel(id)).toBe('cancelled');
			expect((await scene.store.notifications.get(id))?.status).toBe('queued');
			await scene.settle(id, delivery.id, OUTCOMES.busy);
			expect((await scene.store.notifications.get(id))?.status).toBe('failed');
		});

		it('and claiming at once leave a delivery either cancelled or given out, never both', async () => {
			const another = await scene.bed.another();
			for (let round = 0; round < 15; round++) {
				const { id, delivery } = await scene.send();
				const [, claimed] = await Promise.all([
					another.notifications.cancel(id),
					scene.claimedIds(),
				]);
				const state = (await scene.store.notifications.get(id))?.notification.deliveries[0]?.state;
				expect(state).toBe(claimed.includes(delivery.id) ? 'queued' : 'cancelled');
			}
		});
	});

	describe('the list of notifications', () => {
		it('has them newest first, page by page, by status and by channel', async () => {
			const ids = [];
			for (let i = 0; i < 7; i++) {
				scene.now++;
				const { id, delivery } = await scene.send();
				ids.push(id);
				if (i % 2) await scene.settle(id, delivery.id, OUTCOMES.delivered);
			}
			const newest = ids.toReversed();
			const seen = [];
			let after: string | undefined;
			do {
				const page = await scene.store.notifications.list({}, { limit: 3, after });
				seen.push(...page.items.map(({ id }) => id));
				after = page.nextCursor;
			} while (after);
			expect(seen).toEqual(newest);
			const { items } = await scene.store.notifications.list(
				{ status: 'delivered' },
				{ limit: 10 },
			);
			expect(items.map(({ id }) => id)).toEqual(newest.filter((_, i) => i % 2));
			expect(items[0]?.channels).toEqual(['console']);
			const found = await scene.store.notifications.list({ channel: 'console' }, { limit: 100 });
			expect(found.items).toHaveLength(7);
			const none = await scene.store.notifications.list({ channel: 'slack' }, { limit: 100 });
			expect(none).toEqual({ items: [] });
			const byBoth = { status: 'delivered', channel: 'console' } as const;
			const both = await scene.store.notifications.list(byBoth, { limit: 2 });
			expect(both.items.map(({ id }) => id)).toEqual([newest[1], newest[3]]);
		});

		it('has a notification once, however many of its deliveries are of the channel', async () => {
			const ids = [];
			for (let i = 0; i < 3; i++) {
				scene.now++;
				ids.push((await scene.send({ channels: ['console', 'console:second'] })).id);
			}
			const seen = [];
			let after: string | undefined;
			do {
				const page = await scene.store.notifications.list(
					{ channel: 'console' },
					{ limit: 2, after },
				);
				seen.push(...page.items);
				after = page.nextCursor;
			} while (after);
			expect(seen.map(({ id }) => id)).toEqual(ids.toReversed());
			expect(seen[0]?.channels).toEqual(['console', 'console']);
		});

		it('has each status, alone and with a channel, those of fallbacks and of dead letters too', async () => {
			const sent = new Map<string, string>();
			const send = async (
				name: string,
				channel: string,
				...outcomes: readonly (keyof typeof OUTCOMES)[]
			): Promise<{ id: string; deliveryId: string }> => {
				scene.now++;
				const planned = scene.planned({ fallback_channels: ['console:second'] });
				const { id, ...rest } = planned.notification;
				const deliveries = rest.deliveries.map((one) => ({ ...one, channel }));
				const fallbacks = rest.fallbacks.map((one) => ({ ...one, channel: 'email' }));
				await scene.accept({ ...planned, notification: { ...rest, id, deliveries, fallbacks } });
				sent.set(id, name);
				let deliveryId = deliveries[0]?.id ?? '';
				for (const outcome of outcomes) {
					const { notification } = await scene.settle(id, deliveryId, OUTCOMES[outcome]);
					deliveryId = notification.deliveries.at(-1)?.id ?? '';
				}
				return { id, deliveryId };
			};
			await send('waiting', 'sms');
			const stopped = await send('stopped', 'slack');
			await scene.store.deadLetters.add('delivery', [stopped.deliveryId], 'a fault');
			await send('retrying', 'slack', 'busy');
			await send('fallen back', 'sms', 'failed');
			await send('failed', 'slack', 'failed', 'failed');
			await send('delivered', 'sms', 'failed', 'delivered');
			const { id } = await send('cancelled', 'slack');
			await scene.store.notifications.cancel(id);

			const list = async (filter: object): Promise<readonly string[]> => {
				const names: string[] = [];
				let after: string | undefined;
				do {
					const page = await scene.store.notifications.list(filter, { limit: 1, after });
					names.push(...page.items.map((one) => sent.get(one.id) ?? ''));
					after = page.nextCursor;
				} while (after);
				return names;
			};
			expect(await list({ status: 'queued' })).toEqual(['stopped', 'waiting']);
			expect(await list({ status: 'in_progress' })).toEqual(['fallen back', 'retrying']);
			expect(await list({ status: 'delivered' })).toEqual(['delivered']);
			expect(await list({ status: 'failed' })).toEqual(['failed']);
			expect(await list({ status: 'cancelled' })).toEqual(['cancelled']);
			expect(await list({ channel: 'email' })).toEqual(['delivered', 'failed', 'fallen back']);
			expect(await list({ status: 'queued', channel: 'slack' })).toEqual(['stopped']);
			expect(await list({ status: 'in_progress', channel: 'email' })).toEqual(['fallen back']);
			expect(await list({ status: 'failed', channel: 'email' })).toEqual(['failed']);
			expect(await list({ status: 'delivered', channel: 'sms' })).toEqual(['delivered']);
			expect(await list({ status: 'delivered', channel: 'slack' })).toEqual([]);
		});
	});
});
