import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { accept, createIds, openConnection, planSend, settle } from '@sureping/engine';
import { SqliteStore } from '../../runner/store/sqlite/index.ts';

const START = Date.parse('2026-01-01T00:00:00Z');
const ONCE = { delaysMs: [], jitter: 0, timeoutMs: 1_000 };

describe('two deliveries of a notification that fail in the same instant', () => {
	const dir = mkdtempSync(join(tmpdir(), 'sureping-instant-'));
	const newId = createIds(() => START);
	const store = new SqliteStore(join(dir, 'a.db'), { newId, now: () => START });
	afterAll(async () => {
		await store.close();
		rmSync(dir, { recursive: true });
	});

	const catalog = ['one', 'two', 'spare'].map((name) => {
		const opened = openConnection('console', name, {});
		if (!opened.ok) throw new Error('A console needs no settings');
		return { channel: 'console', name, connection: opened.connection, policy: ONCE };
	});

	it('start one fallback, not two and not none', async () => {
		const request = {
			message: 'm',
			channels: ['console:one', 'console:two'],
			fallback_channels: ['console:spare'],
		};
		const planned = planSend(request, catalog, START);
		if (!planned.ok) throw new Error(JSON.stringify(planned.problems));
		const transition = accept(planned.plan, START, newId);
		const { id } = transition.notification;
		const answer = { notification_id: id, status: 'queued' as const, deliveries: [] };
		await store.sends.accept({ transition, apiKey: 'test', answer });

		// Both attempts saw the notification before either ended.
		const due = await store.deliveries.claim(START, 10);
		expect(due).toHaveLength(2);
		const error = { code: 'TARGET_GONE' as const, message: 'gone' };
		const outcome = { result: 'failed' as const, permanent: true, error };
		await Promise.all(
			due.map(({ deliveryId }) =>
				store.deliveries.update(id, (current) =>
					settle(
						current,
						deliveryId,
						{ attempt: 1, at: START, latencyMs: 0, outcome },
						{ random: () => 0.5, newId },
					),
				),
			),
		);

		const after = await store.notifications.get(id);
		expect(after?.notification.deliveries.map(({ state, role }) => `${role} ${state}`)).toEqual([
			'primary failed',
			'primary failed',
			'fallback queued',
		]);
		expect(after?.events.filter(({ event }) => event === 'notification.fallback')).toHaveLength(1);
	});
});
