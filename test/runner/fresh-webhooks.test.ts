import { copyFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { createIds } from '@sureping/engine';
import { SqliteStore } from '../../runner/store/sqlite/index.ts';
import { type FreshWebhook, FreshWebhooks } from '../../runner/store/sqlite/webhooks/fresh.ts';
import { SqliteBed } from '../support/store-bed.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';
import { VirtualClock } from '../support/virtual-clock.ts';
import { START, WebhookStore } from '../support/webhook-store.ts';

describe('a webhook delivery that has no row yet', () => {
	const clock = new VirtualClock(START);
	const options = { newId: createIds(() => clock.now()), now: () => clock.now() };
	let bed: SqliteBed;
	let scene: WebhookStore;
	beforeEach(async () => {
		bed = new SqliteBed(options);
		scene = new WebhookStore(clock, bed);
		await scene.endpoint('ep_1', { events: ['notification.queued'] });
	});
	afterEach(() => scene.dispose());

	/** Opens the files as another process finds them when this one ends here and now. */
	async function afterCrash<T>(
		look: (store: SqliteStore) => Promise<T>,
		damage = 'SELECT 1',
	): Promise<T> {
		const file = join(temporaryDirectory('crash'), 'a.db');
		for (const part of ['', '-wal']) copyFileSync(bed.file + part, file + part);
		const db = new DatabaseSync(file);
		db.exec(damage);
		db.close();
		const store = new SqliteStore(file, options);
		try {
			return await look(store);
		} finally {
			await store.close();
		}
	}
	const owed = async (store: SqliteStore): Promise<readonly string[]> => {
		const claimed = await store.webhooks.claim(clock.now(), 100);
		return claimed.flatMap(({ deliveries }) => deliveries.map(({ delivery }) => delivery.id));
	};
	const claimAll = () => scene.store.webhooks.claim(clock.now(), 100);
	const ended = (due: Awaited<ReturnType<typeof claimAll>>[number]) =>
		due.deliveries.map(({ delivery: { id } }) => ({
			id,
			state: 'delivered' as const,
			attempts: [{ at: clock.now(), latencyMs: 1, status: 200 }],
		}));

	it('is owed after a crash, while it waits and while it is under way, and not once it has ended', async () => {
		await scene.queuedMany(3);
		expect(await afterCrash(owed)).toHaveLength(3);
		const [first, second, third] = await claimAll();
		const ids = [first, second, third].map((due) => due!.deliveries[0]!.delivery.id);
		expect((await afterCrash(owed)).toSorted()).toEqual(ids.toSorted());
		await scene.store.webhooks.settle(ended(second!));
		const left = [ids[0], ids[2]];
		expect((await afterCrash(owed)).toSorted()).toEqual(left.toSorted());
		// It is told from the others by its row, also after a second crash.
		await scene.store.webhooks.settle(ended(first!));
		await scene.store.webhooks.settle(ended(third!));
		expect(await afterCrash(owed)).toEqual([]);
		const states = await afterCrash(async (store) => {
			const { items } = await store.webhooks.list({}, { limit: 10 });
			return items.map(({ id, state }) => [id, state]);
		});
		expect(states.toSorted()).toEqual(ids.map((id) => [id, 'delivered']).toSorted());
	});

	it('gets a row when its first attempt fails, and is due again when that says', async () => {
		await scene.queuedMany(1);
		const [due] = await claimAll();
		const dueAt = clock.now() + 60_000;
		const [delivery] = ended(due!);
		await scene.store.webhooks.settle([{ ...delivery!, state: 'pending', dueAt }]);
		scene.store.webhooks.release(due!);
		expect(await scene.store.webhooks.nextAt(clock.now())).toBe(dueAt);
		expect(await afterCrash((store) => store.webhooks.nextAt(clock.now()))).toBe(dueAt);
	});

	it('is in lists and counted as every other', async () => {
		await scene.queuedMany(2);
		expect(await scene.store.upkeep.backlog()).toMatchObject({ webhooks: 2, webhooksSince: START });
		const { items } = await scene.store.webhooks.list({ state: 'pending' }, { limit: 10 });
		expect(items).toHaveLength(2);
		expect(await scene.store.upkeep.backlog()).toMatchObject({ webhooks: 2, webhooksSince: START });
		expect(await claimAll()).toHaveLength(2);
	});

	it('is taken when it is due, each once, however the clock leaps', async () => {
		await scene.queued();
		clock.advance(3_600_000);
		await scene.queued();
		clock.advance(-3_600_000);
		await scene.queued();
		const now = (await claimAll()).flatMap(({ deliveries }) => deliveries);
		expect(new Set(now.map(({ delivery }) => delivery.id)).size).toBe(2);
		expect(await claimAll()).toEqual([]);
		clock.advance(3_600_000);
		expect(await claimAll()).toHaveLength(1);
		clock.advance(-3_600_000);
	});

	it('does not keep those waiting that have rows, while a batch is not due', async () => {
		const batch = { maxEvents: 10, maxWaitMs: 60_000 };
		await scene.endpoint('ep_2', { events: ['notification.queued'], batch });
		await scene.queued();
		// As a list does in the same moment as the next send.
		await Promise.all([scene.store.webhooks.list({}, { limit: 1 }), scene.queued()]);
		clock.advance(59_999);
		await scene.queued();
		clock.advance(1);
		const batches = (await claimAll()).filter(({ deliveries }) => deliveries.length > 1);
		expect(batches).toHaveLength(1);
	});

	it('is found by a replay until a moment within ten seconds that have a later event', async () => {
		await scene.queued();
		clock.advance(10_000 - (clock.now() % 10_000) + 5_000);
		await scene.queued();
		const endpointId = 'ep_1';
		const until = clock.now() - 1_000;
		const replay = await scene.store.replays.start({ endpointId, until, onlyFailed: false });
		expect(replay?.total).toBe(1);
	});

	it.each(['[null]', '[{}]', '[1]', '{}', '[{"id":"whd_1","callback":{"url":"nonsense"}}]'])(
		'keeps no other one back, and no start, when its list reads %s',
		async (damaged) => {
			await scene.queuedMany(2);
			const found = await afterCrash(
				owed,
				`UPDATE events SET owed = '${damaged}' WHERE position = (SELECT max(position) FROM events)`,
			);
			expect(found).toHaveLength(1);
		},
	);

	it('keeps an event whose list cannot be read from stopping the start, and the event becomes a dead letter', async () => {
		const [broken] = await scene.queuedMany(2);
		const { event_id: id } = broken!.events[0]!;
		const found = await afterCrash(async (store) => {
			const { items } = await store.deadLetters.list({}, { limit: 10 });
			return { owed: await owed(store), letters: items.map(({ kind, of }) => [kind, of]) };
		}, `UPDATE events SET owed = '{' WHERE id = '${id}'`);
		expect(found).toEqual({ owed: [expect.any(String)], letters: [['event', id]] });
	});
});

describe('fresh webhook deliveries', () => {
	const webhook = (id: string, position: number, bytes = 1): FreshWebhook => ({
		id,
		position,
		lane: 'ep_1',
		to: {
			callback: { url: 'http://127.0.0.1:9', profile: 'one-ping', reportType: 'all', apiKey: 'a' },
		},
		event: { event: 'notification.queued' } as FreshWebhook['event'],
		bytes,
		dueAt: 0,
		mostTogether: undefined,
	});

	it('are settled up to the event before the first that has not ended', () => {
		const fresh = new FreshWebhooks(10);
		fresh.add(11, [webhook('a', 11)]);
		fresh.add(12, []);
		fresh.add(13, [webhook('b', 13)]);
		expect(fresh.settledPosition).toBe(10);
		fresh.drop('b');
		expect(fresh.settledPosition).toBe(10);
		fresh.drop('a');
		expect(fresh.settledPosition).toBe(13);
	});

	it('are bounded in number and in bytes', () => {
		const fresh = new FreshWebhooks(0);
		fresh.add(1, [webhook('a', 1, 30 * 1024 * 1024)]);
		expect([fresh.hasRoom(1024 * 1024), fresh.hasRoom(3 * 1024 * 1024)]).toEqual([true, false]);
		fresh.drop('a');
		for (let i = 0; i < 10_000; i++) {
			expect(fresh.hasRoom(1)).toBe(true);
			fresh.add(i, [webhook(String(i), i)]);
		}
		expect(fresh.hasRoom(1)).toBe(false);
	});

	it('are far behind when a restart would have to look at very many events', () => {
		const fresh = new FreshWebhooks(0);
		fresh.add(1, [webhook('a', 1)]);
		fresh.add(50_000, []);
		expect(fresh.isFarBehind).toBe(false);
		fresh.add(50_001, []);
		expect(fresh.isFarBehind).toBe(true);
	});
});
