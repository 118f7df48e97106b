import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { Database } from '../../runner/store/postgres/db/database.ts';
import { migrate as migratePostgres } from '../../runner/store/postgres/db/migrate.ts';
import { MIGRATIONS as POSTGRES } from '../../runner/store/postgres/db/migrations.ts';
import {
	MigrationStopped,
	type MigrationProgress,
	type MigrationWatcher,
} from '../../runner/store/migration.ts';
import { PartSize, type Phase } from '../../runner/store/rules/phases.ts';
import {
	migrate as migrateAtOnce,
	migrateWatched,
	type Schema,
} from '../../runner/store/sqlite/db/migrate.ts';
import { MIGRATIONS as SQLITE } from '../../runner/store/sqlite/db/migrations.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';
import { type TemporaryPostgres, temporaryPostgres } from '../support/temporary-postgres.ts';

/** Parts of always the same size, so that a test knows where they end. */
class Parts extends PartSize {
	constructor(rows: number) {
		super(1);
		this.rows = rows;
	}

	override took(): void {
		// As they are.
	}
}

/** Two tables whose rows are written anew, one with texts as keys and one with numbers, and an index. */
const PHASES = (schema: string, [after, to]: readonly [string, string]): readonly Phase[] => [
	{
		rows: {
			from: `${schema}words_before`,
			key: 'id',
			before: '',
			copied: [`${schema}words_before`],
			move: [
				`INSERT INTO ${schema}words SELECT id, upper(word) FROM ${schema}words_before WHERE id > ${after} AND id <= ${to}`,
			],
		},
		end: `DROP TABLE ${schema}words_before`,
	},
	{ end: `CREATE INDEX by_double ON ${schema}numbers (double)`, reads: [`${schema}numbers`] },
	{
		rows: {
			from: `${schema}numbers`,
			key: 'position',
			before: 0,
			copied: [],
			move: [
				`UPDATE ${schema}numbers SET double = 2 * position WHERE position > ${after} AND position <= ${to}`,
			],
		},
	},
];

const BEFORE = (schema: string): string => `
	CREATE TABLE ${schema}words (id TEXT PRIMARY KEY, word TEXT);
	CREATE TABLE ${schema}numbers (position INTEGER PRIMARY KEY, double INTEGER);
`;
const BEGIN = (schema: string): string => `
	ALTER TABLE ${schema}words RENAME TO words_before;
	CREATE TABLE ${schema}words (id TEXT PRIMARY KEY, word TEXT);
`;

/** The rows of the tables before: 7 words and 5 numbers. */
const ROWS = (schema: string): string => `
	INSERT INTO ${schema}words VALUES ('a', 'x'), ('b', 'x'), ('c', 'x'), ('d', 'x'), ('e', 'x'), ('f', 'x'), ('g', 'x');
	INSERT INTO ${schema}numbers VALUES (1, 0), (2, 0), (3, 0), (9, 0), (10, 0);
`;
const MOVED = {
	words: ['a', 'b', 'c', 'd', 'e', 'f', 'g'].map((id) => ({ id, word: 'X' })),
	numbers: [1, 2, 3, 9, 10].map((position) => ({ position, double: 2 * position })),
};

function schemaOf(released: readonly string[], schema: string, names: [string, string]): Schema {
	const before = [...released, BEFORE(schema)];
	return {
		steps: [...before, BEGIN(schema), `CREATE TABLE ${schema}later (id INTEGER);`],
		phases: { [before.length + 1]: PHASES(schema, names) },
	};
}

/** The schema with a second statement in its first phase that fails for the word `d`. */
function failing({ steps, phases }: Schema): Schema {
	const fail = (phase: Phase): Phase => {
		const [move = ''] = phase.rows?.move ?? [];
		return phase.rows ? { ...phase, rows: { ...phase.rows, move: [move, failsAtD(move)] } } : phase;
	};
	const changed = Object.entries(phases).map(([step, all]) => [step, all.map(fail)] as const);
	return { steps, phases: Object.fromEntries(changed) };
}

/** Adds the word `d` once more. */
const failsAtD = (move: string): string => move.replace(' WHERE ', " WHERE id = 'd' AND ");

interface Scene {
	/** Migrates with parts of three rows. One whose rows cannot be moved fails after it has moved them. */
	migrate(watcher: MigrationWatcher, how?: 'fails at d'): Promise<void>;
	rows(sql: string): Promise<readonly object[]>;
	version(): Promise<number>;
	close(): Promise<void>;
}

