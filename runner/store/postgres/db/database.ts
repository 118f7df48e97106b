import pg from 'pg';
import { StoreUnavailable } from '../../contract/errors.ts';
import type { Row } from '../../rows/columns.ts';
import { isRepeatable, isSilence, isUnavailable, sqlState } from './connection-errors.ts';

export type Value = null | number | string | readonly (null | number | string)[];

/** Runs statements: in a transaction, or each by itself. */
export interface Sql {
	/** Rejects with `StoreUnavailable` while the server cannot be reached, otherwise with the server's error. */
	rows(text: string, values?: readonly Value[]): Promise<readonly Row[]>;
}

/** A transaction. Its statements run in the order of the calls, and are sent without waiting for each other. */
export interface Transaction extends Sql {
	/** Runs a statement without returning its result. If it fails, so does the transaction. */
	later(text: string, values?: readonly Value[]): void;
	/** The transaction is tried again, because an assumption of the first try did not hold. */
	readonly isRepeated: boolean;
}

/** Makes a transaction start over, as after a deadlock: the rows that it found have changed meanwhile. */
export class StartOver extends Error {}

/**
 * Waits for two parts of a transaction. A failure waits for the other part, which would otherwise go on with a connection
 * that is rolled back. Rejects with the error that came first.
 */
export async function bothOf<A, B>(a: Promise<A>, b: Promise<B>): Promise<readonly [A, B]> {
	try {
		return await Promise.all([a, b]);
	} catch (error) {
		await Promise.allSettled([a, b]);
		throw error;
	}
}

const ENDED = 'This statement comes after the end of its transaction';

const MOST_TRIES = 5;

/** Time limits in milliseconds; 0 means no limit. */
export interface Patience {
	/** The server gives up a statement that takes longer. */
	readonly statementMs: number;
	/** A connection without an answer for this long has gone silent and is given up. Longer than `statementMs`. */
	readonly answerMs: number;
}

/** For requests and claims: together with a new connection they take no longer than about 10 s. */
const USUAL: Patience & { readonly connectMs: number } = {
	connectMs: 5_000,
	statementMs: 6_000,
	answerMs: 7_500,
};
/** For statements that look at very many rows. */
export const LONG: Patience = { statementMs: 30_000, answerMs: 35_000 };
/** For an operator's command, however long it takes. */
export const ENDLESS: Patience = { statementMs: 0, answerMs: 0 };

/** A process that hangs within a transaction may hold the feed lock, for no longer than this. */
const IDLE_IN_TRANSACTION_MS = 5_000;

/** SQLSTATE of statements after one that failed (`in_failed_sql_transaction`). */
const IN_FAILED_TRANSACTION = '25P02';

/**
 * The settings of each connection. They are not start parameters, of which PgBouncer takes only some:
 * https://www.pgbouncer.org/config.html#ignore_startup_parameters.
 */
const settingsOf = ({ statementMs }: Patience): string => `
	-- Every statement of ours has its index. Until a new table is analysed, which takes a minute, the planner believes it to
	-- be as small as it was at first, and would read all of it.
	SET enable_seqscan = off;
	-- Whoever waited for a row must see it as it is now, whatever the server's default.
	SET default_transaction_isolation = 'read committed';
	SET statement_timeout = ${statementMs};
	SET idle_in_transaction_session_timeout = ${IDLE_IN_TRANSACTION_MS}`;

/** 64-bit integers are times and positions here, which fit a number. */
const INT8 = 20;
const types = {
	getTypeParser: (oid: number, format?: 'text' | 'binary') =>
		oid === INT8 && format !== 'binary' ? Number : pg.types.getTypeParser(oid, format),
};

/** The connections to one server, which recover by themselves when it does. */
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
		// The pool replaces an idle connection that breaks; for one in use, its statement fails.
		this.pool.on('error', () => undefined);
		this.pool.on('connect', (client) => {
			client.on('error', () => undefined);
			// Sent first, and not awaited: if it fails, so do the statements after it.
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
			// Callers repeat a change that failed, and so this statement.
			throw isRepeatable(error) ? unavailable(error) : error;
		}
	}

	/** Runs `work` in a transaction. After a deadlock it runs again, so it must change nothing but the database. */
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
	 * Gives up idle connections. When one has gone silent, as after a failover or behind a firewall that forgot it, most
	 * others have, too, and each would be waited for one after the other.
	 */
	dropIdle(): void {
		for (const client of [...this.idle]) {
			// Removes it from the pool at once; the pool would notice the broken connection only later.
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
		let hasEnded = false;
		const rows = async (text: string, values: readonly Value[] = []): Promise<readonly Row[]> => {
			// Sent now, it would be carried out by itself, or in the next transaction of the connection.
			if (hasEnded) throw new Error(ENDED);
			sendTogether(client);
			return await this.run(client, text, values, patience);
		};
		const later = (text: string, values: readonly Value[] = []): void => {
			if (hasEnded) throw new Error(ENDED);
			const work = rows(text, values);
			// Awaited below; until then it must not count as an unhandled rejection.
			work.catch(() => undefined);
			unread.push(work);
		};
		let isBroken = false;
		let isCommitting = false;
		try {
			later('BEGIN ISOLATION LEVEL READ COMMITTED');
			if (patience !== this.usual) later(`SET LOCAL statement_timeout = ${patience.statementMs}`);
			// Without limits, the pauses of this process are not limited either.
			if (patience === ENDLESS) later('SET LOCAL idle_in_transaction_session_timeout = 0');
			const result = await work({ rows, later, isRepeated });
			// After a statement that failed, this rolls back.
			later('COMMIT');
			isCommitting = true;
			hasEnded = true;
			await Promise.all(unread);
			return result;
		} catch (error) {
			hasEnded = true;
			const outcomes = await Promise.allSettled(unread);
			// Of statements that were sent together, the first that failed has the reason.
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

	/** The name of the prepared statement of a text: parsing costs more than running most of them. */
	private nameOf(text: string): string {
		let name = this.names.get(text);
		if (name === undefined) {
			name = `sureping_${this.names.size}`;
			this.names.set(text, name);
		}
		return name;
	}
}

/** Sends what the caller writes to a connection before it waits, in one piece: each piece wakes the server. */
function sendTogether({ connection: { stream } }: pg.PoolClient): void {
	if (stream.writableCorked > 0) return;
	stream.cork();
	process.nextTick(() => stream.uncork());
}

function unavailable(cause: unknown, isUnknown = false): StoreUnavailable {
	// Callers see neither the server's name nor its message: those are in the log, with the cause.
	return new StoreUnavailable('The database cannot be reached', { cause, isUnknown });
}

/** PostgreSQL takes no NUL in text; the ids in providers' reports may hold one. */
function keepable(value: Value): Value {
	if (typeof value === 'string')
		return value.includes('\0') ? value.replaceAll('\0', '\ufffd') : value;
	return Array.isArray(value) ? value.map((one: Value) => keepable(one) as string) : value;
}
