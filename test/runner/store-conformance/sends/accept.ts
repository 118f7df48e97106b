import { pruneAll } from '../../../support/prune-all.ts';
import { sendScene } from '../../../support/send-scene.ts';
import { START } from '../../../support/set-clock.ts';
import { openBed } from '../bed.ts';

const DAY_MS = 86_400_000;

describe('sends', () => {
	const scene = sendScene(openBed);

	describe('accepting', () => {
		it('keeps what it accepted, word for word', async () => {
			const callback = {
				url: 'https://example.com/a',
				profile: 'sureping',
				reportType: 'all',
				apiKey: 'test',
			} as const;
			const metadata = { text: 'Ünïcödé \u2028 "quoted" \\ {a,b} NULL 😀', deep: [{ n: 1.5 }] };
			const transition = scene.planned({ metadata, subject: 'S', priority: 'critical' });
			await scene.accept(transition, { callbacks: [callback] });
			await scene.bed.reopen();
			const found = await scene.store.notifications.get(transition.notification.id);
			expect(found?.notification).toEqual(transition.notification);
			const { subject, message } = transition.notification;
			expect(found?.events).toEqual(
				transition.events.map((event) => ({ ...event, subject, message })),
			);
			expect(found?.status).toBe('queued');
			const [owed] = await scene.store.webhooks.claim(scene.now, 10);
			expect(owed?.to).toEqual({ callback });
		});

		it('answers a key as it did before, for a day, and refuses it with another body', async () => {
			const idempotency = { key: 'k', bodyHash: 'h' };
			const first = scene.planned();
			const { id } = first.notification;
			expect((await scene.accept(first, { idempotency })).result).toBe('accepted');
			const again = await scene.accept(scene.planned(), { idempotency });
			expect(again).toMatchObject({ result: 'repeated', answer: { notification_id: id } });
			const other = { key: 'k', bodyHash: 'other' };
			expect((await scene.accept(scene.planned(), { idempotency: other })).result).toBe('conflict');
			const elsewhere = await scene.accept(scene.planned(), { idempotency, apiKey: 'another' });
			expect(elsewhere.result).toBe('accepted');
			expect(await scene.store.sends.earlierAnswer('test', other, scene.now)).toMatchObject({
				result: 'conflict',
			});
			expect(
				await scene.store.sends.earlierAnswer('test', { key: 'x', bodyHash: 'h' }, scene.now),
			).toBeUndefined();
			const { items } = await scene.store.notifications.list({}, { limit: 10 });
			expect(items).toHaveLength(2);
			scene.now += DAY_MS;
			expect(await scene.store.sends.earlierAnswer('test', idempotency, scene.now)).toBeUndefined();
			expect((await scene.accept(scene.planned(), { idempotency: other })).result).toBe('accepted');
			await pruneAll(scene.store, scene.now + DAY_MS);
			expect(await scene.store.sends.earlierAnswer('test', other, scene.now)).toBeUndefined();
		});

		it('keeps the answer to a key for its whole day, however often what is old is removed', async () => {
			const idempotency = { key: 'k', bodyHash: 'h' };
			await scene.accept(scene.planned(), { idempotency });
			const kept = async (): Promise<number> =>
				Number((await scene.bed.sql('SELECT count(*) AS n FROM idempotency'))[0]?.n);
			for (scene.now of [START, START + DAY_MS / 2, START + DAY_MS - 1]) {
				await pruneAll(scene.store, scene.now);
				expect(await scene.store.sends.earlierAnswer('test', idempotency, scene.now)).toMatchObject(
					{
						result: 'repeated',
					},
				);
			}
			await pruneAll(scene.store, START + DAY_MS);
			expect(await kept()).toBe(0);
		});

		it('keeps the same key of two API keys apart, also when both come in the same moment', async () => {
			const keys = ['one', 'two', 'three'];
			const results = await Promise.all(
				keys.map((apiKey) =>
					scene.accept(scene.planned(), { apiKey, idempotency: { key: 'k', bodyHash: apiKey } }),
				),
			);
			expect(results.map(({ result }) => result)).toEqual(['accepted', 'accepted', 'accepted']);
			for (const [i, apiKey] of keys.entries()) {
				const found = await scene.store.sends.earlierAnswer(
					apiKey,
					{ key: 'k', bodyHash: apiKey },
					scene.now,
				);
				expect(found).toEqual({ result: 'repeated', answer: results[i]?.answer });
			}
		});

		it('accepts a key once, however many come at once and wherever', async () => {
			const another = await scene.bed.another();
			const results = await Promise.all(
				Array.from({ length: 40 }, (_, i) =>
					scene.accept(scene.planned(), {
						idempotency: { key: `k${i % 4}`, bodyHash: 'h' },
						store: i % 2 ? another : scene.store,
					}),
				),
			);
			const counts = Map.groupBy(results, ({ result }) => result);
			expect([counts.get('accepted')?.length, counts.get('repeated')?.length]).toEqual([4, 36]);
			expect((await scene.store.notifications.list({}, { limit: 100 })).items).toHaveLength(4);
			const answers = new Set(results.map(({ answer }) => answer.notification_id));
			expect(answers.size).toBe(4);
		});

		it('takes nobody along with one that cannot be kept', async () => {
			const twin = scene.planned();
			await scene.accept(twin);
			const results = await Promise.allSettled([
				scene.accept(scene.planned()),
				scene.accept(twin),
				scene.accept(scene.planned()),
			]);
			expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
			expect((await scene.store.feed.read(undefined, 100))?.events).toHaveLength(3);
		});
	});
});
