import type { IncidentFacts, Notification, OwnEvent } from '@sureping/engine';
import { BrokenRow } from '../../../../runner/store/contract/errors.ts';
import { incidentStore, TWO_STEPS, unchanged } from '../../../support/incident-store.ts';
import { pruneAll } from '../../../support/prune-all.ts';
import { OUTCOMES } from '../../../support/send-store.ts';
import { openBed } from '../bed.ts';

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;

/** The second step starts only if nobody has opened the first page. */
const UNSEEN = {
	...TWO_STEPS,
	steps: TWO_STEPS.steps.map((step, i) =>
		i === 0 ? step : { ...step, when: 'not_opened' as const },
	),
};

describe('incidents', () => {
	const scene = incidentStore(openBed);

	const openedEvent = ({ id, deliveries: [delivery] }: Notification): OwnEvent => ({
		event: 'notification.opened',
		status: 'opened',
		event_id: scene.newId('evt'),
		notification_id: id,
		delivery_id: delivery?.id ?? '',
		sequence: 9,
		channel: 'console',
		recipient: 'terminal',
		metadata: {},
		timestamp: new Date(scene.now).toISOString(),
	});

	/** The facts that the store gives a step. */
	async function factsOf(id: string): Promise<IncidentFacts> {
		let given: IncidentFacts | undefined;
		await scene.change(id, (incident, facts) => {
			given = facts;
			return unchanged(incident);
		});
		if (!given) throw new Error('The step was not asked');
		return given;
	}

	describe('a step', () => {
		it('has events that sends can follow from', async () => {
			const { id } = await scene.escalate();
			const feed = await scene.store.feed.read('0', 100);
			const opened = feed?.events.find(({ event }) => event === 'escalation.opened');
			const { notificationId } = (await scene.store.incidents.get(id))!;
			expect(await scene.store.feed.origin(opened!.event_id)).toMatchObject({
				notificationId,
				depth: 0,
			});
		});

		it('is stored with its pages and events, and has the callbacks of the opening', async () => {
			const callback = {
				url: 'https://app.example/events',
				profile: 'sureping',
				reportType: 'all',
				apiKey: 'test',
			} as const;
			const { id } = await scene.escalate({ callbacks: [callback] });
			scene.now += 5 * MINUTE;
			expect(await scene.store.incidents.due(scene.now, 10)).toEqual([id]);
			const { notifications } = await scene.change(id, scene.advance);
			const [page] = notifications;
			expect(await scene.store.incidents.ofNotification(page!.notification.id)).toBe(id);
			expect(await scene.store.incidents.due(scene.now, 10)).toEqual([]);
			expect((await scene.told()).slice(3)).toEqual([
				'escalation.step_started',
				'notification.queued',
			]);
			const due = await scene.store.deliveries.claim(scene.now, 10);
			expect(due.map(({ notification }) => notification.id)).toContain(page?.notification.id);
			expect((await scene.store.webhooks.list({}, { limit: 100 })).items).toHaveLength(5);
			await scene.bed.reopen();
			expect((await factsOf(id)).notifications).toHaveLength(2);
		});

		it('that is due is taken once, however many processes find it', async () => {
			const { id } = await scene.escalate();
			const another = await scene.bed.another();
			scene.now += 5 * MINUTE;
			const steps = await Promise.all(
				[scene.store, another, scene.store, another].map((store) =>
					scene.change(id, scene.advance, store),
				),
			);
			expect(steps.map(({ notifications }) => notifications.length).sort()).toEqual([0, 0, 0, 1]);
			expect(await scene.deliveriesOf(id)).toHaveLength(2);
			expect(
				(await scene.told()).filter((type) => type === 'escalation.step_started'),
			).toHaveLength(2);
		});

		it('and an answer come one after the other: what was paged before it is stopped, and nobody is paged after', async () => {
			const { id } = await scene.escalate();
			const another = await scene.bed.another();
			scene.now += 5 * MINUTE;
			await Promise.all([
				scene.change(id, scene.advance, another),
				scene.change(id, scene.acknowledge),
				scene.change(id, scene.advance, another),
			]);
			const states = (await scene.deliveriesOf(id)).map(({ state }) => state);
			expect(new Set(states)).toEqual(new Set(['cancelled']));
			scene.now += DAY;
			expect(await scene.store.deliveries.claim(scene.now, 10)).toEqual([]);
			expect(await scene.store.incidents.nextAt(0)).toBeUndefined();
			expect(
				(await scene.told()).filter((type) => type === 'escalation.acknowledged'),
			).toHaveLength(1);
		});

		it('lets an attempt under way end, as the last of its delivery', async () => {
			const { id } = await scene.escalate();
			const [due] = await scene.store.deliveries.claim(scene.now, 10);
			await scene.change(id, scene.acknowledge);
			const { notification, deliveryId } = due!;
			await scene.settle(notification.id, deliveryId, OUTCOMES.busy);
			scene.store.deliveries.release(deliveryId);
			expect(await scene.deliveriesOf(id)).toMatchObject([{ state: 'failed' }]);
			scene.now += DAY;
			expect(await scene.store.deliveries.claim(scene.now, 10)).toEqual([]);
		});

		it('that changes nothing writes nothing', async () => {
			const { id } = await scene.escalate();
			const body = async (): Promise<string> =>
				String((await scene.bed.sql('SELECT body FROM incidents WHERE id = ?', id))[0]?.body);
			// JSON with a space at its end is the same incident.
			await scene.bed.sql("UPDATE incidents SET body = body || ' ' WHERE id = ?", id);
			await scene.change(id, scene.advance);
			expect((await body()).at(-1)).toBe(' ');
			await scene.change(id, scene.acknowledge);
			expect((await body()).at(-1)).toBe('}');
		});

		it('that throws changes nothing, and is a fault of the row', async () => {
			const { id } = await scene.escalate();
			const before = await scene.store.incidents.get(id);
			const step = (): never => {
				throw new TypeError('a bug');
			};
			await expect(scene.change(id, step)).rejects.toThrow(BrokenRow);
			expect(await scene.store.incidents.get(id)).toEqual(before);
			expect(await scene.store.incidents.change('inc_unknown', step)).toBeUndefined();
		});
	});

	describe('the facts of a step', () => {
		it('are the pages as they are, and those that were seen where its policy asks', async () => {
			const asking = await scene.escalate();
			await scene.change(asking.id, (incident) => ({
				...unchanged(incident),
				incident: { ...incident, policy: UNSEEN },
			}));
			const other = await scene.escalate();
			const seen = async (notificationId: string): Promise<void> => {
				await scene.store.deliveries.update(notificationId, (notification) => ({
					notification,
					events: [openedEvent(notification)],
				}));
			};
			const [page] = asking.pages;
			const [delivery] = await scene.deliveriesOf(asking.id);
			await scene.settle(page!.notificationId, delivery!.id, OUTCOMES.delivered);
			const { opened, notifications } = await factsOf(asking.id);
			expect(opened.size).toBe(0);
			expect(notifications.flatMap(({ deliveries }) => deliveries)).toMatchObject([
				{ state: 'delivered' },
			]);
			await seen(page!.notificationId);
			await seen(other.pages[0]!.notificationId);
			expect([...(await factsOf(asking.id)).opened]).toEqual([page?.notificationId]);
			expect((await factsOf(other.id)).opened.size).toBe(0);
		});

		it('lack a page that was pruned, and one that is damaged: the others are paged all the same', async () => {
			const first = await scene.escalate();
			const second = await scene.escalate();
			const [pruned, damaged] = [first, second].map(({ pages }) => pages[0]!.notificationId);
			await scene.change(first.id, scene.acknowledge);
			await scene.change(first.id, (incident) => ({
				...unchanged(incident),
				incident: { ...incident, status: 'open', next: second.next },
			}));
			await pruneAll(scene.store, scene.now + 91 * DAY, {
				notificationsMs: 30 * DAY,
				eventsMs: DAY,
			});
			expect(await scene.store.notifications.get(pruned!)).toBeUndefined();
			await scene.bed.sql("UPDATE notifications SET callbacks = 'damaged' WHERE id = ?", damaged!);
			await scene.bed.reopen();
			scene.now += 5 * MINUTE;
			for (const { id } of [first, second]) {
				expect((await factsOf(id)).notifications).toEqual([]);
				expect((await scene.change(id, scene.advance)).notifications).toHaveLength(1);
				await scene.change(id, scene.acknowledge);
				expect(await scene.store.incidents.get(id)).toMatchObject({ status: 'acknowledged' });
			}
		});
	});
});
