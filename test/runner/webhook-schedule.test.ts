import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
	accept,
	createIds,
	type HttpRequest,
	ONE_PING_EVENTS,
	openConnection,
	planSend,
	settle,
	WEBHOOK_RETRY,
	withoutRetries,
} from '@sureping/engine';
import { pino } from 'pino';
import type { Endpoint } from '../../runner/store/store.ts';
import { createMetrics } from '../../runner/metrics.ts';
import { SqliteStore } from '../../runner/store/sqlite/index.ts';
import { createPusher } from '../../runner/workers/pusher.ts';
import { VirtualClock } from '../support/virtual-clock.ts';

const START = Date.parse('2026-01-01T00:00:00Z');
const MINUTE = 60_000;

const dir = mkdtempSync(join(tmpdir(), 'sureping-schedule-'));
afterAll(() => rmSync(dir, { recursive: true }));

describe('an endpoint for a moment', () => {
	it('gets nothing after its time, and is gone with what it was owed', async () => {
		const clock = new VirtualClock(START);
		const newId = createIds(() => clock.now());
		const store = new SqliteStore(join(dir, 'b.db'), { newId, now: () => clock.now() });
		await store.addEndpoint(endpointOf({ id: 'ep_1', expiresAt: START + MINUTE }));
		const failed = await failedNotification(store, clock, newId);
		expect(await store.nextWebhookAt(START - 1)).toBe(START);

		clock.advance(2 * MINUTE);
		await failedNotification(store, clock, newId);
		const { items } = await store.webhooks({}, { limit: 10 });
		expect(items.map(({ event }) => event.notification_id)).toEqual([failed.notification.id]);
		await store.removeExpiredEndpoints(clock.now());
		expect(await store.endpoints()).toEqual([]);
		expect(await store.nextWebhookAt(0)).toBeUndefined();
		await store.close();
	});
});

describe('a webhook whose endpoint is down for hours', () => {
	it('is posted six times over 102.5 minutes, signed anew each time, and then given up', async () => {
		const clock = new VirtualClock(START);
		const newId = createIds(() => clock.now());
		const store = new SqliteStore(join(dir, 'a.db'), { newId, now: () => clock.now() });
		const endpoint = endpointOf({ id: newId('ep') });
		await store.addEndpoint(endpoint);

		const requests: { at: number; request: HttpRequest }[] = [];
		const refuse = async (request: HttpRequest) => {
			requests.push({ at: clock.now(), request });
			return { status: 503, headers: {}, body: '' };
		};
		const pusher = createPusher({
			store,
			http: { trusted: refuse, guarded: refuse },
			clock,
			random: () => 0.5,
			log: pino({ level: 'silent' }),
			metrics: createMetrics(() => store.backlog()),
			callbackPolicy: () => WEBHOOK_RETRY,
			callbackSecret: () => undefined,
			isStopping: () => false,
		});

		const { notification, events } = await failedNotification(store, clock, newId);
		pusher.wake();
		const allSent = (async () => {
			while (requests.length < 6) await clock.sleep(MINUTE);
			// Nothing is owed after the sixth, however long one waits.
			await clock.sleep(24 * 60 * MINUTE);
		})();
		await clock.run(allSent);

		const minutes = requests.map(({ at }) => (at - START) / MINUTE);
		expect(minutes).toEqual([0, 0.5, 2.5, 12.5, 42.5, 102.5]);
		const timestamps = requests.map(({ request }) => request.headers['X-OnePing-Timestamp']);
		expect(timestamps).toEqual(requests.map(({ at }) => String(Math.floor(at / 1000))));
		const bodies = new Set(requests.map(({ request }) => request.body));
		expect([...bodies]).toEqual([JSON.stringify(events.at(-1))]);
		expect([...bodies].join()).toContain(notification.id);
		expect(await store.nextWebhookAt(0)).toBeUndefined();

		await pusher.stop();
		await store.close();
	});
});

function endpointOf(settings: Partial<Endpoint>): Endpoint {
	return {
		id: 'ep',
		name: 'down',
		url: 'http://127.0.0.1:9/',
		profile: 'one-ping',
		secret: 'whsec_endpoint_0123456789',
		events: ONE_PING_EVENTS,
		isDefault: false,
		status: 'enabled',
		signatureInput: 'timestamped',
		reportType: 'all',
		ack: '2xx',
		policy: { ...WEBHOOK_RETRY, jitter: 0 },
		source: 'config',
		createdAt: START,
		...settings,
	};
}

/** A notification whose only attempt failed: its `notification.failed` is owed to the endpoint. */
async function failedNotification(
	store: SqliteStore,
	clock: VirtualClock,
	newId: ReturnType<typeof createIds>,
) {
	const opened = openConnection('console', 'terminal', {});
	if (!opened.ok) throw new Error('A console needs no settings');
	const entry = {
		channel: 'console',
		name: 'terminal',
		connection: opened.connection,
		policy: withoutRetries(WEBHOOK_RETRY),
	};
	const planned = planSend({ message: 'm', channels: ['console'] }, [entry], clock.now());
	if (!planned.ok) throw new Error('This send is in order');
	const transition = accept(planned.plan, clock.now(), newId);
	const answer = {
		notification_id: transition.notification.id,
		status: 'queued' as const,
		deliveries: [],
	};
	await store.accept({ transition, apiKey: 'test', answer });
	const [due] = await store.claimDeliveries(clock.now(), 1);
	if (!due) throw new Error('The delivery is due');
	const error = { code: 'TARGET_GONE' as const, message: 'gone' };
	const outcome = { result: 'failed' as const, permanent: true, error };
	return await store.update(due.notification.id, (current) =>
		settle(
			current,
			due.deliveryId,
			{ at: clock.now(), latencyMs: 0, outcome },
			{ random: () => 0.5, newId },
		),
	);
}
