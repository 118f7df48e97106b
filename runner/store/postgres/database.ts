import pg from 'pg';
import type { Row } from '../rows/columns.ts';
import { StoreUnavailable } from '../unavailable.ts';
import { isRepeatable, isUnavailable, sqlState } from './connection-errors.ts';

export type Value = null | number | string | readonly (null | number | string)[];

/** Where statements run: in a transaction, or each by itself. */
export interface Sql {
	/** Rejects with `StoreUnavailable` when the server cannot be reached, else with its own error. */
	rows(text: string, values?: readonly Value[]): Promise<readonly Row[]>;
}

/** A transaction. Its statements run in the order in which they are given, and are sent without waiting for each other. */
export interface Transaction extends Sql {
	/** Runs a statement whose result nobody needs; if it fails, so does the transaction. */
	later(text: string, values?: readonly Value[]): void;
	/** It was tried before, and what it took for granted was not so. */
	readonly isRepeated: boolean;
}

/** Tells a transaction to start over, as after a deadlock: what it found has changed under it. */
export class StartOver extends Error {}

const MOST_TRIES = 5;
const CONNECT_TIMEOUT_MS = 5_000;
/** A statement that takes longer is given up, here and at the server: a connection that went silent looks the same. */
const STATEMENT_TIMEOUT_MS = 30_000;
/** A process that stops in the middle of a transaction may hold the turn of the feed: not for longer than this. */
const IDLE_IN_TRANSACTION_MS = 5_000;

/** What statements after one that failed are told (SQLSTATE `in_failed_sql_transaction`). */
const IN_FAILED_TRANSACTION = '25P02';

/** 64-bit integers are times and positions here, which a number holds. */
const INT8 = 20;
const types = {
	getTypeParser: (oid: number, format?: 'text' | 'binary') =>
		oid === INT8 && format !== 'binary' ? Number : pg.types.getTypeParser(oid, format),
};

/** The connections to one server, which come back by themselves when it does. */
export class Database implements Sql {
	private readonly pool: pg.Pool;
	private readonly names = new Map<string, string>();

	constructor(url: string, connections: number) {
		this.pool = new pg.Pool({
			connectionString: url,
			// Statements are sent without waiting for the answers to those before (libpq's pipeline mode,
			// https://node-postgres.com/features/pipelining), so that a transaction costs as few round trips as it can.
			pipeline: true,
			application_name: 'sureping',
			// Every statement of ours has its index. Until a new table is analysed, which takes a minute, the planner believes it to
			// be as small as it was at first, and would read all of it.
			options: '-c enable_seqscan=off',
			max: connections,
			types,
			keepAlive: true,
			connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
			statement_timeout: STATEMENT_TIMEOUT_MS,
			query_timeout: STATEMENT_TIMEOUT_MS + CONNECT_TIMEOUT_MS,
			idle_in_transaction_session_timeout: IDLE_IN_TRANSACTION_MS,
		});
		// A connection that breaks while nobody uses it is replaced by the pool; whoever uses one is told by its statement.
		this.pool.on('error', () => undefined);
		this.pool.on('connect', (client) => client.on('error', () => undefined));
	}

	rows(text: string, values: readonly Value[] = []): Promise<readonly Row[]> {
		return this.run(this.pool, text, values);
	}

	/** Runs `work` in a transaction, again from its start after a deadlock: it must change nothing but the database. */
	async transaction<T>(work: (sql: Transaction) => Promise<T>): Promise<T> {
		for (let tries = 1; ; tries++) {
			try {
				return await this.tryTransaction(work, tries > 1);
			} catch (error) {
				const again = error instanceof StartOver || isRepeatable(error);
				if (!again || tries === MOST_TRIES) throw error;
			}
		}
	}

	async close(): Promise<void> {
		await this.pool.end();
	}

	private async tryTransaction<T>(
		work: (sql: Transaction) => Promise<T>,
		isRepeated: boolean,
	): Promise<T> {
		const client = await this.pool.connect().catch((error: unknown) => {
			throw unavailable(error);
		});
		const unread: Promise<unknown>[] = [];
		const rows = (text: string, values: readonly Value[] = []): Promise<readonly Row[]> =>
			this.run(client, text, values);
		const later = (text: string, values: readonly Value[] = []): void => {
			const work = rows(text, values);
			// Looked at below; until then it is not an unhandled rejection.
			work.catch(() => undefined);
			unread.push(work);
		};
		let isBroken = false;
		try {
			later('BEGIN');
			const result = await work({ rows, later, isRepeated });
			// After a statement that failed, this ends the transaction without keeping anything of it.
			later('COMMIT');
			await Promise.all(unread);
			return result;
		} catch (error) {
			// Of statements that were sent together, the first that failed says why.
			const [first] = (await Promise.allSettled(unread)).filter(
				(one): one is PromiseRejectedResult => one.status === 'rejected',
			);
			const reason: unknown = sqlState(error) === IN_FAILED_TRANSACTION ? first?.reason : error;
			if (reason instanceof StoreUnavailable) isBroken = true;
			else await client.query('ROLLBACK').catch(() => (isBroken = true));
			throw reason;
		} finally {
			client.release(isBroken);
		}
	}

	private async run(
		on: pg.Pool | pg.PoolClient,
		text: string,
		values: readonly Value[],
	): Promise<readonly Row[]> {
		try {
			const prepared = values.length > 0 ? { name: this.nameOf(text) } : {};
			const { rows } = await on.query<Row>({ ...prepared, text, values: values.map(keepable) });
			return rows;
		} catch (error) {
			throw isUnavailable(error) ? unavailable(error) : error;
		}
	}

	/** A prepared statement per text: parsing costs more than most of them do. */
	private nameOf(text: string): string {
		let name = this.names.get(text);
		if (name === undefined) {
			name = `sureping_${this.names.size}`;
			this.names.set(text, name);
		}
		return name;
	}
}

function unavailable(cause: unknown): StoreUnavailable {
	// What a caller is told names neither the server nor what it said: that is in the log, with the cause.
	return new StoreUnavailable('The database cannot be reached', { cause });
}

/** PostgreSQL takes no NUL in text; the ids in providers' reports may hold one. */
function keepable(value: Value): Value {
	if (typeof value === 'string')
		return value.includes('\0') ? value.replaceAll('\0', '\ufffd') : value;
	return Array.isArray(value) ? value.map((one: Value) => keepable(one) as string) : value;
}
