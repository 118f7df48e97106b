import pg from 'pg';
import { StoreUnavailable } from '../../contract/errors.ts';
import type { Row } from '../../rows/columns.ts';
import { isRepeatable, isSilence, isUnavailable, sqlState } from './connection-errors.ts';

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

/** How long is waited, in milliseconds; 0: without an end. */
export interface Patience {
	/** A statement that takes longer is given up by the server. */
	readonly statementMs: number;
	/** Longer than that: without an answer until then the connection has gone silent, and is given up. */
	readonly answerMs: number;
}

/** Requests and claims wait for these: together with a new connection they take no longer than about 10 s. */
const USUAL: Patience & { readonly connectMs: number } = {
	connectMs: 5_000,
	statementMs: 6_000,
	answerMs: 7_500,
};
/** For what looks at very many rows. */
export const LONG: Patience = { statementMs: 30_000, answerMs: 35_000 };
/** For what an operator waits for, however long it takes. */
export const ENDLESS: Patience = { statementMs: 0, answerMs: 0 };

/** A process that stops in the middle of a transaction may hold the turn of the feed: not for longer than this. */
const IDLE_IN_TRANSACTION_MS = 5_000;

/** What statements after one that failed are told (SQLSTATE `in_failed_sql_transaction`). */
const IN_FAILED_TRANSACTION = '25P02';

/**
 * Of each connection. Not among the parameters that it starts with, of which PgBouncer takes only some:
 * https://www.pgbouncer.org/config.html#ignore_startup_parameters.
 */
const settingsOf = ({ statementMs }: Patience): string => `
	-- Every statement of ours has its index. Until a new table is analysed, which takes a minute, the planner believes it to
	-- be as small as it was at first, and would read all of it.
	SET enable_seqscan = off;
	-- The rows are the truth also to who waited for them, whatever else is the server's default.
	SET default_transaction_isolation = 'read committed';
	SET statement_timeout = ${statementMs};
	SET idle_in_transaction_session_timeout = ${IDLE_IN_TRANSACTION_MS}`;

/** 64-bit integers are times and positions here, which a number holds. */
const INT8 = 20;
const types = {
	getTypeParser: (oid: number, format?: 'text' | 'binary') =>
		oid === INT8 && format !== 'binary' ? Number : pg.types.getTypeParser(oid, format),
};

/** The connections to one server, which come back by themselves when it does. */
export class Database implements Sql {
	private readonly pool: pg.Pool;
	private readonly usual: Patience;
	private readonly names = new Map<string, string>();
	private readonly idle = new Set<pg.PoolClient>();

	constructor(url: string, connections: number, { connectMs, ...usual } = USUAL) {
		this.usual = usual;
		this.pool = new pg.Pool({
			connectionString: url,
			// Statements are sent without waiting for the answers to those before (libpq's pipeline mode,
			// https://node-postgres.com/features/pipelining), so that a transaction costs as few round trips as it can.
			pipeline: true,
			application_name: 'sureping',
			max: connections,
			types,
			keepAlive: true,
			connectionTimeoutMillis: connectMs,
		});
		// A connection that breaks while nobody uses it is replaced by the pool; whoever uses one is told by its statement.
		this.pool.on('error', () => undefined);
		this.pool.on('connect', (client) => {
			client.on('error', () => undefined);
			// Before anything else, and without waiting. If it fails, so does what comes after it.
			client.query(settingsOf(usual)).catch(() => undefined);
		});
		this.pool.on('acquire', (client) => this.idle.delete(client));
		this.pool.on('release', (error, client) => {
			if (!error) this.idle.add(client);
		});
		this.pool.on('remove', (client) => this.idle.delete(client));
	}

	async rows(
		text: string,
		values: readonly Value[] = [],
		patience: Patience = this.usual,
	): Promise<readonly Row[]> {
		if (patience !== this.usual) {
			return await this.transaction((sql) => sql.rows(text, values), patience);
		}
		try {
			return await this.run(this.pool, text, values, patience);
		} catch (error) {
			// Whoever repeats what the store could not do repeats this, too.
			throw isRepeatable(error) ? unavailable(error) : error;
		}
	}

