import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { createIds, receivedEvent } from '@sureping/engine';
import { BrokenRow } from '../../runner/store/contract/errors.ts';
import { SqliteStore } from '../../runner/store/sqlite/index.ts';
import { MIGRATIONS } from '../../runner/store/sqlite/db/migrations.ts';
import { MONTH, pruneAll } from '../support/prune-all.ts';

const NOW = Date.parse('2026-01-01T00:00:00Z');
const YEAR = 365 * 24 * 3600_000;
const POLICY = { delaysMs: [15_000], jitter: 0, timeoutMs: 1_000 };
const REPORT = { timeoutMs: 60_000, otherwise: 'failed', url: 'https://a.example/{id}' };
const ERROR = { code: 'EXPIRED', message: 'Too late: "{' };
const ATTEMPT = { at: NOW, latencyMs: 1.5, error: { code: 'TIMEOUT', message: '\u2028 é' } };

/** Columns of a delivery as they were before it stood in its notification's row; JSON as text. */
type OldDelivery = Readonly<Record<string, string | number>>;

describe('a SQLite database from before a notification was one row', () => {
	const dir = mkdtempSync(join(tmpdir(), 'sureping-one-row-'));
	const file = join(dir, 'old.db');
	// One millisecond after the other, so that ids are in order.
	let made = NOW - 1_000;
	const newId = createIds(() => made++);
	let store: SqliteStore;

	const ids = { whole: '', waiting: '', damaged: '' };
	const deliveryIds = { first: newId('dlv'), second: newId('dlv'), waiting: newId('dlv') };
	const damaged = newId('dlv');
	let letter = '';

	beforeAll(() => {
		const old = new DatabaseSync(file);
		const steps = MIGRATIONS.findIndex((step) => step.includes('notifications_next'));
		for (const step of MIGRATIONS.slice(0, steps)) old.exec(step);
		old.exec(`PRAGMA user_version = ${steps}`);
		const insert = (table: string, row: OldDelivery): void => {
			const columns = Object.keys(row);
			const marks = columns.map(() => '?').join(', ');
			old
				.prepare(`INSERT INTO ${table} (${columns.join(', ')}) VALUES (${marks})`)
				.run(...Object.values(row));
		};
		const notification = (status: string, ...deliveries: readonly OldDelivery[]): string => {
			const id = newId('msg');
			insert('notifications', {
				...{ id, status, created_at: NOW, api_key: 'key', message: 'm', metadata: '{"a":1}' },
				...{ priority: 1, fallbacks: '[]', callbacks: '[]', told: '["notification.queued"]' },
			});
			// Their order is not that of their positions.
			for (const [position, delivery] of [...deliveries.entries()].reverse()) {
				insert('deliveries', {
					...{ notification_id: id, position, role: 'primary', channel: 'sms', connection: 'sms' },
					...{ recipient: '+49', policy: JSON.stringify(POLICY), state: 'queued', attempts: '[]' },
					...{ sequence: 1, priority: 1, lane: 'sms:sms', owed_since: NOW, ...delivery },
				});
			}
			return id;
		};
		ids.whole = notification(
			'delivered',
			{
				...{ id: deliveryIds.first, state: 'expired', error: JSON.stringify(ERROR) },
				...{ attempts: JSON.stringify([ATTEMPT]), sequence: 3 },
			},
			{
				...{ id: deliveryIds.second, role: 'fallback', channel: 'email', connection: 'mail' },
				...{ state: 'delivered', message_id: '<a@b>', confirmation: 'device' },
				...{ report: JSON.stringify(REPORT) },
			},
		);
		ids.waiting = notification('queued', {
			...{ id: deliveryIds.waiting, due_at: NOW + 10, last_at: NOW + 15_010, turn_at: NOW + 10 },
		});
		ids.damaged = notification('queued', { id: damaged, attempts: '[{"at":' });
		letter = newId('ltr');
		const dead = { id: letter, kind: 'delivery', of: damaged, reason: 'r', created_at: NOW };
		insert('dead_letters', dead);
		old.close();
		store = new SqliteStore(file, { newId, now: () => NOW });
	});
	afterAll(async () => {
		await store.close();
		rmSync(dir, { recursive: true });
	});

	it('has every delivery as it was, in its order', async () => {
		const found = await store.notifications.get(ids.whole);
		const common = { recipient: '+49', policy: POLICY };
		expect(found?.notification.deliveries).toEqual([
			{
				...{ ...common, id: deliveryIds.first, role: 'primary', channel: 'sms', connection: 'sms' },
				...{ state: 'expired', attempts: [ATTEMPT], sequence: 3, error: ERROR },
			},
			{
				...{ ...common, id: deliveryIds.second, role: 'fallback', channel: 'email' },
				...{ connection: 'mail', state: 'delivered', attempts: [], sequence: 1 },
				...{ messageId: '<a@b>', confirmation: 'device', report: REPORT },
			},
		]);
		expect(found?.notification.published).toEqual(['notification.queued']);
	});

	it('lists by status and by channel', async () => {
		const list = async (filter: object): Promise<readonly string[]> =>
			(await store.notifications.list(filter, { limit: 10 })).items.map(({ id }) => id);
		expect(await list({ channel: 'email' })).toEqual([ids.whole]);
		expect(await list({ status: 'queued' })).toEqual([ids.damaged, ids.waiting]);
		expect(await list({ status: 'delivered', channel: 'sms' })).toEqual([ids.whole]);
	});

	it('gives out what waits at its time', async () => {
		expect(await store.upkeep.backlog()).toMatchObject({ deliveries: 1, deliveriesSince: NOW });
		expect(await store.deliveries.claim(NOW, 10)).toEqual([]);
		const [due, ...others] = await store.deliveries.claim(NOW + 10, 10);
		expect(due).toMatchObject({ deliveryId: deliveryIds.waiting, heldMs: 0 });
		expect(others).toEqual([]);
		store.deliveries.release(deliveryIds.waiting);
	});

	it('keeps what is damaged, and takes it up again when asked to, however unreadable it is', async () => {
		await expect(store.notifications.get(ids.damaged)).rejects.toThrow(BrokenRow);
		expect(await store.deadLetters.requeue(letter)).toBe('retried');
		expect((await store.upkeep.backlog()).deliveries).toBe(2);
		expect(await store.deliveries.claim(NOW, 10)).toEqual([]);
		const { items } = await store.deadLetters.list({}, { limit: 10 });
		expect(items).toMatchObject([{ kind: 'delivery', of: damaged }]);
		expect((await store.upkeep.backlog()).deliveries).toBe(1);
	});

	it('knows the message of a late report, and forgets it with its notification', async () => {
		const facts = {
			identity: ['r1'],
			type: 'notification.delivered',
			notificationId: 'a@b',
		} as const;
		const intake = { provider: 'postmark', connection: 'mail' } as const;
		const report = receivedEvent('postmark', facts, {}, NOW);
		expect(await store.reports.take([report], intake)).toMatchObject({ matched: 1 });
		await pruneAll(store, NOW + YEAR, MONTH);
		expect(await store.notifications.get(ids.whole)).toBeUndefined();
		const db = new DatabaseSync(file, { readOnly: true });
		const left = db.prepare('SELECT count(*) AS n FROM message_ids').get();
		const channels = db.prepare('SELECT notification_id FROM notification_channels').all();
		db.close();
		expect(left).toEqual({ n: 0 });
		expect(channels.map((row) => row.notification_id)).toEqual([ids.waiting, ids.damaged]);
	});
});
