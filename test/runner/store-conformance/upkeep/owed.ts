import { OUTCOMES, SendStore } from '../../../support/send-store.ts';
import { openBed } from '../bed.ts';

const START = Date.parse('2026-01-01T00:00:00Z');

describe('upkeep', () => {
	let now = START;
	let scene: SendStore;
	beforeEach(async () => {
		now = START;
		scene = await SendStore.open({ now: () => now }, openBed);
	});
	afterEach(() => scene.bed.dispose());

	const claimedIds = async (limit = 100, store = scene.store): Promise<string[]> =>
		(await store.deliveries.claim(now, limit)).map(({ deliveryId }) => deliveryId);

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
});
