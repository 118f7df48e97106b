import { sendScene } from '../../../support/send-scene.ts';
import { OUTCOMES } from '../../../support/send-store.ts';
import { openBed } from '../bed.ts';

describe('upkeep', () => {
	const scene = sendScene(openBed);

	describe('what is owed', () => {
		it('is counted, whoever works on it', async () => {
			const sent = await Promise.all(Array.from({ length: 5 }, () => scene.send()));
			await scene.claimedIds(2);
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
