import { createMetrics } from '../../../runner/metrics/index.ts';
import { ConnectionGates } from '../../../runner/workers/connection-gates.ts';
import { createDispatcher } from '../../../runner/workers/dispatcher.ts';
import { openConnection, WEBHOOK_RETRY } from '@sureping/engine';
import { pino } from 'pino';
import { BrokenRow } from '../../../runner/store/contract/errors.ts';
import { VirtualClock } from '../../support/virtual-clock.ts';
import { START, WebhookStore } from '../../support/webhook-store.ts';
import { openBedOn } from './bed.ts';
import { directoryOf } from '../../support/directory-of.ts';

const MINUTE = 60_000;
const events = ['notification.queued'] as const;
const page = { limit: 100 };

describe('dead letters', () => {
	let clock: VirtualClock;
	let scene: WebhookStore;
	beforeEach(async () => {
		clock = new VirtualClock(START);
		scene = new WebhookStore(clock, await openBedOn(clock));
	});
	afterEach(() => scene.dispose());

	const pass = (ms: number): Promise<void> => clock.run(clock.sleep(ms));
	const letters = async () => (await scene.store.deadLetters.list({}, page)).items;

	describe('a webhook that cannot be read', () => {
		it('keeps nobody back of very many either', async () => {
			await scene.endpoint('ep_1', { events });
			const [first] = await scene.queuedMany(300);
			await scene.sql(
				"UPDATE events SET body = 'damaged' WHERE id = ?",
				first?.events[0]?.event_id ?? '',
			);
			let told = 0;
			const pusher = scene.pusher(clock, async () => {
				told++;
				return { status: 200, headers: {}, body: '' };
			});
			pusher.wake();
			await pass(MINUTE);
			expect(told).toBe(299);
		});

		it('is put aside, keeps nobody back, does not spin, and goes out once it is mended and retried', async () => {
			await scene.endpoint('ep_1', { events });
			const transitions = await scene.queuedMany(3);
			const eventIds = transitions.map((one) => one.events[0]?.event_id ?? '');
			const broken = eventIds[1] ?? '';
			const sound = JSON.stringify(transitions[1]?.events[0]);
			await scene.sql("UPDATE events SET body = 'damaged' WHERE id = ?", broken);
			const told: string[] = [];
			const pusher = scene.pusher(clock, async ({ body = '' }) => {
				told.push(JSON.parse(body).event_id);
				return { status: 200, headers: {}, body: '' };
			});
			pusher.wake();
			await pass(10 * MINUTE);
			expect(told.toSorted()).toEqual(eventIds.filter((id) => id !== broken).toSorted());
			const [letter, ...others] = await letters();
			expect(letter).toMatchObject({ kind: 'webhook', reason: 'It is not JSON any more' });
			expect(others).toEqual([]);
			expect(await scene.store.webhooks.nextAt(0)).toBeUndefined();

			// The list of webhooks and the feed still work, and the feed tells what it passes over.
			expect((await scene.store.webhooks.list({}, page)).items).toHaveLength(2);
			expect((await scene.store.feed.read(undefined, 100))?.events).toHaveLength(2);
			expect((await letters()).map(({ kind, of }) => [kind, of])).toContainEqual(['event', broken]);
			// Asked for by themselves, what is damaged is told from what is not there.
			const { id } = transitions[1]!.notification;
			await expect(scene.store.notifications.get(id)).rejects.toThrow(BrokenRow);
			await expect(scene.store.webhooks.get(letter!.of)).rejects.toThrow(BrokenRow);

			await scene.sql('UPDATE events SET body = ? WHERE id = ?', sound, broken);
			expect(await scene.store.deadLetters.requeue(letter!.id)).toBe('retried');
			pusher.wake();
			await pass(MINUTE);
			expect(told.at(-1)).toBe(broken);
			await pusher.stop();
		});

		it('is put aside alone out of a batch, and after a restart as well', async () => {
			await scene.endpoint('ep_1', {
				events,
				profile: 'sureping',
				batch: { maxEvents: 10, maxWaitMs: 0 },
			});
			const transitions = await scene.queuedMany(5);
			// JSON, but no event: the fault shows only when the request is written.
			await scene.sql(
				"UPDATE events SET body = 'null' WHERE id = ?",
				transitions[2]?.events[0]?.event_id ?? '',
			);
			await scene.reopen();
			const sizes: number[] = [];
			const pusher = scene.pusher(clock, async ({ body = '' }) => {
				sizes.push(JSON.parse(body).events.length);
				return { status: 200, headers: {}, body: '' };
			});
			pusher.wake();
			await pass(10 * MINUTE);
			expect(sizes).toEqual([4]);
			expect(await letters()).toMatchObject([{ kind: 'webhook' }]);
			await pusher.stop();
		});

		it('is not the receiver’s fault, and what is the receiver’s is no dead letter', async () => {
			await scene.endpoint('ep_1', { events, policy: { ...WEBHOOK_RETRY, delaysMs: [] } });
			await scene.queued();
			const pusher = scene.pusher(clock, async () => ({ status: 500, headers: {}, body: '' }));
			pusher.wake();
			await pass(MINUTE);
			expect((await scene.store.webhooks.list({ state: 'exhausted' }, page)).items).toHaveLength(1);
			expect(await letters()).toEqual([]);
			await pusher.stop();
		});
	});

	describe('a delivery whose outcome cannot be stored because of a fault of ours', () => {
		it('is put aside with its attempt made once, and is no endless loop', async () => {
			const { notification } = await scene.queued();
			const delivery = notification.deliveries[0]!;
			const opened = openConnection('console', 'terminal', {});
			if (!opened.ok) throw new Error('A console needs no settings');
			let printed = 0;
			const dispatcher = createDispatcher({
				store: scene.store,
				catalog: [
					{
						channel: 'console',
						name: 'terminal',
						connection: opened.connection,
						policy: WEBHOOK_RETRY,
					},
				],
				transports: {
					console: () => void printed++,
				},
				clock,
				random: () => 0.5,
				newId: () => {
					throw new TypeError('a bug');
				},
				log: pino({ level: 'silent' }),
				directory: directoryOf(scene.store),
				gates: new ConnectionGates([]),
				metrics: createMetrics(() => scene.store.upkeep.backlog()),
				isStopping: () => false,
				linkFor: () => undefined,
				onEvents: () => undefined,
			});
			dispatcher.wake();
			await pass(10 * MINUTE);
			expect(printed).toBe(1);
			const [letter] = await letters();
			expect(letter).toMatchObject({ kind: 'delivery', of: delivery.id });

			await scene.store.deadLetters.requeue(letter!.id);
			const due = await scene.store.deliveries.claim(clock.now(), 10);
			expect(due.map(({ deliveryId }) => deliveryId)).toEqual([delivery.id]);
			await dispatcher.stop();
		});

		it('tells a step that throws from a store that does not work', async () => {
			const { notification } = await scene.queued();
			const step = (): never => {
				throw new TypeError('a bug');
			};
			await expect(scene.store.deliveries.update(notification.id, step)).rejects.toThrow(BrokenRow);
			await expect(scene.store.deliveries.update('msg_none', step)).rejects.toThrow(BrokenRow);
		});
	});

	describe('a dead letter whose work is gone', () => {
		it('says so, and is removed', async () => {
			await scene.endpoint('ep_1', { events });
			const { events: made } = await scene.queued();
			await scene.sql("UPDATE events SET body = '{' WHERE id = ?", made[0]?.event_id ?? '');
			expect(await scene.store.webhooks.claim(clock.now(), 10)).toEqual([]);
			const [letter] = await letters();
			await scene.store.endpoints.remove('ep_1');
			expect(await scene.store.deadLetters.requeue(letter!.id)).toBe('gone');
			expect(await letters()).toEqual([]);
		});
	});
});
