import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import {
	accept,
	createIds,
	type Delivery,
	openConnection,
	planSend,
	type SendRequest,
	settle,
} from '@sureping/engine';
import { pino } from 'pino';
import {
	type DeliveryGates,
	OPEN_GATES,
	type EndpointGates,
} from '../../runner/store/contract/limits.ts';
import { SqliteStore } from '../../runner/store/sqlite/index.ts';
import { SendStore } from '../support/send-store.ts';
import { untilStored } from '../../runner/workers/until-stored.ts';
import { VirtualClock } from '../support/virtual-clock.ts';
import { WebhookStore } from '../support/webhook-store.ts';

const START = Date.parse('2026-01-01T00:00:00Z');
const random = () => 0.5;

describe('the SQLite store', () => {
	const dir = mkdtempSync(join(tmpdir(), 'sureping-store-'));
	const newId = createIds(() => START);
	const file = join(dir, 'a.db');
	const store = new SqliteStore(file, { newId, now: () => START });
	afterAll(async () => {
		await store.close();
		rmSync(dir, { recursive: true });
	});

	async function send(request: Partial<SendRequest> = {}): Promise<Delivery> {
		const opened = openConnection('console', 'terminal', {});
		if (!opened.ok) throw new Error('A console needs no settings');
		const policy = { delaysMs: [15_000], jitter: 0, timeoutMs: 1000 };
		const catalog = [
			{ channel: 'console', name: 'terminal', connection: opened.connection, policy },
		];
		const planned = planSend({ message: 'm', channels: ['console'], ...request }, catalog, START);
		if (!planned.ok) throw new Error(JSON.stringify(planned.problems));
		const transition = accept(planned.plan, START, newId);
		const { id } = transition.notification;
		const answer = { notification_id: id, status: 'queued' as const, deliveries: [] };
		await store.sends.accept({ transition, apiKey: 'test', answer });
		return transition.notification.deliveries[0]!;
	}
	const failure = { code: 'SERVICE_UNAVAILABLE' as const, message: 'busy' };
	const failed = { result: 'failed' as const, permanent: false, error: failure };

	it('cancels a delivery whose attempt ended in the same moment', async () => {
		await send();
		const [due] = await store.deliveries.claim(START, 10);
		const { notification, deliveryId } = due!;
		const outcome = store.deliveries.update(notification.id, (current) =>
			settle(
				current,
				deliveryId,
				{ attempt: 1, at: START, latencyMs: 0, outcome: failed },
				{ random, newId },
			),
		);
		const cancelled = store.notifications.cancel(notification.id);
		expect((await outcome).events.map(({ event }) => event)).toEqual(['notification.retrying']);
		expect(await cancelled).toBe('cancelled');
		store.deliveries.release(deliveryId);
		const after = await store.notifications.get(notification.id);
		expect(after?.status).toBe('cancelled');
		expect(after?.notification.deliveries).toMatchObject([{ state: 'cancelled' }]);
		expect(await store.deliveries.nextAt(0)).toBeUndefined();
	});

	it('puts a row aside that cannot be read, gives out the others, and takes it up again when asked to', async () => {
		// Too large to be remembered between accept and claim.
		const message = 'm'.repeat(5_000);
		const [broken, sound] = [await send({ message }), await send({ message })];
		const other = new DatabaseSync(file);
		const writePolicy = (json: string): unknown =>
			other
				.prepare(
					`UPDATE notifications SET deliveries = json_set(deliveries, '$[0].policy', json(?))
					 WHERE deliveries ->> '$[0].id' = ?`,
				)
				.run(json, broken.id);
		writePolicy('"damaged"');
		const claimed = await store.deliveries.claim(START, 10);
		expect(claimed.map(({ deliveryId }) => deliveryId)).toEqual([sound.id]);
		// It is looked at once, not again and again.
		expect(await store.deliveries.claim(START, 10)).toEqual([]);
		expect(await store.deliveries.nextAt(0)).toBeUndefined();
		const [letter] = (await store.deadLetters.list({}, { limit: 10 })).items;
		expect(letter).toMatchObject({ kind: 'delivery', of: broken.id, reason: expect.any(String) });
		expect((await store.upkeep.backlog()).deadLetters).toBe(1);
		writePolicy(JSON.stringify(sound.policy));
		other.close();
		expect(await store.deadLetters.requeue(letter!.id)).toBe('retried');
		expect(await store.deadLetters.requeue(letter!.id)).toBeUndefined();
		const later = await store.deliveries.claim(START, 10);
		expect(later.map(({ deliveryId }) => deliveryId)).toEqual([broken.id]);
		for (const { deliveryId } of [...claimed, ...later]) store.deliveries.release(deliveryId);
	});

	it('moves the cursor past what a filter leaves out, and refuses one from beyond the end', async () => {
		const all = await store.feed.read(undefined, 1000);
		const none = await store.feed.read(undefined, 1000, ['notification.bounced']);
		expect(none).toEqual({ events: [], nextCursor: all?.nextCursor });
		expect(await store.feed.read(String(Number(all?.nextCursor) + 1), 10)).toBeUndefined();
	});

	it('ends a page early when its events are large, and goes on from there', async () => {
		const start = (await store.feed.read(undefined, 1000))?.nextCursor;
		const metadata = { blob: 'x'.repeat(900 * 1024) };
		const sent = [];
		for (let i = 0; i < 12; i++) sent.push((await send({ metadata })).id);
		const first = await store.feed.read(start, 1000);
		expect(first!.events.length).toBeGreaterThan(0);
		expect(first!.events.length).toBeLessThan(12);
		const rest = await store.feed.read(first!.nextCursor, 1000);
		const ids = [...first!.events, ...rest!.events].map((event) => event.delivery_id);
		expect(ids).toEqual(sent);
	});
});

