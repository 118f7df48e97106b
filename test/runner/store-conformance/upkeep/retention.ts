import { VirtualClock } from '../../../support/virtual-clock.ts';
import { START, WebhookStore } from '../../../support/webhook-store.ts';
import { MONTH, pruneAll } from '../../../support/prune-all.ts';
import { openBedOn } from '../bed.ts';

const DAY = 24 * 3600_000;
const events = ['notification.queued'] as const;
const page = { limit: 1000 };

describe('upkeep', () => {
	let clock: VirtualClock;
	let scene: WebhookStore;
	beforeEach(async () => {
		clock = new VirtualClock(START);
		scene = new WebhookStore(clock, await openBedOn(clock));
	});
	afterEach(() => scene.dispose());

	/** Posts what is due, and answers with this status. */
	async function push(status: number): Promise<void> {
		const pusher = scene.pusher(clock, async () => ({ status, headers: {}, body: '' }));
		pusher.wake();
		await clock.run(clock.sleep(1000));
		await pusher.stop();
	}

	const feed = async (after?: string) => await scene.store.feed.read(after, 1000);

	async function rows(table: string): Promise<number> {
		const [row] = await scene.sql(`SELECT count(*) AS n FROM ${table}`);
		return Number(row?.n);
	}

	describe('what is kept', () => {
		it('goes when its time is over, and not a moment before', async () => {
			await scene.endpoint('ep_1', { events });
			await scene.failed();
			await push(200);
			await pruneAll(scene.store, START + 30 * DAY, MONTH);
			expect((await feed())?.events).toHaveLength(3);
			await pruneAll(scene.store, START + 31 * DAY, MONTH);
			const tables = ['events', ...scene.bed.notificationTables, 'webhook_deliveries'];
			const left = await Promise.all(tables.map(async (table) => [table, await rows(table)]));
			expect(left).toEqual(tables.map((table) => [table, 0]));
		});

		it('stays for ever where the setting says so', async () => {
			await scene.failed();
			await pruneAll(scene.store, START + 9999 * DAY);
			expect((await feed())?.events).toHaveLength(3);
		});

		it('goes with what a disabled endpoint is owed, when that has been held for as long as the setting says', async () => {
			await scene.endpoint('ep_1', { events });
			await scene.store.endpoints.setStatus('ep_1', 'disabled');
			await scene.failed();
			const held = { ...MONTH, heldMs: 90 * DAY };
			await pruneAll(scene.store, START + 89 * DAY, held);
			expect((await scene.store.webhooks.list({ state: 'held' }, page)).items).toHaveLength(1);
			await pruneAll(scene.store, START + 91 * DAY, held);
			expect((await scene.store.webhooks.list({ state: 'held' }, page)).items).toHaveLength(0);
			expect(await rows('events')).toBe(0);
		});

		it('stays while something pending needs it: a webhook that is held, with its event', async () => {
			await scene.endpoint('ep_1', { events });
			await scene.store.endpoints.setStatus('ep_1', 'disabled');
			const { notification } = await scene.failed();
			const later = START + 90 * DAY;
			await pruneAll(scene.store, later, MONTH);
			// Its notification has ended, but what the endpoint is owed is whole.
			expect((await feed())?.events).toMatchObject([{ notification_id: notification.id }]);
			clock.advance(90 * DAY);
			await scene.store.endpoints.setStatus('ep_1', 'enabled');
			await push(200);
			const { items } = await scene.store.webhooks.list({ state: 'delivered' }, page);
			expect(items).toHaveLength(1);
		});

		it('stays while something pending needs it: a notification that has not ended, with its events', async () => {
			const { notification } = await scene.queued();
			await pruneAll(scene.store, START + 90 * DAY, MONTH);
			const kept = await scene.store.notifications.get(notification.id);
			expect(kept?.events).toHaveLength(1);
			const due = await scene.store.deliveries.claim(START + 90 * DAY, 10);
			expect(due).toHaveLength(1);
		});

		it('stays while a replay that is running has still to send it', async () => {
			await scene.endpoint('ep_1', { events });
			await scene.failed();
			await push(200);
			const ask = { endpointId: 'ep_1', onlyFailed: false };
			const replay = await scene.store.replays.start(ask);
			await pruneAll(scene.store, START + 90 * DAY, MONTH);
			expect((await feed())?.events).toHaveLength(3);
			await scene.store.replays.advance();
			expect(await scene.store.replays.get(replay!.id)).toMatchObject({ replayed: 1 });
		});

		it('is removed in small steps, between which others are served', async () => {
			for (let i = 0; i < 12; i++) await Promise.all([...Array(100)].map(() => scene.failed()));
			const before = await rows('events');
			expect(before).toBe(3600);
			let left = before;
			const later = START + 31 * DAY;
			while (await scene.store.upkeep.prune(later, MONTH)) {
				const now = await rows('events');
				expect(left - now).toBeLessThanOrEqual(500);
				left = now;
			}
			expect([await rows('events'), await rows('notifications')]).toEqual([0, 0]);
		});
	});
});
