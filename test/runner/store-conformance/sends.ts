import { OPEN_GATES } from '../../../runner/store/contract/limits.ts';
import { OUTCOMES, SendStore } from '../../support/send-store.ts';
import { pruneAll } from '../../support/prune-all.ts';
import { openBed } from './bed.ts';

const START = Date.parse('2026-01-01T00:00:00Z');
const DAY_MS = 86_400_000;

let now = START;
let scene: SendStore;
beforeEach(async () => {
	now = START;
	scene = await SendStore.open({ now: () => now }, openBed);
});
afterEach(() => scene.bed.dispose());

const claimedIds = async (limit = 100, store = scene.store): Promise<string[]> =>
	(await store.deliveries.claim(now, limit)).map(({ deliveryId }) => deliveryId);

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
		const [owed] = await scene.store.webhooks.claim(now, 10);
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
		expect(await scene.store.sends.earlierAnswer('test', other, now)).toMatchObject({
			result: 'conflict',
		});
		expect(
			await scene.store.sends.earlierAnswer('test', { key: 'x', bodyHash: 'h' }, now),
		).toBeUndefined();
		const { items } = await scene.store.notifications.list({}, { limit: 10 });
		expect(items).toHaveLength(2);
		now += DAY_MS;
		expect(await scene.store.sends.earlierAnswer('test', idempotency, now)).toBeUndefined();
		expect((await scene.accept(scene.planned(), { idempotency: other })).result).toBe('accepted');
		await pruneAll(scene.store, now + DAY_MS);
		expect(await scene.store.sends.earlierAnswer('test', other, now)).toBeUndefined();
	});

	it('keeps the answer to a key for its whole day, however often what is old is removed', async () => {
		const idempotency = { key: 'k', bodyHash: 'h' };
		await scene.accept(scene.planned(), { idempotency });
		const kept = async (): Promise<number> =>
			Number((await scene.bed.sql('SELECT count(*) AS n FROM idempotency'))[0]?.n);
		for (now of [START, START + DAY_MS / 2, START + DAY_MS - 1]) {
			await pruneAll(scene.store, now);
			expect(await scene.store.sends.earlierAnswer('test', idempotency, now)).toMatchObject({
				result: 'repeated',
			});
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
				now,
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

describe('claims', () => {
	it('are due again also when somebody looked while their outcome was being stored', async () => {
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

describe('updates', () => {
	it('start one fallback when two deliveries fail for good in the same moment', async () => {
		const another = await scene.bed.another();
		for (let round = 0; round < 10; round++) {
			const transition = scene.planned({
				channels: ['console:terminal', 'console:second'],
				fallback_channels: ['console:third'],
			});
			await scene.accept(transition);
			const { id, deliveries } = transition.notification;
			await Promise.all(
				deliveries.map((delivery, i) =>
					scene.settle(id, delivery.id, OUTCOMES.failed, i % 2 ? another : scene.store),
				),
			);
			const found = await scene.store.notifications.get(id);
			expect(found?.notification.deliveries.map(({ role }) => role)).toEqual([
				'primary',
				'primary',
				'fallback',
			]);
			expect(found?.notification.fallbacks).toEqual([]);
			const third = found!.notification.deliveries[2]!;
			expect(await claimedIds()).toContain(third.id);
			await scene.settle(id, third.id, OUTCOMES.delivered);
			expect((await scene.store.notifications.get(id))?.status).toBe('delivered');
		}
	});

	it('of one notification follow each other: no event is lost, none has another’s number', async () => {
		const another = await scene.bed.another();
		const transition = scene.planned({
			channels: ['console:terminal', 'console:second', 'console:third'],
		});
		await scene.accept(transition);
		const { id, deliveries } = transition.notification;
		await Promise.all(
			deliveries.flatMap(({ id: deliveryId }) => [
				scene.settle(id, deliveryId, OUTCOMES.busy, another),
				scene.settle(id, deliveryId, OUTCOMES.delivered),
			]),
		);
		const found = await scene.store.notifications.get(id);
		for (const delivery of found!.notification.deliveries) {
			const own = found!.events.filter((event) => event.delivery_id === delivery.id);
			expect(own.map(({ sequence }) => sequence)).toEqual(own.map((_, i) => i + 1));
			expect(delivery.sequence).toBe(own.length);
			expect(delivery.state).toBe('delivered');
		}
		expect(found?.status).toBe('delivered');
	});

	it('take nobody along with a step that throws', async () => {
		const sent = await Promise.all(Array.from({ length: 3 }, () => scene.send()));
		const results = await Promise.allSettled(
			sent.map(({ id, delivery }, i) =>
				i === 1
					? scene.store.deliveries.update(id, () => {
							throw new Error('a bug');
						})
					: scene.settle(id, delivery.id, OUTCOMES.delivered),
			),
		);
		expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
		await expect(
			scene.store.deliveries.update('msg_nobody', () => scene.planned()),
		).rejects.toThrow('There is no notification msg_nobody');
	});

	it('made twice with the same outcome count once', async () => {
		const { id, delivery } = await scene.send();
		const outcome = (): ReturnType<typeof scene.settle> =>
			scene.settle(id, delivery.id, OUTCOMES.delivered);
		await outcome();
		expect((await outcome()).events).toEqual([]);
		expect((await scene.store.notifications.get(id))?.events).toHaveLength(2);
	});
});

describe('what is kept for a time', () => {
	it('stays whole while one delivery of a notification is still tried, though another has arrived', async () => {
		const transition = scene.planned({ channels: ['console:terminal', 'console:second'] });
		await scene.accept(transition);
		const { id, deliveries } = transition.notification;
		const [arrived, tried] = deliveries;
		await scene.store.deliveries.claim(now, 10);
		await scene.settle(id, arrived!.id, OUTCOMES.delivered);
		await scene.settle(id, tried!.id, OUTCOMES.busy);
		for (const one of deliveries) scene.store.deliveries.release(one.id);
		now += 90 * DAY_MS;
		const month = { notificationsMs: 30 * DAY_MS, eventsMs: 30 * DAY_MS };
		await pruneAll(scene.store, now, month);
		const kept = await scene.store.notifications.get(id);
		expect(kept?.notification.deliveries.map(({ state }) => state)).toEqual([
			'delivered',
			'retrying',
		]);
		expect(kept?.events).toHaveLength(4);
		expect(await claimedIds()).toEqual([tried!.id]);
		await scene.settle(id, tried!.id, OUTCOMES.delivered);
		scene.store.deliveries.release(tried!.id);
		now += 90 * DAY_MS;
		await pruneAll(scene.store, now, month);
		expect(await scene.store.notifications.get(id)).toBeUndefined();
	});
});

describe('cancelling', () => {
	it('ends what has not started, once, and nothing of it is given out', async () => {
		const { id } = await scene.send({ fallback_channels: ['console:second'] });
		expect(await scene.store.notifications.cancel(id)).toBe('cancelled');
		expect(await scene.store.notifications.cancel(id)).toBe('nothing');
		expect(await scene.store.notifications.cancel('msg_nobody')).toBeUndefined();
		expect(await claimedIds()).toEqual([]);
		expect(await scene.store.deliveries.nextAt(0)).toBeUndefined();
		const found = await scene.store.notifications.get(id);
		expect(found).toMatchObject({ status: 'cancelled', notification: { fallbacks: [] } });
	});

	it('lets an attempt that is under way count, and makes it the last', async () => {
		const { id, delivery } = await scene.send();
		await claimedIds();
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
			const [, claimed] = await Promise.all([another.notifications.cancel(id), claimedIds()]);
			const state = (await scene.store.notifications.get(id))?.notification.deliveries[0]?.state;
			expect(state).toBe(claimed.includes(delivery.id) ? 'queued' : 'cancelled');
		}
	});
});

describe('what is owed', () => {
	it('is counted, whoever works on it', async () => {
		const sent = await Promise.all(Array.from({ length: 5 }, () => scene.send()));
		await claimedIds(2);
		expect(await scene.store.upkeep.backlog()).toMatchObject({
			deliveries: 5,
			webhooks: 0,
			deadLetters: 0,
		});
		for (const { id, delivery } of sent) await scene.settle(id, delivery.id, OUTCOMES.delivered);
		expect(await scene.store.upkeep.backlog()).toMatchObject({
			deliveries: 0,
			webhooks: 0,
			deadLetters: 0,
		});
		await scene.store.upkeep.probe();
	});
});

describe('the list of notifications', () => {
	it('has them newest first, page by page, by status and by channel', async () => {
		const ids = [];
		for (let i = 0; i < 7; i++) {
			now++;
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
		const { items } = await scene.store.notifications.list({ status: 'delivered' }, { limit: 10 });
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
			now++;
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
});
