import { openDatabase } from './sqlite/open.ts';
import { Statements } from './sqlite/statements.ts';
import { Database, ENDLESS, type Sql, type Transaction } from './postgres/database.ts';
import { takeTurn } from './postgres/feed.ts';
import { migrate } from './postgres/migrate.ts';
import { type Table, TABLES } from './postgres/tables.ts';
import { inserted, write } from './postgres/write-rows.ts';
import type { NewRow, Row } from './rows/columns.ts';
import { StoreError } from './store-error.ts';

/** Rows per statement. */
const TOGETHER = 500;

/** What a page of a table is ordered by: a key that is unique, so that the next page starts after it. */
const KEYS: Readonly<Record<Table, readonly string[]>> = {
	notifications: ['id'],
	deliveries: ['id'],
	events: ['position'],
	endpoints: ['id'],
	webhook_deliveries: ['id'],
	idempotency: ['api_key', 'key'],
	replays: ['id'],
	reports: ['position'],
	inbound_tokens: ['provider', 'connection', 'token'],
	dead_letters: ['id'],
	quota_use: ['api_key', 'period_start'],
};

export interface CopyOptions {
	/** The SQLite file; no runner may be using it. */
	readonly from: string;
	/** A PostgreSQL URL. */
	readonly to: string;
	/** Called once it is known how many rows there are, and then as they are copied. */
	onProgress(done: number, total: number): void;
}

/**
 * Copies everything that a SQLite store holds into an empty PostgreSQL one, positions of the feed and due times included,
 * in one transaction: either all of it is there afterwards, or nothing. Resolves with the number of rows per table;
 * rejects with a `StoreError` when that cannot be done.
 */
export async function copyToPostgres({
	from,
	to,
	onProgress,
}: CopyOptions): Promise<Readonly<Record<string, number>>> {
	const source = openDatabase(from);
	const target = new Database(to, 2);
	try {
		await migrate(target);
		const sqlite = new Statements(source.db);
		return await target.transaction(async (sql) => {
			await refuseUsed(sql);
			return await copyAll(sqlite, sql, onProgress);
		}, ENDLESS);
	} finally {
		await target.close();
		source.close();
	}
}

/** Nobody writes to a store that is being filled: its feed's turn is taken until the end. */
async function refuseUsed(sql: Transaction): Promise<void> {
	const { newest } = await takeTurn(sql);
	const used = [];
	for (const table of tables()) {
		const rows = await sql.rows(`SELECT 1 AS one FROM sureping.${table} LIMIT 1`);
		if (rows.length > 0) used.push(table);
	}
	if (newest > 0 || used.length > 0) {
		throw new StoreError(
			`The target is not empty (${used.join(', ') || 'it had events'}). Take an empty database.`,
		);
	}
}

async function copyAll(
	sqlite: Statements,
	sql: Sql,
	onProgress: CopyOptions['onProgress'],
): Promise<Record<string, number>> {
	const counts = Object.fromEntries(tables().map((table) => [table, countOf(sqlite, table)]));
	const total = Object.values(counts).reduce((sum, count) => sum + count, 0);
	let done = 0;
	onProgress(done, total);
	for (const table of tables()) {
		let last: Row | undefined;
		for (;;) {
			const rows = pageOf(sqlite, table, last);
			// Both stores keep the same values under the same names.
			await write(sql, inserted(table, rows as readonly NewRow[]));
			done += rows.length;
			onProgress(done, total);
			last = rows.at(-1);
			if (rows.length < TOGETHER) break;
		}
	}
	await goOnAfter(sqlite, sql);
	for (const table of tables()) {
		const [row] = await sql.rows(`SELECT count(*) AS n FROM sureping.${table}`);
		if (Number(row?.n) !== counts[table]) {
			throw new StoreError(
				`${table}: ${counts[table]} rows were read and ${String(row?.n)} are there. Nothing was kept.`,
			);
		}
	}
	return counts;
}

/** New positions come after all that were ever given, so that cursors stay valid. */
async function goOnAfter(sqlite: Statements, sql: Sql): Promise<void> {
	const given = Number(
		sqlite.get("SELECT seq AS n FROM sqlite_sequence WHERE name = 'events'")?.n ?? 0,
	);
	// What was given after the newest that is there belongs to events that were pruned.
	await sql.rows(
		`UPDATE sureping.feed SET endpoints_version = endpoints_version + 1,
		 pruned_position = CASE WHEN $1::bigint > (SELECT coalesce(max(position), 0) FROM sureping.events)
			THEN $1::bigint ELSE $2::bigint END WHERE id = 1`,
		[given, Number(sqlite.get('SELECT pruned_position AS n FROM feed')?.n ?? 0)],
	);
	await sql.rows(
		`SELECT setval(pg_get_serial_sequence('sureping.reports', 'position'),
		 (SELECT max(position) FROM sureping.reports)) WHERE EXISTS (SELECT 1 FROM sureping.reports)`,
	);
}

function countOf(sqlite: Statements, table: Table): number {
	return Number(sqlite.get(`SELECT count(*) AS n FROM ${table}`)?.n ?? 0);
}

function pageOf(sqlite: Statements, table: Table, last: Row | undefined): readonly Row[] {
	const columns = Object.keys(TABLES[table]).join(', ');
	const keys = KEYS[table];
	const after = last ? `WHERE (${keys.join(', ')}) > (${keys.map(() => '?').join(', ')})` : '';
	return sqlite.all(
		`SELECT ${columns} FROM ${table} ${after} ORDER BY ${keys.join(', ')} LIMIT ${TOGETHER}`,
		...keys.flatMap((key) => (last ? [last[key] ?? null] : [])),
	);
}

// The names of its own members.
const tables = (): Table[] => Object.keys(TABLES) as Table[];
