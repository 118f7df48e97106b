import pg from 'pg';
import { Database } from '../../runner/store/postgres/db/database.ts';
import { migrate } from '../../runner/store/postgres/db/migrate.ts';
import { MIGRATIONS } from '../../runner/store/postgres/db/migrations.ts';
import { placeOf } from '../../runner/store/postgres/db/move-rows.ts';
import {
	MigrationStopped,
	type MigrationWatcher,
	UNWATCHED,
} from '../../runner/store/migration.ts';
import { type TemporaryPostgres, temporaryPostgres } from '../support/temporary-postgres.ts';
import { waitUntil } from '../support/wait-until.ts';

const STEPS = [
	...MIGRATIONS,
	`CREATE TABLE sureping.words (word text);
	 INSERT INTO sureping.words VALUES ('a');
	 CREATE INDEX words_by_word ON sureping.words (word)`,
];
const DROPS = { end: 'DROP INDEX sureping.words_by_word', reads: ['sureping.words'] };

let server: TemporaryPostgres;
beforeAll(async () => {
	server = await temporaryPostgres();
}, 60_000);
afterAll(() => server.dispose());

let url: string;
let database: Database;
let backup: pg.Client;
beforeEach(async () => {
	url = await server.database();
	database = new Database(url, 3);
	await migrate(database, { schema: { steps: STEPS, phases: {} } });
	backup = new pg.Client({ connectionString: url });
	await backup.connect();
});
afterEach(async () => {
	await backup.end();
	await database.close();
});

const drop = (watcher: MigrationWatcher): Promise<void> =>
	migrate(database, {
		watcher,
		schema: { steps: [...STEPS, ''], phases: { [STEPS.length + 1]: [DROPS] } },
		lockWaitMs: 30,
	});
const indexes = (): Promise<object[]> =>
	server.query(url, "SELECT indexname FROM pg_indexes WHERE tablename = 'words'");
const isSomebodyWaiting = async (): Promise<boolean> =>
	(await server.query(url, 'SELECT 1 FROM pg_locks WHERE NOT granted')).length > 0;

describe('a migration of PostgreSQL while a backup reads its tables', () => {
	beforeEach(async () => {
		// As pg_dump does: https://www.postgresql.org/docs/current/app-pgdump.html.
		await backup.query('BEGIN');
		await backup.query('LOCK TABLE sureping.words IN ACCESS SHARE MODE');
	});

	it('keeps no reader waiting for the backup, and ends after it', async () => {
		const migration = drop(UNWATCHED);
		await waitUntil('the migration waits for the backup', isSomebodyWaiting);
		expect(await database.rows('SELECT word FROM sureping.words')).toEqual([{ word: 'a' }]);
		expect(await indexes()).toHaveLength(1);
		await backup.query('COMMIT');
		await migration;
		expect(await indexes()).toEqual([]);
	});

	it('stops when it is told to', async () => {
		const stop = new AbortController();
		const migration = drop({ ...UNWATCHED, signal: stop.signal });
		const stopped = expect(migration).rejects.toThrow(MigrationStopped);
		await waitUntil('the migration waits for the backup', isSomebodyWaiting);
		stop.abort();
		await stopped;
		expect(await indexes()).toHaveLength(1);
	});
});

it('a process that looks while another one ends the migration finds it ended', async () => {
	await backup.query('CREATE TABLE sureping.migration_progress (step integer)');
	await backup.query('BEGIN');
	await backup.query('DROP TABLE sureping.migration_progress');
	const place = placeOf(database);
	await waitUntil('the process looks', isSomebodyWaiting);
	await backup.query('COMMIT');
	expect(await place).toBeUndefined();
});
