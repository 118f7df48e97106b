import { join, resolve } from 'node:path';
import type { Config } from '../config/config.ts';

/** Where a runner with this configuration keeps its database. */
export function databaseFile({ store }: Pick<Config, 'store'>, dataDir: string): string {
	return resolve(store?.replace(/^sqlite:/, '') ?? join(dataDir, 'sureping.db'));
}
