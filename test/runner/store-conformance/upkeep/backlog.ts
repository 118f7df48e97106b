import { createIds } from '@sureping/engine';
import type { Backlog } from '../../../../runner/store/contract/upkeep.ts';
import { ReportStore } from '../../../support/report-store.ts';
import { OUTCOMES, SendStore } from '../../../support/send-store.ts';
import { VirtualClock } from '../../../support/virtual-clock.ts';
import { START, WebhookStore } from '../../../support/webhook-store.ts';
import { openBed, openBedOn } from '../bed.ts';

const HOUR = 3600_000;

describe('upkeep', () => {
	let now = START;
	beforeEach(() => {
		now = START;
	});

	describe('the oldest delivery that is owed', () => {
		let scene: SendStore;
		beforeEach(async () => {
			scene = await SendStore.open({ now: () => now }, openBed);
		});
		afterEach(() => scene.bed.dispose());
		const since = async (): Promise<Backlog['deliveriesSince']> =>
			(await scene.store.upkeep.backlog()).deliveriesSince;

		it('is as old as its acceptance, whatever was tried since, until it has ended', async () => {
			expect(await since()).toBeUndefined();
			const first = await scene.send();
			now += HOUR;
			const second = await scene.send();
			await scene.settle(first.id, first.delivery.id, OUTCOMES.busy);
			expect(await since()).toBe(START);
			await scene.bed.reopen();
			expect(await since()).toBe(START);
			await scene.store.deliveries.claim(now + HOUR, 10);
			expect(await since()).toBe(START);
			await scene.settle(first.id, first.delivery.id, OUTCOMES.failed);
			expect(await since()).toBe(START + HOUR);
			await scene.settle(second.id, second.delivery.id, OUTCOMES.delivered);
			expect(await since()).toBeUndefined();
		});

		it('counts from its send_at, and as a fallback from when its notification was accepted', async () => {
			const later = START + 24 * HOUR;
			await scene.send({ send_at: new Date(later).toISOString() });
			expect(await since()).toBe(later);
			now += HOUR;
			const { id, delivery } = await scene.send({ fallback_channels: ['console:second'] });
			now += HOUR;
			await scene.settle(id, delivery.id, OUTCOMES.failed);
			expect(await since()).toBe(START + HOUR);
		});

		it('is none that was put aside', async () => {
			const { delivery } = await scene.send();
			await scene.store.deadLetters.add('delivery', [delivery.id], 'a fault');
			expect(await since()).toBeUndefined();
		});
	});

	describe('a delivery that waits for its report', () => {
		it('is owed, but not late', async () => {
			const bed = await openBed({ newId: createIds(() => now), now: () => now });
			const scene = new ReportStore({ now: () => now }, 'delivered', bed);
			const { id, deliveryId } = await scene.send();
			expect(await scene.store.upkeep.backlog()).toMatchObject({
				deliveries: 1,
				deliveriesSince: START,
			});
			await scene.answer(id, deliveryId, 'SM1');
			const { deliveries, deliveriesSince } = await scene.store.upkeep.backlog();
			expect([deliveries, deliveriesSince]).toEqual([1, undefined]);

			// The time to delivery counts from the acceptance to the report.
			now += HOUR;
			const taken = await scene.take(scene.report('SM1', { type: 'notification.delivered' }));
			expect(taken.delivered).toEqual([{ channel: 'sms', afterMs: HOUR }]);
			await scene.dispose();
		});
	});

	describe('the oldest webhook that is owed', () => {
		it('is as old as its event, or as the replay that made it, until it has ended', async () => {
			const clock = new VirtualClock(START);
			const scene = new WebhookStore(clock, await openBedOn(clock));
			const since = async (): Promise<Backlog['webhooksSince']> =>
				(await scene.store.upkeep.backlog()).webhooksSince;
			let status = 503;
			const push = async (): Promise<void> => {
				const pusher = scene.pusher(clock, async () => ({ status, headers: {}, body: '' }));
				pusher.wake();
				await clock.run(clock.sleep(HOUR));
				await pusher.stop();
			};
			await scene.endpoint('ep_1', { events: ['notification.queued'] });
			expect(await since()).toBeUndefined();
			await scene.queued();
			await push();
			await scene.queued();
			expect(await since()).toBe(START);
			await scene.store.endpoints.setStatus('ep_1', 'disabled');
			expect(await since()).toBeUndefined();
			await scene.store.endpoints.setStatus('ep_1', 'enabled');
			expect(await since()).toBe(START);
			status = 200;
			await push();
			expect(await since()).toBeUndefined();

			const replayedAt = clock.now();
			await scene.store.replays.start({ endpointId: 'ep_1', since: START, onlyFailed: false });
			while (await scene.store.replays.advance());
			expect(await since()).toBe(replayedAt);
			await scene.dispose();
		});
	});
});
