import { MIGRATIONS as POSTGRES } from '../../runner/store/postgres/db/migrations.ts';
import { MIGRATIONS as SQLITE } from '../../runner/store/sqlite/db/migrations.ts';

export const STORES = ['sqlite', 'postgres'] as const;
export type StoreKind = (typeof STORES)[number];

/** The newest schema of each store. */
const NEWEST: Readonly<Record<StoreKind, number>> = {
	sqlite: SQLITE.length,
	postgres: POSTGRES.length,
};

/** The oldest schema that a runner ever left: the first three steps of PostgreSQL came together. */
const OLDEST: Readonly<Record<StoreKind, number>> = { sqlite: 1, postgres: 3 };

/** Every schema that a database in use may have and that is not the newest. */
export const OLDER_SCHEMAS = STORES.flatMap((store) =>
	Array.from({ length: NEWEST[store] - OLDEST[store] }, (_, i) => ({
		store,
		schema: OLDEST[store] + i,
	})),
);

export const fixtureFile = (store: StoreKind, schema: number): string =>
	`test/fixtures/databases/${store}/schema-${schema}.sql`;
