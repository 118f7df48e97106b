import { DatabaseSync } from 'node:sqlite';
import { OWED, QUERIES, type Row, toStored } from './rows.ts';
import type { StoreReader } from './stored.ts';

/** Webhook deliveries that have no row yet: see `settled_position`. */
const OWED_BY_EVENTS = `SELECT count(*) AS owed FROM events e, json_each(e.owed) o
	WHERE e.position > (SELECT settled_position FROM feed)
	AND NOT EXISTS (SELECT 1 FROM webhook_deliveries w WHERE w.id = o.value ->> 'id')`;

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
			reading((all) => Number(all(OWED)[0]?.owed) + Number(all(OWED_BY_EVENTS)[0]?.owed)),
		read: async () =>
			reading((all) =>
				toStored(
					{
						notifications: all(QUERIES.notifications),
						deliveries: all(QUERIES.deliveries),
						events: all(QUERIES.events),
						webhooks: all(QUERIES.webhooks),
					},
					all('PRAGMA integrity_check')
						.map((row) => String(row.integrity_check))
						.filter((said) => said !== 'ok'),
				),
			),
	};
}
