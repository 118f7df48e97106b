import { setImmediate } from 'node:timers/promises';
import type { FeedEvent } from '@sureping/engine';
import { OUTCOMES, SendStore } from '../../../support/send-store.ts';
import { openBed } from '../bed.ts';

const START = Date.parse('2026-01-01T00:00:00Z');

describe('feed', () => {
	let scene: SendStore;
	beforeEach(async () => {
		scene = await SendStore.open({ now: () => START }, openBed);
	});
	afterEach(() => scene.bed.dispose());

	describe('the feed', () => {
		it('gives everything once and in order to whoever follows it while many write', async () => {
			const others = [scene.store, await scene.bed.another(), await scene.bed.another()];
			let writing = true;
			const seen: FeedEvent[] = [];
			const follower = (async () => {
				let cursor: string | undefined;
				for (;;) {
					const last = !writing;
					const page = await scene.store.feed.read(cursor, 7);
					seen.push(...page!.events);
					cursor = page!.nextCursor;
					if (last && page!.events.length === 0) return;
					// A store that answers at once would leave the writers no time.
					await setImmediate();
				}
			})();
			const written: string[] = [];
			const writers = Array.from({ length: 12 }, async (_, i) => {
				const store = others[i % 3]!;
				for (let n = 0; n < 12; n++) {
					const transition = scene.planned();
					await scene.accept(transition, { store });
					const { id, deliveries } = transition.notification;
					const after = await scene.settle(
						id,
						deliveries[0]!.id,
						OUTCOMES.delivered,
						others[n % 3],
					);
					for (const { event_id } of [...transition.events, ...after.events])
						written.push(event_id);
				}
			});
			await Promise.all(writers);
			writing = false;
			await follower;
			const ids = seen.map(({ event_id }) => event_id);
			expect(new Set(ids).size).toBe(ids.length);
			expect(ids.toSorted()).toEqual(written.toSorted());
			const again = await scene.store.feed.read(undefined, 1000);
			expect(again!.events.map(({ event_id }) => event_id)).toEqual(ids);
			const numbers = new Map<string, number>();
			for (const event of seen) {
				if ('provider' in event) throw new Error('Nobody forwards here');
				expect(event.sequence).toBe((numbers.get(event.delivery_id ?? '') ?? 0) + 1);
				numbers.set(event.delivery_id ?? '', event.sequence);
			}
		});

		it('begins at a time, or at its end', async () => {
			expect(await scene.store.feed.cursorSince(START)).toBe('0');
			const first = await scene.send();
			const before = await scene.store.feed.cursorSince(Number.MAX_SAFE_INTEGER);
			await scene.settle(first.id, first.delivery.id, OUTCOMES.delivered);
			const ofTime = await scene.store.feed.read(await scene.store.feed.cursorSince(START), 10);
			expect(ofTime?.events.map(({ event }) => event)).toEqual([
				'notification.queued',
				'notification.delivered',
			]);
			const ofEnd = await scene.store.feed.read(before, 10);
			expect(ofEnd?.events.map(({ event }) => event)).toEqual(['notification.delivered']);
			const later = await scene.store.feed.cursorSince(START + 1);
			expect((await scene.store.feed.read(later, 10))?.events).toEqual([]);
		});

		it('moves the cursor past what a filter leaves out, and refuses one from beyond the end', async () => {
			const { id, delivery } = await scene.send();
			await scene.settle(id, delivery.id, OUTCOMES.delivered);
			const all = await scene.store.feed.read(undefined, 1000);
			const none = await scene.store.feed.read(undefined, 1000, ['notification.bounced']);
			expect(none).toEqual({ events: [], nextCursor: all?.nextCursor });
			const some = await scene.store.feed.read(undefined, 1000, ['notification.delivered']);
			expect(some?.events).toHaveLength(1);
			expect(await scene.store.feed.read(String(Number(all?.nextCursor) + 1), 10)).toBeUndefined();
			expect(await scene.store.feed.read('x', 10)).toBeUndefined();
		});

		it('ends a page early when its events are large, and goes on from there', async () => {
			// Three bytes each.
			const metadata = { blob: '€'.repeat(300 * 1024) };
			const sent = [];
			for (let i = 0; i < 12; i++) sent.push((await scene.send({ metadata })).delivery.id);
			const first = await scene.store.feed.read(undefined, 1000);
			expect(first!.events.length).toBeGreaterThan(0);
			expect(first!.events.length).toBeLessThan(12);
			const rest = await scene.store.feed.read(first!.nextCursor, 1000);
			const ids = [...first!.events, ...rest!.events].map((event) => event.delivery_id);
			expect(ids).toEqual(sent);
		});

		it('goes on after a restart where it was', async () => {
			await scene.send();
			const before = await scene.store.feed.read(undefined, 10);
			await scene.bed.reopen();
			const { id } = await scene.send();
			const after = await scene.store.feed.read(before!.nextCursor, 10);
			expect(after!.events.map((event) => event.notification_id)).toEqual([id]);
		});
	});
});
