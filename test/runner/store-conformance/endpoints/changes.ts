import { healthyFrom } from '@sureping/engine';
import { pruneAll } from '../../../support/prune-all.ts';
import { SqliteBed } from '../../../support/store-bed.ts';
import { webhookScene } from '../../../support/webhook-scene.ts';
import { openBed } from '../bed.ts';

const MINUTE = 60_000;
const events = ['notification.queued'] as const;

describe('endpoints', () => {
	const scene = webhookScene(openBed);

	describe('endpoints', () => {
		it('are kept with all that they have, and changed as they are now', async () => {
			const endpoint = await scene.endpoint('ep_1', {
				events,
				batch: { maxEvents: 3, maxWaitMs: 5 },
				previousSecrets: [{ secret: 'old', until: scene.now + MINUTE }],
				headers: { 'x-a': 'b' },
				expiresAt: scene.now + MINUTE,
				source: 'api',
			});
			const another = await scene.bed.another();
			expect(await another.endpoints.all()).toEqual([endpoint]);
			await Promise.all([
				scene.store.endpoints.change('ep_1', (one) => ({ ...one, name: 'renamed' })),
				another.endpoints.change('ep_1', (one) => ({ ...one, isDefault: true })),
				scene.store.endpoints.setStatus('ep_1', 'disabled'),
			]);
			const health = { ...healthyFrom(endpoint.createdAt), disabled: 'requested' };
			const changes = { name: 'renamed', isDefault: true, status: 'disabled', health };
			const changed = { ...endpoint, ...changes };
			expect(await another.endpoints.all()).toEqual([changed]);
			expect(await scene.store.endpoints.all()).toEqual([changed]);
			const gone = await scene.store.endpoints.change('ep_2', (one) => one);
			expect(gone).toEqual({ result: 'gone' });
		});

		it('of the config file are declared all at once: what is gone is cancelled, the rest written as planned', async () => {
			const [, gone] = [
				await scene.endpoint('ep_1', { events }),
				await scene.endpoint('ep_2', { events }),
			];
			await scene.queuedMany(1);
			const done = await scene.store.endpoints.declare((stored) => ({
				write: [
					{ ...stored.find(({ id }) => id === 'ep_1')!, name: 'renamed', status: 'disabled' },
					{ ...gone, id: 'ep_3', name: 'new' },
				],
				remove: stored.filter(({ id }) => id === 'ep_2'),
			}));
			expect(done.remove.map(({ id }) => id)).toEqual(['ep_2']);
			const another = await scene.bed.another();
			for (const store of [scene.store, another]) {
				const found = (await store.endpoints.all()).map(({ id, name, status }) => [
					id,
					name,
					status,
				]);
				expect(found).toEqual([
					['ep_1', 'renamed', 'disabled'],
					['ep_3', 'new', 'enabled'],
				]);
			}
			expect(await scene.states('ep_2')).toEqual(['cancelled']);
			expect(await scene.states('ep_1')).toEqual(['pending']);
		});

		it('of the config file may be thousands, which start and start again at once', async () => {
			const many = 4_000;
			const model = await scene.endpoint('ep_0', { source: 'config' });
			const declared = Array.from({ length: many }, (_, i) => ({
				...model,
				id: `ep_${i}`,
				name: `e${i}`,
			}));
			const started = Date.now();
			await scene.store.endpoints.declare(() => ({ write: declared, remove: [] }));
			const stored = await (await scene.bed.another()).endpoints.all();
			expect(stored).toHaveLength(many);
			await scene.store.endpoints.declare((all) => ({ write: [], remove: all.slice(1) }));
			expect(await scene.store.endpoints.all()).toHaveLength(1);
			// In linear time they take one second; when each of them reads all others, more than a hundred.
			expect(Date.now() - started).toBeLessThan(25_000);
		});

		it('of the API never share a URL, wherever they are added', async () => {
			const another = await scene.bed.another();
			const endpoint = await scene.endpoint('ep_1', { source: 'api' });
			const twins = await Promise.all(
				Array.from({ length: 6 }, (_, i) =>
					(i % 2 ? another : scene.store).endpoints.add({
						...endpoint,
						id: `ep_n${i}`,
						url: 'http://a/',
					}),
				),
			);
			expect(twins.filter((one) => one !== undefined)).toHaveLength(1);
			const taken = await scene.store.endpoints.change('ep_1', (one) => ({
				...one,
				url: 'http://a/',
			}));
			expect(taken).toEqual({ result: 'taken' });
		});

		it('that are paused and resumed do not keep others waiting, however much they are owed', async () => {
			await scene.endpoint('ep_1', { events });
			for (let i = 0; i < 25; i++) await scene.queuedMany(200);
			for (const status of ['disabled', 'enabled'] as const) {
				let isChanged = false;
				const changed = scene.store.endpoints
					.setStatus('ep_1', status)
					.finally(() => (isChanged = true));
				await scene.queuedMany(1);
				expect(isChanged).toBe(false);
				await changed;
				const { items } = await scene.store.webhooks.list({ endpointId: 'ep_1' }, { limit: 6_000 });
				const expected = status === 'disabled' ? 'held' : 'pending';
				expect(new Set(items.map(({ state }) => state))).toEqual(new Set([expected]));
			}
		}, 60_000);

		it.each([
			['disabled', 'held'],
			['gone', 'cancelled'],
		] as const)(
			'that are %s are in line after a restart in the middle of it',
			async (status, expected) => {
				await scene.endpoint('ep_1', { events });
				await scene.queuedMany(3);
				const table = scene.bed instanceof SqliteBed ? 'endpoints' : 'sureping.endpoints';
				await scene.bed.sql(
					status === 'gone' ? `DELETE FROM ${table}` : `UPDATE ${table} SET status = '${status}'`,
				);
				await scene.bed.reopen();
				// Nothing of it is sent meanwhile.
				expect(await scene.store.webhooks.claim(scene.now, 10)).toEqual([]);
				await pruneAll(scene.store, scene.now);
				expect(await scene.states('ep_1')).toEqual(Array(3).fill(expected));
			},
		);

		it('that are disabled get what they are owed when they are enabled, and removed ones nothing', async () => {
			await scene.endpoint('ep_1', { events });
			await scene.endpoint('ep_2', { events });
			await scene.queuedMany(3);
			const [under] = await scene.store.webhooks.claim(scene.now, 1);
			await scene.store.endpoints.setStatus('ep_1', 'disabled');
			await scene.store.endpoints.setStatus('ep_2', 'disabled');
			await scene.queuedMany(2);
			expect(await scene.store.webhooks.claim(scene.now + MINUTE, 100)).toEqual([]);
			expect(await scene.states('ep_1')).toEqual(Array(5).fill('held'));
			const { delivery } = under!.deliveries[0]!;
			await scene.store.webhooks.settle([
				{
					...delivery,
					attempts: [{ at: scene.now, latencyMs: 1, status: 500 }],
					dueAt: scene.now + 1,
				},
			]);
			scene.store.webhooks.release(under!);
			expect(new Set([...(await scene.states('ep_1')), ...(await scene.states('ep_2'))])).toEqual(
				new Set(['held']),
			);
			await scene.store.endpoints.setStatus('ep_1', 'enabled');
			await scene.store.endpoints.remove('ep_2');
			expect(await scene.states('ep_2')).toEqual(Array(5).fill('cancelled'));
			let free = 100;
			for (let some; (some = await scene.store.webhooks.claim(scene.now, free)).length > 0;) {
				free -= some.length;
			}
			expect(100 - free).toBe(5);
		});

		it('get nothing for events after their time, and are gone with the next sweep', async () => {
			await scene.endpoint('ep_1', { events, expiresAt: scene.now + MINUTE });
			await scene.queued();
			scene.now += 2 * MINUTE;
			await scene.queued();
			expect(await scene.states('ep_1')).toEqual(['pending']);
			await scene.store.endpoints.removeExpired(scene.now);
			expect(await scene.store.endpoints.all()).toEqual([]);
			expect(await scene.store.webhooks.nextAt(0)).toBeUndefined();
		});
	});
});
