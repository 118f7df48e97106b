import { incidentStore } from '../../../support/incident-store.ts';
import { pruneAll } from '../../../support/prune-all.ts';
import { START } from '../../../support/set-clock.ts';
import { openBed } from '../bed.ts';

const DAY = 24 * 3600_000;
const QUARTER = { incidentsMs: 90 * DAY };

describe('incidents', () => {
	const scene = incidentStore(openBed);

	const pages = async (): Promise<number> =>
		Number((await scene.bed.sql('SELECT count(*) AS n FROM incident_pages'))[0]?.n);

	describe('those that are kept', () => {
		it('go with their pages when they have been over for their time, and not a moment before', async () => {
			const ended = await scene.escalate();
			const open = await scene.escalate();
			const answered = await scene.escalate();
			await scene.change(ended.id, scene.resolve);
			await scene.change(answered.id, scene.acknowledge);
			await pruneAll(scene.store, START + 90 * DAY, QUARTER);
			expect([await scene.store.incidents.get(ended.id), await pages()]).toEqual([
				expect.objectContaining({ status: 'resolved' }),
				3,
			]);
			await pruneAll(scene.store, START + 90 * DAY + 1, QUARTER);
			expect(await scene.store.incidents.get(ended.id)).toBeUndefined();
			const { notificationId } = ended;
			expect(await scene.store.incidents.ofNotification(notificationId)).toBeUndefined();
			await pruneAll(scene.store, START + 9999 * DAY, QUARTER);
			const { items } = await scene.store.incidents.list({}, { limit: 10 });
			expect(items.map(({ id }) => id).sort()).toEqual([open.id, answered.id].sort());
			expect(await pages()).toBe(2);
		});

		it('include those that nobody answered, from their last change on', async () => {
			const { id } = await scene.escalate({ dedupKey: 'disk' });
			await scene.change(id, (incident) => ({
				incident: { ...incident, status: 'exhausted', next: undefined },
				notifications: [],
				stopped: [],
				events: [],
			}));
			scene.now += 80 * DAY;
			await scene.store.incidents.open(scene.opening({ dedupKey: 'disk' }));
			await pruneAll(scene.store, START + 100 * DAY, QUARTER);
			expect(await scene.store.incidents.get(id)).toMatchObject({ triggers: 1 });
			await pruneAll(scene.store, START + 171 * DAY, QUARTER);
			expect(await scene.store.incidents.get(id)).toBeUndefined();
		});
	});
});