async function sqlite(schema: Schema): Promise<Scene> {
	const file = join(temporaryDirectory('move'), 'a.db');
	const db = new DatabaseSync(file);
	const now = 0;
	migrateAtOnce(db, { now, schema: { ...schema, steps: schema.steps.slice(0, -2) } });
	db.exec(ROWS(''));
	return {
		migrate: (watcher, how) =>
			migrateWatched(db, watcher, {
				now,
				schema: how ? failing(schema) : schema,
				size: new Parts(3),
			}),
		rows: async (sql) =>
			db
				.prepare(sql)
				.all()
				.map((row) => ({ ...row })),
		version: async () => Number(db.prepare('PRAGMA user_version').get()?.user_version),
		close: async () => db.close(),
	};
}

let server: TemporaryPostgres;
beforeAll(async () => {
	server = await temporaryPostgres();
}, 60_000);
afterAll(() => server.dispose());

async function postgres(schema: Schema): Promise<Scene> {
	const url = await server.database();
	const database = new Database(url, 2);
	await migratePostgres(database, { schema: { ...schema, steps: schema.steps.slice(0, -2) } });
	await server.query(url, ROWS('sureping.'));
	const inSchema = `${url}?options=${encodeURIComponent('-c search_path=sureping')}`;
	return {
		migrate: (watcher, how) =>
			migratePostgres(database, {
				watcher,
				schema: how ? failing(schema) : schema,
				size: new Parts(3),
			}),
		rows: (sql) => server.query(inSchema, sql),
		version: async () => {
			const [row] = await server.query(url, 'SELECT max(step) AS step FROM sureping.schema_steps');
			return Number(row?.step);
		},
		close: () => database.close(),
	};
}

describe.each([
	['SQLite', () => sqlite(schemaOf(SQLITE, '', ['?1', '?2'])), SQLITE.length + 3],
	[
		'PostgreSQL',
		() => postgres(schemaOf(POSTGRES, 'sureping.', ['$1', '$2'])),
		POSTGRES.length + 3,
	],
] as const)('a migration of %s that moves rows', (_store, open, newest) => {
	let scene: Scene;
	let seen: MigrationProgress[];
	beforeEach(async () => {
		scene = await open();
		seen = [];
	});
	afterEach(() => scene.close());

	const watcher: MigrationWatcher = { moved: async (progress) => void seen.push(progress) };
	const tables = async (): Promise<unknown> => ({
		words: await scene.rows('SELECT * FROM words ORDER BY id'),
		numbers: await scene.rows('SELECT * FROM numbers ORDER BY position'),
	});

	it('moves all of them and tells how far it is', async () => {
		await scene.migrate(watcher);
		expect(await tables()).toEqual(MOVED);
		expect(await scene.version()).toBe(newest);
		expect([...new Set(seen.map(({ done }) => done))]).toEqual([0, 3, 6, 7, 12, 15, 17]);
		expect(new Set(seen.map(({ total }) => total))).toEqual(new Set([17]));
	});

	it.each([0, 1, 2, 3, 4, 5, 6, 7, 8])(
		'goes on where it was stopped after %d parts',
		async (parts) => {
			const stop = new AbortController();
			const moved = async (): Promise<void> => {
				if (seen.length === parts) stop.abort();
				seen.push({ done: 0, total: 0 });
			};
			await expect(scene.migrate({ moved, signal: stop.signal })).rejects.toThrow(MigrationStopped);
			// An older version refuses it from the begin of the step.
			expect(await scene.version()).toBe(newest - 1);
			await scene.migrate(watcher);
			expect(await tables()).toEqual(MOVED);
			expect(await scene.version()).toBe(newest);
		},
	);

	it('keeps nothing of a part that fails', async () => {
		await expect(scene.migrate(watcher, 'fails at d')).rejects.toThrow();
		expect(await scene.rows('SELECT id FROM words ORDER BY id')).toEqual(
			['a', 'b', 'c'].map((id) => ({ id })),
		);
		await scene.migrate(watcher);
		expect(await tables()).toEqual(MOVED);
	});

	it('does nothing more once all are moved', async () => {
		await scene.migrate(watcher);
		seen = [];
		await scene.migrate(watcher);
		expect(seen).toEqual([]);
	});
});

it('processes that start together on PostgreSQL move the rows in turns', async () => {
	const scene = await postgres(schemaOf(POSTGRES, 'sureping.', ['$1', '$2']));
	const seen: [number[], number[]] = [[], []];
	const counting = (of: number[]): MigrationWatcher => ({
		moved: async ({ done }) => void of.push(done),
	});
	try {
		await Promise.all(seen.map((of) => scene.migrate(counting(of))));
		expect(await scene.rows('SELECT * FROM words ORDER BY id')).toEqual(MOVED.words);
		expect(await scene.rows('SELECT * FROM numbers ORDER BY position')).toEqual(MOVED.numbers);
		// Each says how far all of them are.
		expect(seen.map((of) => of.at(-1))).toEqual([17, 17]);
		expect(seen.map((of) => of.toSorted((a, b) => a - b))).toEqual(seen);
	} finally {
		await scene.close();
	}
});