describe('the SQLite store with a long history', () => {
	const scene = new WebhookStore();
	afterAll(() => scene.dispose());

	it('replays the few that were given up among very many, a part at a time', async () => {
		await scene.endpoint('ep_1', { events: ['notification.failed'] });
		const giveUp = async (): Promise<void> => {
			await scene.failed();
			const [due] = await scene.store.webhooks.claim(START, 10);
			const [one] = due!.deliveries;
			await scene.store.webhooks.settle([{ ...one!.delivery, state: 'exhausted' }]);
			scene.store.webhooks.release(due!);
		};
		await giveUp();
		await scene.sql(`WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 5000)
			INSERT INTO events (id, notification_id, type, body, created_at)
			SELECT 'evt_' || i, 'msg_' || i, 'notification.failed', '{}', ${START} FROM n`);
		await giveUp();
		const replay = await scene.store.replays.start({ endpointId: 'ep_1', onlyFailed: true });
		expect(replay).toMatchObject({ total: 2, replayed: 0, status: 'running' });
		let steps = 0;
		while (await scene.store.replays.advance()) steps++;
		expect(steps).toBe(3);
		const { status, replayed } = (await scene.store.replays.get(replay!.id))!;
		expect({ status, replayed }).toEqual({ status: 'done', replayed: 2 });
		const owed = await scene.store.webhooks.list({ state: 'pending' }, { limit: 10 });
		expect(owed.items).toHaveLength(2);
	});

	it('ends a page of webhooks early when they are large, and goes on from there', async () => {
		await scene.endpoint('ep_2', { events: ['notification.queued'] });
		const sent = [];
		for (let i = 0; i < 12; i++) {
			const { events } = await scene.queued({ blob: 'x'.repeat(900 * 1024) });
			sent.push(events[0]?.event_id);
		}
		const seen = [];
		let pages = 0;
		let after: string | undefined;
		do {
			const page = await scene.store.webhooks.list({ endpointId: 'ep_2' }, { limit: 1000, after });
			seen.push(...page.items.map(({ event }) => event.event_id));
			after = page.nextCursor;
			pages++;
		} while (after);
		expect(pages).toBe(2);
		expect(new Set(seen)).toEqual(new Set(sent));
		expect(seen).toHaveLength(12);
	});
});

describe('an outcome that the store does not take', () => {
	it('is kept and tried until it is stored, however long that takes', async () => {
		const clock = new VirtualClock(START);
		let refusals = 50;
		const store = async (): Promise<string> => {
			if (refusals-- > 0) throw new Error('disk full');
			return 'stored';
		};
		const log = pino({ level: 'silent' });
		expect(await clock.run(untilStored(clock, log, () => false, store))).toBe('stored');
		expect(clock.now() - START).toBeGreaterThan(5 * 60_000);
	});

	it('is given up when the runner stops', async () => {
		const clock = new VirtualClock(START);
		const refuse = async (): Promise<never> => {
			throw new Error('disk full');
		};
		const work = untilStored(clock, pino({ level: 'silent' }), () => true, refuse);
		await expect(clock.run(work)).rejects.toThrow('disk full');
	});
});

describe('a claim whose reserved turns cannot be stored', () => {
	it('is given back', async () => {
		const dir = mkdtempSync(join(tmpdir(), 'sureping-store-'));
		const file = join(dir, 'a.db');
		const newId = createIds(() => START);
		// The second recipient's turn comes later.
		let asked = 0;
		const gates: DeliveryGates = {
			...OPEN_GATES,
			limitsRecipients: () => true,
			reserve: () => (asked++ === 1 ? START + 1_000 : undefined),
		};
		const store = new SqliteStore(file, { newId, now: () => START, gates });
		const scene = await SendStore.open({ now: () => START }, async () => ({
			store,
			isBusy: () => false,
			whenIdle: async () => undefined,
			notificationTables: [],
			sql: () => Promise.resolve([]),
			another: () => Promise.resolve(store),
			reopen: () => Promise.resolve(),
			dispose: () => store.close(),
		}));
		await scene.send();
		await scene.send();
		const other = new DatabaseSync(file);
		other.exec('BEGIN IMMEDIATE');
		await expect(store.deliveries.claim(START, 10)).rejects.toThrow('locked');
		other.exec('ROLLBACK');
		other.close();
		expect(await store.deliveries.claim(START + 1_000, 10)).toHaveLength(2);
		await store.close();
		rmSync(dir, { recursive: true });
	});
});

describe('a webhook whose endpoint’s gate opens just after a look', () => {
	it('is looked for at once, and not with the next look', async () => {
		const scene = new WebhookStore({ now: () => START });
		await scene.endpoint('ep_1', { events: ['notification.queued'] });
		await scene.queued();
		let isShut = true;
		const gates: EndpointGates = {
			of: () => (isShut ? { most: 0, opensAt: START } : undefined),
			started: () => undefined,
			isShared: () => false,
			adopt: () => undefined,
			share: () => ({ starts: [], probeAt: undefined }),
		};
		expect(await scene.store.webhooks.claim(START, 10, gates)).toEqual([]);
		isShut = false;
		expect(await scene.store.webhooks.nextAt(START, gates)).toBe(START + 1);
		expect(await scene.store.webhooks.claim(START + 1, 10, gates)).toHaveLength(1);
		expect(await scene.store.webhooks.nextAt(START + 1, gates)).toBeUndefined();
		await scene.dispose();
	});
});
