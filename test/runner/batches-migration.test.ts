import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { createIds } from '@sureping/engine';
import { SqliteStore } from '../../runner/store/sqlite/index.ts';
import { MIGRATIONS } from '../../runner/store/sqlite/db/migrations.ts';

const NOW = Date.parse('2026-01-01T00:00:00Z');

describe('a database from before there were batches, or several former secrets', () => {
	const dir = mkdtempSync(join(tmpdir(), 'sureping-migration-'));
	afterAll(() => rmSync(dir, { recursive: true }));

	it('keeps what is owed to endpoints and to callbacks, with its attempts', async () => {
		const file = join(dir, 'old.db');
		const old = new DatabaseSync(file);
		const steps = MIGRATIONS.findIndex((step) => step.includes('most_together'));
		for (const step of MIGRATIONS.slice(0, steps)) old.exec(step);
		const attempts = '[{"at":1,"latencyMs":2,"status":500}]';
		old.exec(`
			PRAGMA user_version = ${steps};
			INSERT INTO notifications VALUES
				('msg_1', 1, 'key', 'delivered', 'm', NULL, '{}', 1, NULL, NULL, '[]', 'https://back.example/x');
			INSERT INTO events (position, id, notification_id, type, body, created_at)
				VALUES (1, 'evt_1', 'msg_1', 'notification.delivered', '{"event_id":"evt_1"}', 1);
			INSERT INTO endpoints VALUES ('ep_1', 'e', 'https://a.example', 'one-ping', 'whsec_0123456789', '[]',
				0, 'enabled', 'timestamped', '2xx', '{}', 'config', 1, NULL);
			INSERT INTO webhook_deliveries VALUES
				('whd_1', 1, 'ep_1', NULL, NULL, 'pending', '${attempts}', ${NOW}),
				('whd_2', 1, NULL, 'https://back.example/x', 'key', 'pending', '[]', ${NOW}),
				('whd_3', 1, 'ep_1', NULL, NULL, 'delivered', '[]', NULL);
		`);
		old.close();

		const store = new SqliteStore(file, { newId: createIds(() => NOW), now: () => NOW });
		const claimed = await store.webhooks.claim(NOW, 64);
		expect(claimed).toHaveLength(2);
		expect(claimed).toEqual(
			expect.arrayContaining([
				{
					to: { endpoint: expect.objectContaining({ id: 'ep_1', reportType: 'all' }) },
					deliveries: [
						{
							delivery: expect.objectContaining({ id: 'whd_1', attempts: JSON.parse(attempts) }),
							event: { event_id: 'evt_1', message: 'm' },
						},
					],
				},
				{
					to: {
						callback: {
							url: 'https://back.example/x',
							profile: 'one-ping',
							reportType: 'all',
							apiKey: 'key',
						},
					},
					deliveries: [expect.objectContaining({ event: { event_id: 'evt_1', message: 'm' } })],
				},
			]),
		);
		for (const due of claimed) store.webhooks.release(due);
		expect(await store.webhooks.claim(NOW, 64)).toHaveLength(2);
		const { items } = await store.webhooks.list({}, { limit: 10 });
		expect(items.find(({ id }) => id === 'whd_2')?.callbackUrl).toBe('https://back.example/x');
		await store.close();
	});

	it('keeps the secret of a rotation that is under way', async () => {
		const file = join(dir, 'rotating.db');
		const old = new DatabaseSync(file);
		const steps = MIGRATIONS.findIndex((step) => step.includes('previous_secrets'));
		for (const step of MIGRATIONS.slice(0, steps)) old.exec(step);
		const former = { secret: 'whsec_before_0123456789', until: NOW + 1 };
		old.exec(`
			PRAGMA user_version = ${steps};
			INSERT INTO endpoints VALUES
				('ep_1', 'e', 'https://a.example', 'standard-webhooks', 'whsec_0123456789', '[]', 0, 'disabled',
				 'timestamped', '2xx', '{}', 'api', 1, NULL, NULL, 'all', '${JSON.stringify(former)}'),
				('ep_2', 'f', 'https://b.example', 'one-ping', 'whsec_0123456789', '[]', 0, 'enabled',
				 'timestamped', '2xx', '{}', 'api', 1, NULL, NULL, 'all', NULL);
		`);
		old.close();
		const store = new SqliteStore(file, { newId: createIds(() => NOW), now: () => NOW });
		const [rotating, other] = await store.endpoints.all();
		expect(rotating).toMatchObject({ previousSecrets: [former], status: 'disabled' });
		expect(other).not.toHaveProperty('previousSecrets');
		await store.close();
	});

	it('knows since when what it owes has been owed', async () => {
		const file = join(dir, 'owing.db');
		const old = new DatabaseSync(file);
		const steps = MIGRATIONS.findIndex((step) => step.includes('owed_since'));
		for (const step of MIGRATIONS.slice(0, steps)) old.exec(step);
		old.exec(`PRAGMA user_version = ${steps}`);
		const delivery = (id: string, sendAt: number | null, dueAt: number | null): void => {
			old
				.prepare(
					`INSERT INTO notifications (id, created_at, api_key, status, message, metadata, priority, send_at, fallbacks)
					 VALUES (?, ?, 'key', 'queued', 'm', '{}', 1, ?, '[]')`,
				)
				.run(id, NOW, sendAt);
			old
				.prepare(
					`INSERT INTO deliveries (id, notification_id, position, role, channel, connection, recipient, policy, state,
					 attempts, sequence, priority, due_at, lane)
					 VALUES (?, ?, 0, 'primary', 'console', 'terminal', '', '{}', 'queued', '[]', 1, 1, ?, 'console:terminal')`,
				)
				.run(`dlv_${id}`, id, dueAt);
		};
		delivery('msg_1', null, null);
		delivery('msg_2', NOW + 5_000, NOW + 5_000);
		old.close();
		const store = new SqliteStore(file, { newId: createIds(() => NOW), now: () => NOW });
		expect(await store.upkeep.backlog()).toMatchObject({
			deliveries: 1,
			deliveriesSince: NOW + 5_000,
		});
		await store.close();
	});
});
