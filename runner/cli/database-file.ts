import { join, resolve } from 'node:path';
import type { Config } from '../config/config.ts';

/** The database file of a runner with this configuration. */
export function databaseFile({ store }: Pick<Config, 'store'>, dataDir: string): string {
	return resolve(store?.replace(/^sqlite:/, '') ?? join(dataDir, 'sureping.db'));
}
