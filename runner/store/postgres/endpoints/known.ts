import { toEndpoint } from '../../rows/endpoint.ts';
import type { Endpoint } from '../../contract/endpoints.ts';
import type { Sql } from '../db/database.ts';
import { columnsOf } from '../db/tables.ts';

/** The endpoints, read again when any process has changed one or learnt how one fares. */
export class KnownEndpoints {
	private version = -1;
	private healthVersion = -1;
	private endpoints: readonly Endpoint[] = [];

	/** As they were last read; undefined before that. Another process may have changed one since. */
	get remembered():
		{ readonly version: number; readonly endpoints: readonly Endpoint[] } | undefined {
		const { version, endpoints } = this;
		return version === -1 ? undefined : { version, endpoints };
	}

	/** As they are now. */
	async current(sql: Sql): Promise<readonly Endpoint[]> {
		const [row] = await sql.rows(
			'SELECT endpoints_version, health_version FROM sureping.feed WHERE id = 1',
		);
		const isSame =
			Number(row?.endpoints_version) === this.version &&
			Number(row?.health_version) === this.healthVersion;
		return isSame ? this.endpoints : await this.read(sql);
	}

	/**
	 * As they are at a version that was just read, but perhaps for their health. A transaction that has the turn finds no
	 * other.
	 */
	async at(sql: Sql, version: number): Promise<readonly Endpoint[]> {
		return version === this.version ? this.endpoints : await this.read(sql);
	}

	private async read(sql: Sql): Promise<readonly Endpoint[]> {
		const { endpoints, version, healthVersion } = await readEndpoints(sql);
		this.endpoints = endpoints;
		this.version = version;
		this.healthVersion = healthVersion;
		return endpoints;
	}
}

/**
 * All of them, in one statement, so that the version belongs to what is read with it. A transaction that changes one
 * reads them so, and remembers nothing: it may be rolled back.
 */
export async function readEndpoints(sql: Sql): Promise<{
	readonly endpoints: readonly Endpoint[];
	readonly version: number;
	readonly healthVersion: number;
}> {
	const rows = await sql.rows(
		`SELECT f.endpoints_version, f.health_version, ${columnsOf('endpoints', 'e')}
		 FROM sureping.feed f LEFT JOIN sureping.endpoints e ON TRUE ORDER BY e.id`,
	);
	return {
		endpoints: rows.filter(({ id }) => id !== null).map(toEndpoint),
		version: Number(rows[0]?.endpoints_version),
		healthVersion: Number(rows[0]?.health_version),
	};
}

export async function readEndpoint(sql: Sql, id: string): Promise<Endpoint | undefined> {
	const [row] = await sql.rows(
		`SELECT ${columnsOf('endpoints')} FROM sureping.endpoints WHERE id = $1`,
		[id],
	);
	return row && toEndpoint(row);
}
