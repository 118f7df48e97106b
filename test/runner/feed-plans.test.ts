import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { ReceivedType } from '@sureping/engine';
import { Database } from '../../runner/store/postgres/db/database.ts';
import { migrate as migratePostgres } from '../../runner/store/postgres/db/migrate.ts';
import { readPage as readFromPostgres } from '../../runner/store/postgres/feed/rows.ts';
import { deliveryEvents } from '../../runner/store/rows/type-filter.ts';
import type { PageQuery } from '../../runner/store/rules/feed-page.ts';
import { migrate as migrateSqlite } from '../../runner/store/sqlite/db/migrate.ts';
import type { Query } from '../../runner/store/sqlite/db/reader.ts';
import { readPage as readFromSqlite } from '../../runner/store/sqlite/feed/rows.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';
import { type TemporaryPostgres, temporaryPostgres } from '../support/temporary-postgres.ts';

let postgres: TemporaryPostgres;
beforeAll(async () => {
	postgres = await temporaryPostgres();
}, 60_000);
afterAll(() => postgres.dispose());

const pageOf = (type: ReceivedType): PageQuery => ({
	from: { after: 0, began: 0 },
	limit: 100,
	filter: deliveryEvents([type]),
});

/** The plan of the statement that reads a page of one type. */
async function sqlitePlan(type: ReceivedType): Promise<string> {
	const db = new DatabaseSync(join(temporaryDirectory('plans'), 'a.db'));
	migrateSqlite(db, { now: 0 });
	const plans: string[] = [];
	const read = async (queries: readonly Query[]): Promise<[]> => {
		for (const { sql, values } of queries) {
			plans.push(JSON.stringify(db.prepare(`EXPLAIN QUERY PLAN ${sql}`).all(...values)));
		}
		return [];
	};
	await readFromSqlite({ read }, pageOf(type), 1_000);
	db.close();
	return plans.join('\n');
}

async function postgresPlan(type: ReceivedType): Promise<string> {
	const database = new Database(await postgres.database(), 1);
	await migratePostgres(database);
	const plans: string[] = [];
	const explain: Database['rows'] = async (text, values) => {
		plans.push(JSON.stringify(await database.rows(`EXPLAIN ${text}`, values)));
		return [];
	};
	await readFromPostgres({ rows: explain }, pageOf(type));
	await database.close();
	return plans.join('\n');
}

describe.each([
	['SQLite', sqlitePlan],
	['PostgreSQL', postgresPlan],
])('the feed of %s, by one type', (_store, planOf) => {
	it.each<ReceivedType>(['notification.sent', 'notification.failed', 'notification.opened'])(
		'finds %s by an index, however few there are',
		async (type) => {
			expect(await planOf(type)).toContain('events_of_rare_types');
		},
	);

	it.each<ReceivedType>(['notification.queued', 'notification.delivered'])(
		'walks to %s, which most notifications have',
		async (type) => {
			expect(await planOf(type)).not.toContain('events_of_rare_types');
		},
	);
});
