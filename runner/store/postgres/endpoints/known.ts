import type { Endpoint } from '../../contract/endpoints.ts';
import type { Sql } from '../db/database.ts';
import { readEndpoints } from './rows.ts';

/** The endpoints in memory, read again when any process has changed one or its health. */
export class KnownEndpoints {
	private version = -1;
	private healthVersion = -1;
	private endpoints: readonly Endpoint[] = [];

	/** The endpoints as last read, which may be out of date; undefined before the first read. */
	get remembered():
		{ readonly version: number; readonly endpoints: readonly Endpoint[] } | undefined {
		const { version, endpoints } = this;
		return version === -1 ? undefined : { version, endpoints };
	}

	/** The endpoints as they are now. */
	async current(sql: Sql): Promise<readonly Endpoint[]> {
		const [row] = await sql.rows(
			'SELECT endpoints_version, health_version FROM sureping.feed WHERE id = 1',
		);
		const isSame =
			Number(row?.endpoints_version) === this.version &&
			Number(row?.health_version) === this.healthVersion;
		return isSame ? this.endpoints : await this.read(sql);
	}

	/** The endpoints at `version`, perhaps with an older health. For a transaction that read `version` under the feed lock. */
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
