import { incidentStore, TWO_STEPS } from '../../../support/incident-store.ts';
import { START } from '../../../support/set-clock.ts';
import { openBed } from '../bed.ts';

const DAY = 24 * 3600_000;
const callback = {
	url: 'https://app.example/events',
	profile: 'sureping',
	reportType: 'all',
	apiKey: 'test',
} as const;

describe('incidents', () => {
	const scene = incidentStore(openBed);

	const rows = async (table: string): Promise<number> =>
		Number((await scene.bed.sql(`SELECT count(*) AS n FROM ${table}`))[0]?.n);

	describe('a new one', () => {
		it('is stored with its pages, its events and their callbacks', async () => {
			const opening = scene.opening({ dedupKey: 'disk', callbacks: [callback] });
			const { incident } = opening.transition;
			const opened = await scene.store.incidents.open(opening);
			expect(opened).toEqual({ result: 'accepted', answer: opening.answer });
			await scene.bed.reopen();
			const { incidents } = scene.store;
			// As JSON, as properties without a value are not stored.
			const stored = JSON.parse(JSON.stringify(incident));
			expect(await incidents.get(incident.id)).toEqual(stored);
			const [page] = incident.pages;
			expect(await incidents.ofNotification(page!.notificationId)).toBe(incident.id);
			expect(await incidents.ofNotification('msg_unknown')).toBeUndefined();
			expect(await incidents.get('inc_unknown')).toBeUndefined();
			expect(await scene.told()).toEqual([
				'escalation.opened',
				'escalation.step_started',
				'notification.queued',
			]);
			const [due] = await scene.store.deliveries.claim(scene.now, 10);
			expect(due?.notification.id).toBe(page?.notificationId);
			const owed = await scene.store.webhooks.claim(scene.now, 10);
			expect(owed.map(({ to }) => to)).toEqual(
				[callback, callback, callback].map((one) => ({ callback: one })),
			);
		});

		it('answers an idempotency key as it did before, and refuses it with another body', async () => {
			const idempotency = { key: 'k', bodyHash: 'h' };
			const first = scene.opening({ idempotency });
			await scene.store.incidents.open(first);
			const again = await scene.store.incidents.open(scene.opening({ idempotency }));
			expect(again).toEqual({ result: 'repeated', answer: first.answer });
			const other = { key: 'k', bodyHash: 'other' };
			const refused = await scene.store.incidents.open(scene.opening({ idempotency: other }));
			expect(refused).toEqual({ result: 'conflict', answer: first.answer });
			expect(await scene.store.sends.earlierAnswer('test', idempotency, scene.now)).toEqual(again);
			expect([await rows('incidents'), await rows('incident_pages')]).toEqual([1, 1]);
			scene.now += DAY;
			const later = await scene.store.incidents.open(scene.opening({ idempotency: other }));
			expect(later.result).toBe('accepted');
		});

		it('shares the idempotency keys of sends', async () => {
			const idempotency = { key: 'k', bodyHash: 'h' };
			await scene.accept(scene.planned(), { idempotency });
			expect(await scene.store.incidents.open(scene.opening({ idempotency }))).toMatchObject({
				result: 'repeated',
				answer: { notification_id: expect.any(String) },
			});
			expect(await rows('incidents')).toBe(0);
		});

		it('counts as one notification of a quota, and is not stored beyond it', async () => {
			const quota = { start: START, end: START + DAY, most: 2 };
			const idempotency = { key: 'k', bodyHash: 'h' };
			const results = [];
			for (const more of [{}, { dedupKey: 'a' }, { idempotency }, { dedupKey: 'a' }]) {
				results.push((await scene.store.incidents.open(scene.opening({ quota, ...more }))).result);
			}
			expect(results).toEqual(['accepted', 'accepted', 'over_quota', 'over_quota']);
			expect(await scene.store.sends.quotaUse([{ apiKey: 'test', start: START }])).toEqual([2]);
			expect([await rows('incidents'), await rows('notifications')]).toEqual([2, 2]);
			expect(await scene.told()).toHaveLength(6);
			// The key of a request that was refused is free.
			expect(await scene.store.sends.earlierAnswer('test', idempotency, scene.now)).toBeUndefined();
		});

		it('is stored whole or not at all', async () => {
			const twin = scene.opening();
			await scene.store.incidents.open(twin);
			const idempotency = { key: 'k', bodyHash: 'h' };
			const quota = { start: START, end: START + DAY, most: 2 };
			const opening = scene.opening({ dedupKey: 'a', idempotency, quota });
			// Its page is there already, as that of another incident.
			const { notifications } = twin.transition;
			const broken = { ...opening, transition: { ...opening.transition, notifications } };
			await expect(scene.store.incidents.open(broken)).rejects.toThrow();
			const { id } = opening.transition.incident;
			expect(await scene.store.incidents.get(id)).toBeUndefined();
			expect(await scene.store.sends.quotaUse([{ apiKey: 'test', start: START }])).toEqual([0]);
			expect(await scene.told()).toHaveLength(3);
			expect((await scene.store.incidents.open(opening)).result).toBe('accepted');
		});
	});

	describe('a send with the deduplication key of one that is not over', () => {
		it('is added to it: nothing else is stored, and nobody is paged', async () => {
			const { id, notificationId } = await scene.escalate({ dedupKey: 'disk' });
			const before = await scene.told();
			const idempotency = { key: 'k', bodyHash: 'h' };
			const joined = await scene.store.incidents.open(
				scene.opening({ dedupKey: 'disk', idempotency }),
			);
			const answer = {
				notification_id: notificationId,
				status: 'queued',
				deliveries: [],
				incident: { id, status: 'open', opened: false },
			};
			expect(joined).toEqual({ result: 'joined', answer });
			expect(await scene.store.incidents.get(id)).toMatchObject({ triggers: 1 });
			expect(await scene.told()).toEqual(before);
			expect([await rows('incidents'), await rows('notifications')]).toEqual([1, 1]);
			// A repeat of the request gets the same answer, and does not count again.
			const again = await scene.store.incidents.open(
				scene.opening({ dedupKey: 'disk', idempotency }),
			);
			expect(again).toEqual({ result: 'repeated', answer });
			expect(await scene.store.incidents.get(id)).toMatchObject({ triggers: 1 });
		});

		it.each(['acknowledged', 'exhausted'] as const)(
			'is added to one that is %s',
			async (status) => {
				const { id } = await scene.escalate({ dedupKey: 'disk' });
				await scene.change(id, (incident) => ({
					incident: { ...incident, status, next: undefined },
					notifications: [],
					stopped: [],
					events: [],
				}));
				const joined = await scene.store.incidents.open(scene.opening({ dedupKey: 'disk' }));
				expect(joined).toMatchObject({ result: 'joined', answer: { incident: { id, status } } });
			},
		);

		it('opens another for another owner, and after the end', async () => {
			const { id } = await scene.escalate({ dedupKey: 'disk' });
			const other = await scene.escalate({ dedupKey: 'disk', apiKey: 'other' });
			const { incidents } = scene.store;
			expect(await incidents.withKey('disk')).toEqual([id, other.id].sort());
			expect(await incidents.withKey('disk', 'key:other')).toEqual([other.id]);
			expect(await incidents.withKey('unknown')).toEqual([]);
			await scene.change(id, scene.resolve);
			const next = await scene.escalate({ dedupKey: 'disk' });
			expect(await incidents.withKey('disk', 'key:test')).toEqual([next.id]);
		});

		it('opens one only, however many come at once and wherever', async () => {
			const another = await scene.bed.another();
			const results = await Promise.all(
				Array.from({ length: 40 }, async (_, i) => {
					const store = i % 2 ? another : scene.store;
					return await store.incidents.open(scene.opening({ dedupKey: `k${i % 4}` }));
				}),
			);
			const counts = Map.groupBy(results, ({ result }) => result);
			expect([counts.get('accepted')?.length, counts.get('joined')?.length]).toEqual([4, 36]);
			expect(new Set(results.map(({ answer }) => answer.incident?.id)).size).toBe(4);
			expect([await rows('incidents'), await rows('notifications')]).toEqual([4, 4]);
			const { items } = await scene.store.incidents.list({}, { limit: 10 });
			expect(items.map(({ triggers }) => triggers)).toEqual([9, 9, 9, 9]);
		});

		it('opens another where the row of that one is damaged, which is put aside', async () => {
			const { id } = await scene.escalate({ dedupKey: 'disk' });
			await scene.bed.sql("UPDATE incidents SET body = 'damaged' WHERE id = ?", id);
			const next = await scene.escalate({ dedupKey: 'disk', policy: TWO_STEPS });
			expect(await scene.store.incidents.withKey('disk')).toEqual([next.id]);
			const { items } = await scene.store.deadLetters.list({ kind: 'incident' }, { limit: 10 });
			expect(items).toMatchObject([{ of: id, reason: 'It is not JSON any more' }]);
		});
	});
});