	/** Runs `work` in a transaction, again from its start after a deadlock: it must change nothing but the database. */
	async transaction<T>(
		work: (sql: Transaction) => Promise<T>,
		patience: Patience = this.usual,
	): Promise<T> {
		for (let tries = 1; ; tries++) {
			try {
				return await this.tryTransaction(work, patience, tries > 1);
			} catch (error) {
				const again = error instanceof StartOver || isRepeatable(error);
				if (!again) throw error;
				if (tries === MOST_TRIES) throw unavailable(error);
			}
		}
	}

	/**
	 * Gives up the connections that nobody uses. When one has gone silent, as after a failover or behind a firewall that
	 * forgot it, the others mostly have, too, and each would be waited for in turn.
	 */
	dropIdle(): void {
		for (const client of [...this.idle]) {
			// With this the pool is rid of it at once; it would hear of the broken connection only later.
			client.emit('error', new Error('Given up with one that has gone silent'));
			client.connection.stream.destroy();
		}
		this.idle.clear();
	}

	async close(): Promise<void> {
		await this.pool.end();
	}

	private async tryTransaction<T>(
		work: (sql: Transaction) => Promise<T>,
		patience: Patience,
		isRepeated: boolean,
	): Promise<T> {
		const client = await this.pool.connect().catch((error: unknown) => {
			throw unavailable(error);
		});
		const unread: Promise<unknown>[] = [];
		const rows = (text: string, values: readonly Value[] = []): Promise<readonly Row[]> =>
			this.run(client, text, values, patience);
		const later = (text: string, values: readonly Value[] = []): void => {
			const work = rows(text, values);
			// Looked at below; until then it is not an unhandled rejection.
			work.catch(() => undefined);
			unread.push(work);
		};
		let isBroken = false;
		let isCommitting = false;
		try {
			later('BEGIN ISOLATION LEVEL READ COMMITTED');
			if (patience !== this.usual) later(`SET LOCAL statement_timeout = ${patience.statementMs}`);
			// Whoever waits without an end waits for this process, too.
			if (patience === ENDLESS) later('SET LOCAL idle_in_transaction_session_timeout = 0');
			const result = await work({ rows, later, isRepeated });
			// After a statement that failed, this ends the transaction without keeping anything of it.
			later('COMMIT');
			isCommitting = true;
			await Promise.all(unread);
			return result;
		} catch (error) {
			const outcomes = await Promise.allSettled(unread);
			// Of statements that were sent together, the first that failed says why.
			const first = outcomes.find((one) => one.status === 'rejected');
			const reason: unknown = sqlState(error) === IN_FAILED_TRANSACTION ? first?.reason : error;
			const last = outcomes.at(-1);
			if (isCommitting && last?.status === 'rejected' && last.reason instanceof StoreUnavailable) {
				isBroken = true;
				throw unavailable(last.reason.cause, true);
			}
			if (reason instanceof StoreUnavailable) isBroken = true;
			else await this.run(client, 'ROLLBACK', [], this.usual).catch(() => (isBroken = true));
			throw reason;
		} finally {
			client.release(isBroken);
		}
	}

	private async run(
		on: pg.Pool | pg.PoolClient,
		text: string,
		values: readonly Value[],
		{ answerMs }: Patience,
	): Promise<readonly Row[]> {
		try {
			const prepared = values.length > 0 ? { name: this.nameOf(text) } : {};
			const query = { ...prepared, text, values: values.map(keepable), query_timeout: answerMs };
			const { rows } = await on.query<Row>(query);
			return rows;
		} catch (error) {
			if (isSilence(error)) this.dropIdle();
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

function unavailable(cause: unknown, isUnknown = false): StoreUnavailable {
	// What a caller is told names neither the server nor what it said: that is in the log, with the cause.
	return new StoreUnavailable('The database cannot be reached', { cause, isUnknown });
}

/** PostgreSQL takes no NUL in text; the ids in providers' reports may hold one. */
function keepable(value: Value): Value {
	if (typeof value === 'string')
		return value.includes('\0') ? value.replaceAll('\0', '\ufffd') : value;
	return Array.isArray(value) ? value.map((one: Value) => keepable(one) as string) : value;
}
