import { applyReport, type FeedEvent, receivedEvent } from '@sureping/engine';
import { OUTCOMES, SendStore } from '../../../support/send-store.ts';
import { START } from '../../../support/webhook-store.ts';
import { MONTH, pruneAll } from '../../../support/prune-all.ts';
import { openBed } from '../bed.ts';

const DAY = 24 * 3600_000;
const ABOUT = {
	subject: 'Pump 3',
	message: 'The pump stopped',
	source: { system: 'n8n', workflow_name: 'Order flow', url: 'https://n8n.example.com/w/1' },
};

describe('feed', () => {
	describe('what an event is about', () => {
		let now = START;
		let scene: SendStore;
		const open = async (includeMessage = true): Promise<SendStore> =>
			await SendStore.open({ now: () => now }, (options) =>
				openBed({ ...options, about: { includeMessage } }),
			);
		beforeEach(async () => {
			now = START;
			scene = await open();
		});
		afterEach(() => scene.bed.dispose());

		const feed = async (): Promise<readonly FeedEvent[]> =>
			(await scene.store.feed.read(undefined, 1000))?.events ?? [];

		it('is told by each of its events, in the feed and with the notification, also after a restart', async () => {
			const { id, delivery } = await scene.send(ABOUT);
			await scene.settle(id, delivery.id, OUTCOMES.failed);
			await scene.bed.reopen();
			const events = await feed();
			expect(events.map(({ event }) => event)).toEqual([
				'notification.queued',
				'notification.failed',
				'notification.undelivered',
			]);
			for (const event of events) expect(event).toMatchObject(ABOUT);
			const found = await scene.store.notifications.get(id);
			expect(found?.events).toEqual(events);
			expect(found?.notification).toMatchObject(ABOUT);
		});

		it('is an excerpt in events, and whole with the notification', async () => {
			const message = `${'x'.repeat(279)}👨‍👩‍👧‍👦${'y'.repeat(100_000)}`;
			const { id } = await scene.send({ message });
			const [event] = await feed();
			expect(event).toMatchObject({ message: `${'x'.repeat(279)}👨‍👩‍👧‍👦` });
			expect((await scene.store.notifications.get(id))?.notification.message).toBe(message);
		});

		it('says only where it came from when the text is to be left out', async () => {
			await scene.bed.dispose();
			scene = await open(false);
			const { id } = await scene.send(ABOUT);
			const [event] = await feed();
			expect(event).toMatchObject({ source: ABOUT.source });
			for (const one of [event, (await scene.store.notifications.get(id))?.events[0]]) {
				expect(one).not.toHaveProperty('message');
				expect(one).not.toHaveProperty('subject');
			}
		});

		it('is kept as long as any event that repeats it may be kept', async () => {
			const { id, delivery } = await scene.send(ABOUT);
			now = START + 20 * DAY;
			await scene.settle(id, delivery.id, OUTCOMES.failed);
			await pruneAll(scene.store, START + 49 * DAY, MONTH);
			const kept = await feed();
			expect(kept.map(({ event }) => event)).toEqual([
				'notification.failed',
				'notification.undelivered',
			]);
			for (const event of kept) expect(event).toMatchObject(ABOUT);
			await pruneAll(scene.store, START + 51 * DAY, MONTH);
			expect(await feed()).toEqual([]);
			expect(await scene.store.notifications.get(id)).toBeUndefined();
		});

		it('goes with its notification where that is to be kept for a shorter time', async () => {
			const { id, delivery } = await scene.send(ABOUT);
			await scene.settle(id, delivery.id, OUTCOMES.failed);
			await pruneAll(scene.store, START + 2 * DAY, { ...MONTH, notificationsMs: DAY });
			expect(await scene.store.notifications.get(id)).toBeUndefined();
			const events = await feed();
			expect(events).toHaveLength(3);
			for (const event of events) expect(event).not.toHaveProperty('message');
		});

		it('undelivered is stored with the last failure and follows it, once, also when a delivered message bounces', async () => {
			const { id, delivery } = await scene.send(ABOUT);
			await scene.settle(id, delivery.id, OUTCOMES.delivered);
			const bounce = receivedEvent(
				'sendgrid',
				{ type: 'notification.bounced', notificationId: 'm1', bounceType: 'hard' },
				{},
				now,
			);
			const bounced = async () =>
				await scene.store.deliveries.update(id, (notification) =>
					applyReport(notification, delivery.id, bounce, now, { newId: scene.newId }),
				);
			expect((await bounced()).events).toHaveLength(2);
			expect((await bounced()).events).toEqual([]);
			const events = await feed();
			expect(events.slice(-2)).toMatchObject([
				{ event: 'notification.bounced', all_channels_failed: true, sequence: 3 },
				{
					event: 'notification.undelivered',
					sequence: 1,
					deliveries: [{ channel: 'console', error: { code: 'RECIPIENT_REJECTED' } }],
				},
			]);
			// The reason of a bounce is in no attempt, and is kept all the same.
			expect((await scene.store.notifications.get(id))?.notification).toMatchObject({
				published: ['notification.undelivered'],
				deliveries: [{ state: 'bounced', error: { code: 'RECIPIENT_REJECTED' } }],
			});
		});
	});
});
