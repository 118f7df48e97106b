import { type MigrationWatcher, UNWATCHED } from './migration.ts';
import { openWatched } from './sqlite/db/open.ts';
import { Statements } from './sqlite/db/statements.ts';
import { storeOwed } from './sqlite/webhooks/stored.ts';
import { Database, ENDLESS, type Sql, type Transaction } from './postgres/db/database.ts';
import { lockFeed } from './postgres/feed/lock.ts';
import { migrate } from './postgres/db/migrate.ts';
import { columnNames, type Table, TABLES } from './postgres/db/tables.ts';
import { inserted, write } from './postgres/db/write-rows.ts';
import type { NewRow } from './rows/columns.ts';
import { StoreError } from './contract/errors.ts';

/** Limits of one statement: a number of rows, or, where they are large, of characters. */
const TOGETHER = { rows: 500, length: 4 * 1024 * 1024 };

export interface CopyOptions {
	/** The SQLite file; no runner may be using it. */
	readonly from: string;
	/** A PostgreSQL URL. */
	readonly to: string;
	/** Follows the migration of a source of an older version. */
	readonly watcher?: MigrationWatcher;
	/** Called first with the number of rows, and then as they are copied. */
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
	watcher = UNWATCHED,
	onProgress,
}: CopyOptions): Promise<Readonly<Record<string, number>>> {
	const source = await openWatched(from, watcher);
	const target = new Database(to, 2);
	try {
		const sqlite = new Statements(source.db);
		completeRows(sqlite, from);
		await migrate(target);
		return await target.transaction(async (sql) => {
			await refuseUsed(sql);
			return await copyAll(sqlite, sql, onProgress);
		}, ENDLESS);
	} finally {
		await target.close();
		source.close();
	}
}

/**
 * Gives what is owed the rows that a running store gives it when it starts. Throws a `StoreError` where something is damaged
 * that could only be left out.
 */
function completeRows(sqlite: Statements, from: string): void {
	const { broken } = storeOwed(sqlite);
	const ids = [
		...broken.map(({ id }) => id),
		...sqlite.all`SELECT id FROM notifications WHERE NOT json_valid(deliveries) LIMIT 10`.map(
			(row) => String(row.id),
		),
	];
	if (ids.length === 0) return;
	throw new StoreError(
		`${from} has damaged rows, which cannot be copied: ${ids.slice(0, 10).join(', ')}. Restore a backup from before the damage, or remove these rows. Nothing was copied.`,
	);
}

/**
 * Tables that SQLite does not have, as a query. Its deliveries stand in the rows of their notifications, and what is due of
 * them in a table of its own. `->>` gives a part of a delivery as it was stored, be it JSON or damaged.
 */
const SOURCES: Readonly<Partial<Record<Table, string>>> = {
	deliveries: `(SELECT n.id AS notification_id, n.priority, d.key AS position,
		d.value ->> 'id' AS id, d.value ->> 'role' AS role, d.value ->> 'channel' AS channel,
		d.value ->> 'connection' AS connection, d.value ->> 'recipient' AS recipient,
		d.value ->> 'policy' AS policy, d.value ->> 'state' AS state, d.value ->> 'attempts' AS attempts,
		d.value ->> 'report' AS report, d.value ->> 'messageId' AS message_id,
		d.value ->> 'confirmation' AS confirmation, d.value ->> 'error' AS error,
		d.value ->> 'sequence' AS sequence, d.value ->> 'contactId' AS contact_id,
		coalesce(w.lane, (d.value ->> 'channel') || ':' || (d.value ->> 'connection')) AS lane,
		w.due_at, w.last_at, w.expires_at, w.reserved_at AS turn_at,
		max(n.created_at, coalesce(n.send_at, 0)) AS owed_since
	 FROM notifications n
	 JOIN json_each(iif(json_valid(n.deliveries), n.deliveries, '[]')) d
	 LEFT JOIN deliveries_due w ON w.notification_id = n.id AND w.id = d.value ->> 'id')`,
};

/** Throws if the target has rows. Locks its feed, so that no runner writes to it until the end. */
async function refuseUsed(sql: Transaction): Promise<void> {
	const { newest } = await lockFeed(sql);
	const used = [];
	for (const table of TABLES) {
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
	const counts = Object.fromEntries(TABLES.map((table) => [table, countOf(sqlite, table)]));
	const total = Object.values(counts).reduce((sum, count) => sum + count, 0);
	let done = 0;
	onProgress(done, total);
	for (const table of TABLES) {
		for (const rows of partsOf(sqlite, table)) {
			await write(sql, inserted(table, rows));
			done += rows.length;
			onProgress(done, total);
		}
	}
	await goOnAfter(sqlite, sql);
	for (const table of TABLES) {
		const [row] = await sql.rows(`SELECT count(*) AS n FROM sureping.${table}`);
		if (Number(row?.n) !== counts[table]) {
			throw new StoreError(
				`${table}: ${counts[table]} rows were read and ${String(row?.n)} are there. Nothing was kept.`,
			);
		}
	}
	return counts;
}

/** Makes new positions come after all that were ever used, so that cursors stay valid. */
async function goOnAfter(sqlite: Statements, sql: Sql): Promise<void> {
	const given = Number(
		sqlite.get("SELECT seq AS n FROM sqlite_sequence WHERE name = 'events'")?.n ?? 0,
	);
	// Positions after the newest event belong to events that were pruned.
	await sql.rows(
		`UPDATE sureping.feed SET endpoints_version = endpoints_version + 1,
		 directory_version = directory_version + 1,
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
	return Number(sqlite.get(`SELECT count(*) AS n FROM ${SOURCES[table] ?? table}`)?.n ?? 0);
}

/**
 * Reads a table part by part, so that only one part is in memory. Both stores have the same values under the same names.
 */
function* partsOf(sqlite: Statements, table: Table): Generator<readonly NewRow[]> {
	const columns = columnNames(table).join(', ');
	let part: NewRow[] = [];
	let length = 0;
	for (const row of sqlite.iterate(`SELECT ${columns} FROM ${SOURCES[table] ?? table}`)) {
		// SQLite's values are text, numbers and NULL here.
		part.push(row as NewRow);
		for (const value of Object.values(row)) if (typeof value === 'string') length += value.length;
		if (part.length < TOGETHER.rows && length < TOGETHER.length) continue;
		yield part;
		part = [];
		length = 0;
	}
	yield part;
}
