import { SendStore } from '../../../support/send-store.ts';
import { START } from '../../../support/webhook-store.ts';
import { openBed } from '../bed.ts';

const HOUR = 3600_000;

describe('sends', () => {
	let now = START;
	beforeEach(() => {
		now = START;
	});

	describe('the use of quotas', () => {
		it('is counted by key and period, and none where nothing was sent', async () => {
			const scene = await SendStore.open({ now: () => now }, openBed);
			const start = START;
			const quota = { start, end: START + 24 * HOUR, most: 3 };
			for (const apiKey of ['a', 'b', 'a']) {
				const transition = scene.planned();
				const { id } = transition.notification;
				const answer = { notification_id: id, status: 'queued' as const, deliveries: [] };
				await scene.store.sends.accept({ transition, apiKey, answer, quota });
			}
			const asked = [
				{ apiKey: 'b', start },
				{ apiKey: 'none', start },
				{ apiKey: 'a', start },
				{ apiKey: 'a', start: start + 1 },
			];
			expect(await scene.store.sends.quotaUse(asked)).toEqual([1, 0, 2, 0]);
			expect(await scene.store.sends.quotaUse([])).toEqual([]);
			await scene.bed.dispose();
		});
	});
});
