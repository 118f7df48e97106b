import { randomBytes } from 'node:crypto';
import { rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { startPostgres } from '../scripts/n8n/postgres.ts';

export interface DatabaseServer {
	readonly port: number;
	/** Creates a database. Resolves with its URL, by way of another port where one is given. */
	create(name: string): Promise<string>;
	/** Drops the database of a URL. */
	drop(url: string): Promise<void>;
	urlOf(name: string, port?: number): string;
}

/** Runs `body` with a PostgreSQL of its own, which ends afterwards. */
export async function withPostgres<T>(
	body: (server: DatabaseServer) => Promise<T>,
	settings: Record<string, string> = {},
): Promise<T> {
	const directory = join(tmpdir(), `sureping-bench-postgres-${randomBytes(6).toString('hex')}`);
	const server = await startPostgres(directory, {
		settings: { shared_buffers: '512MB', ...settings },
	});
	const { host, port, user, password } = server.connection;
	const urlOf = (name: string, at = port): string =>
		`postgres://${user}:${password}@${host}:${at}/${name}`;
	const run = async (statement: string): Promise<void> => {
		const client = new pg.Client({ connectionString: urlOf('postgres') });
		await client.connect();
		await client.query(statement);
		await client.end();
	};
	const create = async (name: string): Promise<string> => {
		await run(`CREATE DATABASE ${name}`);
		return urlOf(name);
	};
	const drop = (url: string): Promise<void> =>
		run(`DROP DATABASE ${new URL(url).pathname.slice(1)} WITH (FORCE)`);
	try {
		return await body({ port, create, drop, urlOf });
	} finally {
		await server.stop();
		rmSync(directory, { recursive: true, force: true });
	}
}
