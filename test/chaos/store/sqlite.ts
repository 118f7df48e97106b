import { DatabaseSync } from 'node:sqlite';
import {
	type DeliveryQueries,
	owedIn,
	QUERIES,
	type Row,
	toStored,
	toStoredIncidents,
} from './rows.ts';
import type { StoreReader } from './stored.ts';

/** Webhook deliveries that have no row yet: see `settled_position`. */
const OWED_BY_EVENTS = `SELECT count(*) AS owed FROM events e, json_each(e.owed) o
	WHERE e.position > (SELECT settled_position FROM feed)
	AND NOT EXISTS (SELECT 1 FROM webhook_deliveries w WHERE w.id = o.value ->> 'id')`;

/** A notification's deliveries are a JSON list in its row. */
const DELIVERIES: DeliveryQueries = {
	all: `SELECT n.id AS notification_id, d.value ->> 'id' AS id, d.value ->> 'role' AS role,
		d.value ->> 'channel' AS channel, d.value ->> 'connection' AS connection, d.value ->> 'state' AS state,
		d.value ->> 'attempts' AS attempts, d.value ->> 'policy' AS policy, d.value ->> 'sequence' AS sequence,
		w.due_at
		FROM notifications n JOIN json_each(n.deliveries) d
		LEFT JOIN deliveries_due w ON w.notification_id = n.id AND w.id = d.value ->> 'id'
		ORDER BY n.id, d.key`,
	due: 'deliveries_due',
};

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
			reading(
				(all) => Number(all(owedIn(DELIVERIES))[0]?.owed) + Number(all(OWED_BY_EVENTS)[0]?.owed),
			),
		read: async () =>
			reading((all) =>
				toStored(
					{
						notifications: all(QUERIES.notifications),
						deliveries: all(DELIVERIES.all),
						events: all(QUERIES.events),
						webhooks: all(QUERIES.webhooks),
					},
					damageIn(all),
				),
			),
		readIncidents: async () =>
			reading((all) =>
				toStoredIncidents(all(QUERIES.incidents), all(QUERIES.events), damageIn(all)),
			),
	};
}

const damageIn = (all: (sql: string) => readonly Row[]): readonly string[] =>
	all('PRAGMA integrity_check')
		.map((row) => String(row.integrity_check))
		.filter((said) => said !== 'ok');
