import pg from 'pg';
import {
	type DeliveryQueries,
	owedIn,
	QUERIES,
	type Row,
	toStored,
	toStoredIncidents,
} from './rows.ts';
import type { StoreReader } from './stored.ts';

type All = (sql: string, ...values: readonly string[]) => Promise<readonly Row[]>;

const DELIVERIES: DeliveryQueries = {
	all: 'SELECT * FROM deliveries ORDER BY notification_id, position',
	due: 'deliveries',
};

export function postgresReader(url: string): StoreReader {
	const reading = async <T>(read: (all: All) => Promise<T>): Promise<T> => {
		const client = new pg.Client({
			connectionString: url,
			options: '-c search_path=sureping,public',
		});
		await client.connect();
		try {
			return await read(async (sql, ...values) => (await client.query<Row>(sql, [...values])).rows);
		} finally {
			await client.end();
		}
	};
	return {
		backlog: () => reading(async (all) => Number((await all(owedIn(DELIVERIES)))[0]?.owed)),
		read: () =>
			reading(async (all) =>
				toStored(
					{
						notifications: await all(QUERIES.notifications),
						deliveries: await all(DELIVERIES.all),
						events: await all(QUERIES.events),
						webhooks: await all(QUERIES.webhooks),
					},
					await damageIn(all),
				),
			),
		readIncidents: () =>
			reading(async (all) =>
				toStoredIncidents(
					await all(QUERIES.incidents),
					await all(QUERIES.events),
					await damageIn(all),
				),
			),
	};
}

/**
 * Findings of PostgreSQL's own checks: rows that cannot be, and rows that an index lacks or has twice
 * (https://www.postgresql.org/docs/current/amcheck.html).
 */
async function damageIn(all: All): Promise<readonly string[]> {
	await all('CREATE EXTENSION IF NOT EXISTS amcheck SCHEMA public');
	const rows = await all(
		`SELECT format('%s, block %s: %s', c.relname, v.blkno, v.msg) AS said
		 FROM pg_class c, LATERAL verify_heapam(c.oid) v
		 WHERE c.relnamespace = 'sureping'::regnamespace AND c.relkind = 'r'`,
	);
	const indexes = await all(
		`SELECT c.oid::regclass::text AS name FROM pg_class c JOIN pg_am a ON a.oid = c.relam
		 WHERE c.relnamespace = 'sureping'::regnamespace AND c.relkind = 'i' AND a.amname = 'btree'`,
	);
	const said = rows.map((row) => String(row.said));
	for (const { name } of indexes) {
		try {
			await all('SELECT bt_index_check($1::regclass, true, true)', String(name));
		} catch (error) {
			said.push(`${String(name)}: ${String(error)}`);
		}
	}
	return said;
}
