import { copyFileSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import fc from 'fast-check';
import { MigrationStopped, UNWATCHED } from '../../runner/store/migration.ts';
import { PartSize } from '../../runner/store/rules/phases.ts';
import { migrate, migrateWatched } from '../../runner/store/sqlite/db/migrate.ts';
import { fixtureFile } from '../old-databases/fixtures.ts';
import { fillWith, MANY_SCHEMA } from '../old-databases/many.ts';
import { MIGRATIONS } from '../../runner/store/sqlite/db/migrations.ts';
import { dumpSqlite } from '../old-databases/sqlite-dump.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';

const NOW = 1_800_000_000_000;

/** Parts of sizes that a test chose, over and over. */
class GivenSizes extends PartSize {
	private readonly sizes: readonly number[];
	private next = 0;

	constructor(sizes: readonly number[]) {
		super(1);
		this.sizes = sizes;
		this.took();
	}

	override took(): void {
		this.rows = this.sizes[this.next++ % this.sizes.length] ?? 1;
	}
}

const directory = temporaryDirectory('parts');

/** A database of schema 9, and its contents when it is migrated at once. */
function old(name: string, fill: (db: DatabaseSync) => void): { file: string; atOnce: string } {
	const file = join(directory, `${name}.db`);
	const using = (path: string, use: (db: DatabaseSync) => void): void => {
		const db = new DatabaseSync(path);
		use(db);
		db.close();
	};
	using(file, fill);
	const whole = join(directory, `${name}-at-once.db`);
	copyFileSync(file, whole);
	using(whole, (db) => migrate(db, { now: NOW, size: new GivenSizes([1_000_000]) }));
	return { file, atOnce: dumpSqlite(whole) };
}

const steps = MIGRATIONS.slice(0, MANY_SCHEMA.sqlite);
const many = { notifications: 60, endpointUrl: 'http://receiver.test/many', newest: NOW };

describe.each([
	[
		'work of every kind',
		old('every-kind', (db) => db.exec(readFileSync(fixtureFile('sqlite', 9), 'utf8'))),
	],
	[
		'many notifications',
		old('many', (db) => {
			migrate(db, { now: NOW, schema: { steps, phases: {} } });
			db.exec(fillWith('sqlite', many));
		}),
	],
])('an older SQLite database with %s', (name, { file, atOnce }) => {
	it('becomes the same in parts of any size, stopped anywhere, as at once', async () => {
		const sizes = fc.array(fc.integer({ min: 1, max: 30 }), { minLength: 1, maxLength: 5 });
		const stops = fc.array(fc.nat({ max: 12 }), { maxLength: 6 });
		await fc.assert(
			fc.asyncProperty(sizes, stops, async (rows, lives) => {
				const copy = join(directory, `${name}-copy.db`);
				copyFileSync(file, copy);
				const size = new GivenSizes(rows);
				for (const parts of lives) await live(copy, size, parts);
				await live(copy, size);
				expect(dumpSqlite(copy)).toBe(atOnce);
			}),
			{ numRuns: 12 },
		);
	});
});

/** Migrates until so many parts are moved, or to the end; then the connection is gone. */
async function live(file: string, size: PartSize, parts = Infinity): Promise<void> {
	const db = new DatabaseSync(file);
	let seen = 0;
	const moved = async (): Promise<void> => {
		if (seen++ === parts) throw new Error('killed');
	};
	try {
		await migrateWatched(db, { ...UNWATCHED, moved }, { now: NOW, size });
	} catch (error) {
		if (!(error instanceof MigrationStopped)) throw error;
	} finally {
		db.close();
	}
}
