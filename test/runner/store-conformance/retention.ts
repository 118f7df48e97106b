import { pruneAll } from '../../support/prune-all.ts';
import { VirtualClock } from '../../support/virtual-clock.ts';
import { START, WebhookStore } from '../../support/webhook-store.ts';
import { openBedOn } from './bed.ts';

const DAY = 24 * 3600_000;
const events = ['notification.queued'] as const;
const page = { limit: 1000 };
const MONTH = {
	eventsMs: 30 * DAY,
	notificationsMs: 30 * DAY,
	webhookDeliveriesMs: 30 * DAY,
	reportsMs: 30 * DAY,
};

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
		expect(
			await Promise.all(
				['events', 'notifications', 'deliveries', 'webhook_deliveries'].map((table) => rows(table)),
			),
		).toEqual([0, 0, 0, 0]);
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

describe('a cursor of the feed', () => {
	it('is known to be too old once events after it are gone, and new ones go on', async () => {
		const start = (await feed())?.nextCursor;
		await scene.failed();
		const middle = (await feed())?.nextCursor;
		clock.advance(31 * DAY);
		await scene.failed();
		await pruneAll(scene.store, clock.now(), MONTH);
		expect(await feed(start)).toMatchObject({ isPruned: true, events: [] });
		// Everything before it was seen, so nothing is missing.
		expect((await feed(middle))?.events).toHaveLength(3);
		const oldest = await feed();
		expect(oldest?.events).toHaveLength(3);
		expect((await feed(oldest?.nextCursor))?.events).toEqual([]);
	});

	it('of who began at the oldest stays good among events that are kept for longer', async () => {
		await scene.endpoint('ep_1', { events: ['notification.queued'] });
		await scene.store.endpoints.setStatus('ep_1', 'disabled');
		await scene.queuedMany(5);
		await scene.store.endpoints.change('ep_1', (one) => ({ ...one, events: [] }));
		await scene.failed();
		clock.advance(31 * DAY);
		await pruneAll(scene.store, clock.now(), MONTH);
		await scene.queuedMany(2);
		const read: number[] = [];
		let cursor: string | undefined;
		for (;;) {
			const page = await scene.store.feed.read(cursor, 2);
			expect(page?.isPruned).toBeUndefined();
			read.push(page?.events.length ?? 0);
			cursor = page?.nextCursor;
			if (page?.events.length === 0) break;
		}
		expect(read).toEqual([2, 2, 2, 1, 0]);
		expect(cursor).toMatch(/^\d+$/);
		// Who has read up to the middle of what is missing now is told.
		expect(await scene.store.feed.read('7', 2)).toMatchObject({ isPruned: true });
	});

	it('stays good when all events are gone', async () => {
		await scene.failed();
		const end = (await feed())?.nextCursor;
		await pruneAll(scene.store, START + 31 * DAY, MONTH);
		expect(await feed(end)).toEqual({ events: [], nextCursor: end });
		await scene.failed();
		expect((await feed(end))?.events).toHaveLength(3);
	});
});

describe('a replay', () => {
	it('that is cancelled sends no more than it has made due', async () => {
		for (let i = 0; i < 6; i++) await scene.queuedMany(100);
		await scene.endpoint('ep_1', { events });
		const { store } = scene;
		const replay = await store.replays.start({ endpointId: 'ep_1', onlyFailed: false });
		await store.replays.advance();
		expect(await store.replays.cancel(replay!.id)).toBe('running');
		expect(await store.replays.advance()).toBe(false);
		expect(await store.replays.get(replay!.id)).toMatchObject({
			status: 'cancelled',
			replayed: 200,
			total: 600,
		});
		expect(await store.replays.cancel(replay!.id)).toBe('cancelled');
		expect(await store.replays.cancel('rpl_none')).toBeUndefined();
	});

	it('owes its next part only when most of what came before is done, and keeps no other from going on', async () => {
		for (let i = 0; i < 6; i++) await scene.queuedMany(100);
		await scene.endpoint('ep_slow', { events });
		await scene.endpoint('ep_other', { events });
		const { store } = scene;
		const start = async (endpointId: string): Promise<string> =>
			(await store.replays.start({ endpointId, onlyFailed: false }))!.id;
		const [slow, other] = [await start('ep_slow'), await start('ep_other')];
		const done = async (): Promise<unknown[]> =>
			Promise.all([slow, other].map(async (id) => (await store.replays.get(id))!.replayed));
		const goOn = async (): Promise<void> => {
			while (await store.replays.advance());
		};
		await goOn();
		expect(await done()).toEqual([200, 200]);
		expect(await store.replays.isAnyRunning()).toBe(true);

		for (let left = 150; left > 0;) {
			const claimed = await store.webhooks.claim(clock.now(), 100);
			for (const due of claimed) {
				const { endpoint } = due.to as { endpoint: { id: string } }; // There are no callbacks here.
				const [one] = due.deliveries;
				if (endpoint.id === 'ep_other' && left-- > 0) {
					const attempts = [{ at: clock.now(), latencyMs: 1, status: 200 }];
					await store.webhooks.settle([{ id: one!.delivery.id, state: 'delivered', attempts }]);
				}
			}
			for (const due of claimed) store.webhooks.release(due);
		}
		await goOn();
		expect(await done()).toEqual([200, 400]);
		expect(await store.replays.cancel(slow)).toBe('running');
		expect(await store.replays.cancel(other)).toBe('running');
		expect(await store.replays.isAnyRunning()).toBe(false);
	});
});
