import { INCIDENT_STATUSES } from '@sureping/engine';
import { incidentStore, policyOf, unchanged } from '../../../support/incident-store.ts';
import { START } from '../../../support/set-clock.ts';
import { openBed } from '../bed.ts';

const MINUTE = 60_000;

/** A policy whose only step starts after this many minutes. */
const startingIn = (minutes: number) => ({
	policy: policyOf({ steps: [{ after_s: minutes * 60, notify: ['console:terminal'] }] }),
});

describe('incidents', () => {
	const scene = incidentStore(openBed);

	describe('those that are due', () => {
		it('are found with the longest due first, and the next one by its time', async () => {
			const late = await scene.escalate(startingIn(20));
			const soon = await scene.escalate(startingIn(10));
			const { incidents } = scene.store;
			expect(await incidents.due(START + 10 * MINUTE - 1, 10)).toEqual([]);
			expect(await incidents.due(START + 10 * MINUTE, 10)).toEqual([soon.id]);
			expect(await incidents.due(START + 60 * MINUTE, 10)).toEqual([soon.id, late.id]);
			expect(await incidents.due(START + 60 * MINUTE, 1)).toEqual([soon.id]);
			expect(await incidents.nextAt(START)).toBe(START + 10 * MINUTE);
			expect(await incidents.nextAt(START + 10 * MINUTE)).toBe(START + 20 * MINUTE);
			expect(await incidents.nextAt(START + 20 * MINUTE)).toBeUndefined();
			await scene.bed.reopen();
			expect(await scene.store.incidents.due(START + 60 * MINUTE, 10)).toEqual([soon.id, late.id]);
		});

		it('are none that is over, whatever it still names', async () => {
			const { id } = await scene.escalate(startingIn(10));
			await scene.change(id, (incident) => ({
				...unchanged(incident),
				incident: { ...incident, status: 'cancelled', endedAt: scene.now },
			}));
			expect(await scene.store.incidents.due(START + 60 * MINUTE, 10)).toEqual([]);
		});
	});

	describe('the list', () => {
		it('is paged, the newest first, by status and deduplication key', async () => {
			const opened = [];
			for (let i = 0; i < 5; i++) {
				opened.push(await scene.escalate({ dedupKey: `k${i % 2}`, apiKey: `${i}` }));
				scene.now += 1000;
			}
			const ids = opened.map(({ id }) => id);
			await scene.change(ids[3]!, scene.resolve);
			await scene.change(ids[1]!, scene.acknowledge);
			const list = async (filter: object, more: object = {}) =>
				await scene.store.incidents.list(filter, { limit: 10, ...more });
			const found = async (filter: object) => (await list(filter)).items.map(({ id }) => id);
			expect(await found({})).toEqual(ids.toReversed());
			expect(await found({ status: 'open' })).toEqual([ids[4], ids[2], ids[0]]);
			expect(await found({ status: 'resolved' })).toEqual([ids[3]]);
			expect(await found({ dedupKey: 'k1' })).toEqual([ids[3], ids[1]]);
			expect(await found({ dedupKey: 'k1', status: 'acknowledged' })).toEqual([ids[1]]);
			for (const status of INCIDENT_STATUSES) {
				expect((await found({ status })).length).toBe(
					{ open: 3, acknowledged: 1, resolved: 1, exhausted: 0, cancelled: 0 }[status],
				);
			}
			const first = await list({}, { limit: 2 });
			const second = await list({}, { limit: 2, after: first.nextCursor });
			const third = await list({}, { limit: 2, after: second.nextCursor });
			const pages = [first, second, third].map(({ items }) => items.map(({ id }) => id));
			expect(pages).toEqual([[ids[4], ids[3]], [ids[2], ids[1]], [ids[0]]]);
			expect(third.nextCursor).toBeUndefined();
		});
	});
});
