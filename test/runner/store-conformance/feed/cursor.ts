import { VirtualClock } from '../../../support/virtual-clock.ts';
import { START, WebhookStore } from '../../../support/webhook-store.ts';
import { MONTH, pruneAll } from '../../../support/prune-all.ts';
import { openBedOn } from '../bed.ts';

const DAY = 24 * 3600_000;

describe('feed', () => {
	let clock: VirtualClock;
	let scene: WebhookStore;
	beforeEach(async () => {
		clock = new VirtualClock(START);
		scene = new WebhookStore(clock, await openBedOn(clock));
	});
	afterEach(() => scene.dispose());

	const feed = async (after?: string) => await scene.store.feed.read(after, 1000);

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

		it('stays good for a reader that began at the oldest event, though some events are kept for longer', async () => {
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
			// A reader whose cursor lies among the missing events is told.
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
});
