import type { ChildProcess } from 'node:child_process';
import pg from 'pg';
import { startRunner } from '../contenders.ts';
import type { DatabaseServer } from '../database.ts';
import { load } from '../load.ts';
import { startProxy } from '../proxy.ts';
import { withScene } from '../scene.ts';
import { parentOf } from '../usage.ts';
import { DATABASE_BYTES, type StoreCosts } from './store-costs.ts';

/** The server needs these. A checkpoint in between would have it write whole pages to its log again. */
export const COUNTING_SETTINGS = {
	shared_preload_libraries: 'pg_stat_statements',
	checkpoint_timeout: '1h',
	max_wal_size: '8GB',
};

/** Counts what `count` notifications write, after as many for a warm-up. */
export function postgresCosts(
	server: DatabaseServer,
	clone: string,
	count: number,
	name: string,
): Promise<StoreCosts> {
	return withScene(async (scene, started: ChildProcess[]) => {
		const direct = await server.create(name);
		const proxy = await startProxy(server.port, 0, started);
		const store = server.urlOf(name, proxy.port);
		const options = { clone, settings: { store } };
		const url = `http://127.0.0.1:${await startRunner(scene, started, options)}`;
		const db = new pg.Client({ connectionString: direct });
		await db.connect();
		try {
			await db.query('CREATE EXTENSION pg_walinspect; CREATE EXTENSION pg_stat_statements');
			await load(url, { count });
			await scene.allArrived(count);
			await scene.settled();
			await db.query('VACUUM');
			const bytesBefore = Number(await value(db, RELATION_BYTES));
			const tripsBefore = await proxy.roundTrips();
			await db.query('SELECT pg_stat_statements_reset()');
			const from = await value(db, LOG_END);

			await load(url, { count });
			await scene.allArrived(2 * count);
			await scene.settled();
			const to = await value(db, LOG_END);
			const roundTrips = (await proxy.roundTrips()) - tripsBefore;
			const measured = { ...(await statementSums(db)), ...(await logSums(db, from, to)) };
			const writes = await writesByRelation(db, from, to);
			await db.query('VACUUM');
			const growth = Number(await value(db, RELATION_BYTES)) - bytesBefore;
			const sums = {
				...measured,
				'round trips': roundTrips,
				[DATABASE_BYTES]: growth,
			};
			const each = Object.entries(sums).map(([name, sum]) => [name, sum / count] as const);
			return {
				perNotification: Object.fromEntries(each),
				writes: new Map([...writes].map(([relation, times]) => [relation, times / count])),
			};
		} finally {
			await db.end();
		}
	});
}

/** The first of the oids that a server gives to what its users create (src/include/access/transam.h). */
const FIRST_OWN_OID = 16384;

const LOG_END = 'SELECT pg_current_wal_insert_lsn()::text AS value';
const RELATION_BYTES = `SELECT sum(pg_total_relation_size(oid)) AS value FROM pg_class
	WHERE relkind = 'r' AND oid >= ${FIRST_OWN_OID}`;

async function value(db: pg.Client, query: string): Promise<string> {
	const { rows } = await db.query<{ value: unknown }>(query);
	return String(rows[0]?.value);
}

/** Asked for before anything else, as these questions count too. */
async function statementSums(db: pg.Client): Promise<Record<string, number>> {
	const { rows } = await db.query<{ calls: string; buffers: string }>(
		`SELECT sum(calls) AS calls, sum(shared_blks_hit + shared_blks_read) AS buffers
		FROM pg_stat_statements JOIN pg_database d ON d.oid = dbid AND datname = current_database()`,
	);
	return { statements: Number(rows[0]?.calls), 'pages accessed': Number(rows[0]?.buffers) };
}

async function logSums(db: pg.Client, from: string, to: string): Promise<Record<string, number>> {
	const { rows } = await db.query<{ records: string; bytes: string; commits: string }>(
		`SELECT count(*) AS records, sum(record_length - fpi_length) AS bytes,
			count(*) FILTER (WHERE record_type LIKE 'COMMIT%') AS commits
		FROM pg_get_wal_records_info($1, $2)`,
		[from, to],
	);
	return {
		commits: Number(rows[0]?.commits),
		'bytes written to the log': Number(rows[0]?.bytes),
		'records written to the log': Number(rows[0]?.records),
	};
}

/** Records about each table or index of the runner, between two places in the log. */
async function writesByRelation(
	db: pg.Client,
	from: string,
	to: string,
): Promise<Map<string, number>> {
	const { rows } = await db.query<{ name: string; records: string }>(
		`SELECT c.relname AS name, count(*) AS records
		FROM pg_get_wal_block_info($1, $2) w
		JOIN pg_class c ON pg_relation_filenode(c.oid) = w.relfilenode
		JOIN pg_database d ON d.oid = w.reldatabase AND d.datname = current_database()
		WHERE c.oid >= ${FIRST_OWN_OID} AND w.relforknumber = 0
		GROUP BY 1`,
		[from, to],
	);
	return new Map(rows.map(({ name, records }) => [name, Number(records)]));
}

/** The process of the server, which is the parent of the one that answers. */
export async function serverPid(url: string): Promise<number> {
	const db = new pg.Client({ connectionString: url });
	await db.connect();
	try {
		return parentOf(Number(await value(db, 'SELECT pg_backend_pid() AS value')));
	} finally {
		await db.end();
	}
}
