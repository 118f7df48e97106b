import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { createIds, receivedEvent, settle } from '@sureping/engine';
import { SqliteStore } from '../../runner/store/sqlite/index.ts';

const START = Date.parse('2026-01-01T00:00:00Z');
const MINUTE = 60_000;

describe('a database that an earlier version left with work of every kind', () => {
	const dir = mkdtempSync(join(tmpdir(), 'sureping-stored-'));
	const file = join(dir, 'a.db');
	let now = START + 10_000;
	let store: SqliteStore;
	beforeAll(() => {
		const db = new DatabaseSync(file);
		db.exec(readFileSync('test/fixtures/databases/work-of-every-kind.sql', 'utf8'));
		db.close();
	});
	beforeEach(() => {
		store = new SqliteStore(file, { newId: createIds(() => now), now: () => now });
	});
	afterEach(() => store.close());
	afterAll(() => rmSync(dir, { recursive: true }));

	it('answers the requests that it has answered before', async () => {
		const key = { key: 'order-7', bodyHash: 'hash-7' };
		expect(await store.sends.earlierAnswer('key', key, now)).toMatchObject({ result: 'repeated' });
		expect(await store.sends.quotaUse([{ apiKey: 'key', start: START }])).toEqual([1]);
		const token = { key: 'k', token: 'used-once', bodyHash: 'other' };
		expect(await store.reports.useToken('mailgun', token)).toBe('other-body');
	});

	it('shows everything that it holds', async () => {
		const { items } = await store.notifications.list({}, { limit: 10 });
		expect(items.map(({ status }) => status)).toEqual([
			'in_progress',
			'queued',
			'in_progress',
			'delivered',
		]);
		const found = await store.notifications.get(items[3]?.id ?? '');
		expect(found?.notification).toMatchObject({ subject: 'Pump 3', metadata: { order: 7 } });
		const feed = await store.feed.read(undefined, 100);
		expect(feed?.events.map(({ event }) => event)).toEqual([
			'notification.queued',
			'notification.delivered',
			'notification.queued',
			'notification.retrying',
			'notification.queued',
			'notification.queued',
			'notification.sent',
		]);
		const operational = await store.feed.readOperational(undefined, 100);
		expect(operational?.events).toMatchObject([{ event: 'endpoint.disabled' }]);
		expect(await store.upkeep.backlog()).toMatchObject({
			deliveries: 3,
			webhooks: 8,
			held: 7,
			deadLetters: 1,
		});
		const [api, config] = await store.endpoints.all();
		expect(api).toMatchObject({ id: 'ep_api', status: 'disabled', batch: { maxEvents: 10 } });
		expect(config).toMatchObject({ id: 'ep_config', status: 'enabled', source: 'config' });
	});

	it('goes on with its deliveries, and with the reports on them', async () => {
		now = START + MINUTE;
		const [retrying, ...others] = await store.deliveries.claim(now, 10);
		expect(others).toEqual([]);
		const { notification, deliveryId } = retrying!;
		expect(notification.deliveries[0]?.attempts).toHaveLength(1);
		const outcome = { result: 'delivered', confirmation: 'service' } as const;
		const result = { attempt: 2, at: now, latencyMs: 1, outcome };
		await store.deliveries.update(notification.id, (current) =>
			settle(current, deliveryId, result, { random: () => 0.5, newId: createIds(() => now) }),
		);
		store.deliveries.release(deliveryId);
		expect((await store.notifications.get(notification.id))?.status).toBe('delivered');

		const facts = {
			identity: ['SM1'],
			type: 'notification.delivered',
			notificationId: 'SM1',
		} as const;
		const report = receivedEvent('twilio', facts, { MessageSid: 'SM1' }, now);
		const intake = { provider: 'twilio', connection: 'sms' } as const;
		expect(await store.reports.take([report], intake)).toMatchObject({ matched: 1 });
		now = START + 10 * MINUTE;
		await store.reports.forwardDue();
		const forwarded = await store.reports.list({ state: 'forwarded' }, { limit: 10 });
		expect(forwarded.items).toMatchObject([{ provider: 'twilio', connection: 'sms' }]);
	});

	it('sends what endpoints are owed: due, held, put aside and asked for again', async () => {
		now = START + 20 * MINUTE;
		const [letter] = (await store.deadLetters.list({}, { limit: 10 })).items;
		expect(await store.deadLetters.requeue(letter?.id ?? '')).toBe('retried');
		await store.endpoints.setStatus('ep_api', 'enabled');
		expect(await store.replays.advance()).toBe(true);
		expect(await store.replays.isAnyRunning()).toBe(false);
		const due = await store.webhooks.claim(now, 100);
		const sent = due.flatMap(({ to, deliveries }) =>
			deliveries.map(({ delivery }) => ({
				to: 'endpoint' in to ? to.endpoint.id : to.callback.url,
				attempts: delivery.attempts.length,
			})),
		);
		// Seven events each from before and three since; of ep_config also the seven of the replay.
		const countOf = (target: string): number => sent.filter(({ to }) => to === target).length;
		expect(countOf('https://callback.example/x')).toBe(3);
		expect(countOf('ep_api')).toBe(10);
		expect(countOf('ep_config')).toBe(17);
		expect(sent.filter(({ attempts }) => attempts === 1)).toHaveLength(1);
		await store.webhooks.settle(
			due.flatMap(({ deliveries }) =>
				deliveries.map(({ delivery: { id, attempts } }) => ({
					id,
					attempts,
					state: 'delivered' as const,
				})),
			),
		);
		for (const one of due) store.webhooks.release(one);
		expect(await store.webhooks.claim(now, 100)).toEqual([]);
	});
});
