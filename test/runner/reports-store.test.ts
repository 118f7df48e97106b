import { pino } from 'pino';
import { createMetrics } from '../../runner/metrics/index.ts';
import type { StoredNotification } from '../../runner/store/contract/notifications.ts';
import { ConnectionGates } from '../../runner/workers/connection-gates.ts';
import { createDispatcher } from '../../runner/workers/dispatcher.ts';
import { DAY_MS, ReportStore } from '../support/report-store.ts';
import { VirtualClock } from '../support/virtual-clock.ts';
import { directoryOf } from '../support/directory-of.ts';

const START = Date.parse('2026-01-01T00:00:00Z');

const typesOf = ({ events }: StoredNotification, deliveryId?: string): string[] =>
	events
		.filter((event) => deliveryId === undefined || event.delivery_id === deliveryId)
		.map(({ event }) => event.replace('notification.', ''));

describe('a message whose report is waited for', () => {
	it.each([
		['delivered', ['queued', 'sent', 'delivered']],
		['failed', ['queued', 'sent', 'failed', 'queued', 'fallback', 'delivered']],
	] as const)(
		'counts as %s when a day is over, where the connection says so',
		async (otherwise, expected) => {
			const clock = new VirtualClock(START);
			const scene = new ReportStore(clock, otherwise);
			const { store } = scene;
			const { id, deliveryId } = await scene.send();
			await scene.answer(id, deliveryId, 'SM1');
			expect(await store.deliveries.nextAt(START)).toBe(START + DAY_MS);

			const lines: string[] = [];
			let told: () => void = () => undefined;
			const ended = new Promise<void>((resolve) => (told = resolve));
			const dispatcher = createDispatcher({
				store,
				catalog: scene.catalog,
				transports: { console: (line) => lines.push(line) },
				clock,
				random: () => 0.5,
				newId: scene.newId,
				log: pino({ level: 'silent' }),
				directory: directoryOf(store),
				gates: new ConnectionGates(scene.catalog),
				metrics: createMetrics(() => store.upkeep.backlog()),
				isStopping: () => false,
				linkFor: () => undefined,
				onEvents() {
					void scene.read(id).then((now) => now.status === 'delivered' && told());
				},
			});
			dispatcher.wake();
			await clock.run(ended);
			expect(clock.now()).toBeGreaterThanOrEqual(START + DAY_MS);
			expect(clock.now()).toBeLessThan(START + DAY_MS + 10 * 60_000);
			expect(typesOf(await scene.read(id))).toEqual(expected);
			// Nothing was sent a second time.
			expect(lines).toHaveLength(otherwise === 'failed' ? 1 : 0);
			await dispatcher.stop();
			await scene.dispose();
		},
	);
});
