import type { LoadedDatabase, Rows } from './load.ts';

/** The contents of a database of any version that must still be there afterwards. */
export interface Stock {
	/** When the newest notification was accepted, in milliseconds since 1970. */
	readonly newest: number;
	readonly notifications: readonly string[];
	/** Messages of the notifications that have something due, by their ids. */
	readonly due: ReadonlyMap<string, string>;
	/** Ids of what `GET /events` shows, in its order. */
	readonly events: readonly string[];
	readonly endpoints: Rows;
	/** Answers to requests with an idempotency key. */
	readonly answers: Rows;
	/** Webhooks that have not ended: `event` is its id, `name` the endpoint's or `callback`. */
	readonly webhooks: Rows;
	readonly deadLetters: readonly string[];
	readonly quotas: Rows;
	readonly replays: Rows;
}

export const column = (rows: Rows, name: string): string[] => rows.map((row) => String(row[name]));

export async function stockOf({ rows }: LoadedDatabase): Promise<Stock> {
	// The first versions have no such table.
	const rowsIfAny = (sql: string): Promise<Rows> => rows(sql).catch(() => []);
	const dueIn = (table: string): Promise<Rows> =>
		rows(
			`SELECT n.id, n.message FROM ${table} d JOIN notifications n ON n.id = d.notification_id
			 WHERE d.due_at IS NOT NULL`,
		);
	// Earlier versions keep it with all other deliveries.
	const due = await dueIn('deliveries_due').catch(() => dueIn('deliveries'));
	return {
		newest: Number((await rows('SELECT max(created_at) AS at FROM notifications'))[0]?.at),
		notifications: column(await rows('SELECT id FROM notifications ORDER BY id'), 'id'),
		due: new Map(due.map(({ id, message }) => [String(id), String(message)])),
		events: column(
			await rows("SELECT id FROM events WHERE type LIKE 'notification.%' ORDER BY position"),
			'id',
		),
		endpoints: await rows('SELECT id, name, status FROM endpoints ORDER BY id'),
		answers: await rows('SELECT key, answer FROM idempotency ORDER BY key'),
		webhooks: await rows(
			`SELECT e.id AS event, coalesce(p.name, 'callback') AS name FROM webhook_deliveries w
			 JOIN events e ON e.position = w.event_position LEFT JOIN endpoints p ON p.id = w.endpoint_id
			 WHERE w.state NOT IN ('delivered', 'exhausted', 'cancelled')`,
		),
		deadLetters: column(await rowsIfAny('SELECT id FROM dead_letters ORDER BY id'), 'id'),
		quotas: await rowsIfAny('SELECT api_key, notifications FROM quota_use ORDER BY api_key'),
		replays: await rowsIfAny('SELECT id, status, replayed, total FROM replays ORDER BY id'),
	};
}
