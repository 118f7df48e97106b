import { isPostgres } from '../../../runner/store/postgres/db/url.ts';
import { postgresReader } from './postgres.ts';
import { sqliteReader } from './sqlite.ts';
import type { StoreReader } from './stored.ts';

/** The store of a run by its URL, as a runner's configuration names it. */
export function openReader(url: string): StoreReader {
	if (isPostgres(url)) return postgresReader(url);
	const file = /^sqlite:(.+)$/.exec(url)?.[1];
	if (file === undefined) throw new Error(`Nothing here reads the store ${url}`);
	return sqliteReader(file);
}
