import { DatabaseSync, type SQLOutputValue } from 'node:sqlite';
import type { Stored, StoreReader } from './stored.ts';

type Row = Record<string, SQLOutputValue>;

/** What the runner wrote as JSON comes back as it was. */
const json = (value: SQLOutputValue | undefined) => JSON.parse(String(value));

export function sqliteReader(file: string): StoreReader {
	const reading = <T>(read: (all: (sql: string) => readonly Row[]) => T): T => {
		const db = new DatabaseSync(file, { readOnly: true, timeout: 1_000 });
		try {
			return read((sql) => db.prepare(sql).all());
		} finally {
			db.close();
		}
	};
	return {
		backlog: async () =>
			reading((all) => {
				const [row] = all(`SELECT (SELECT count(*) FROM deliveries WHERE due_at IS NOT NULL)
					+ (SELECT count(*) FROM webhook_deliveries WHERE due_at IS NOT NULL) AS owed`);
				return Number(row?.owed);
			}),
		read: async () => reading(readAll),
	};
}

function readAll(all: (sql: string) => readonly Row[]): Stored {
	return {
		notifications: all('SELECT * FROM notifications').map((row) => ({
			id: String(row.id),
			n: json(row.metadata).n,
			// Words of the engine, as it wrote them.
			status: String(row.status) as Stored['notifications'][number]['status'],
			createdAt: Number(row.created_at),
			...(row.send_at === null ? {} : { sendAt: Number(row.send_at) }),
			fallbacksLeft: json(row.fallbacks).length,
			hasCallback: json(row.callbacks).length > 0,
		})),
		deliveries: all('SELECT * FROM deliveries ORDER BY notification_id, position').map((row) => ({
			id: String(row.id),
			notificationId: String(row.notification_id),
			// Words of the engine, as it wrote them.
			role: String(row.role) as Stored['deliveries'][number]['role'],
			connection: `${String(row.channel)}:${String(row.connection)}`,
			state: String(row.state) as Stored['deliveries'][number]['state'],
			attempts: json(row.attempts),
			mostAttempts: json(row.policy).delaysMs.length + 1,
			sequence: Number(row.sequence),
			isDue: row.due_at !== null,
		})),
		events: all('SELECT id, body FROM events ORDER BY position').map((row) => {
			const { event, delivery_id, sequence, attempt, next_retry_at } = json(row.body);
			return {
				id: String(row.id),
				type: event,
				deliveryId: delivery_id,
				sequence,
				...(next_retry_at ? { attempt, nextRetryAt: Date.parse(next_retry_at) } : {}),
			};
		}),
		webhooks: all(`SELECT w.*, e.id AS event_id, p.name FROM webhook_deliveries w
			JOIN events e ON e.position = w.event_position
			LEFT JOIN endpoints p ON p.id = w.endpoint_id`).map((row) => ({
			id: String(row.id),
			eventId: String(row.event_id),
			to: row.endpoint_id === null ? 'callback' : String(row.name),
			state: String(row.state),
			attempts: json(row.attempts),
			isDue: row.due_at !== null,
		})),
		damage: all('PRAGMA integrity_check')
			.map((row) => String(row.integrity_check))
			.filter((said) => said !== 'ok'),
	};
}
