import { createIds } from '@sureping/engine';
import { StoreUnavailable } from '../../runner/store/contract/errors.ts';
import { Database, type Transaction } from '../../runner/store/postgres/db/database.ts';
import { GroupCommit } from '../../runner/store/postgres/db/group-commit.ts';
import { databaseProxy } from '../support/database-proxy.ts';
import { SendStore } from '../support/send-store.ts';
import { PostgresBed } from '../support/store-bed.ts';
import { type TemporaryPostgres, temporaryPostgres } from '../support/temporary-postgres.ts';
import { waitUntil } from '../support/wait-until.ts';

const START = Date.parse('2026-01-01T00:00:00Z');
const now = (): number => START;

let postgres: TemporaryPostgres;
beforeAll(async () => {
	postgres = await temporaryPostgres();
}, 60_000);
afterAll(() => postgres.dispose());

const BRIEF = { connectMs: 2_000, statementMs: 200, answerMs: 2_000 };

/** A database's connections, and what becomes of a statement. */
async function through<T>(
	url: string,
	work: (database: Database) => Promise<T>,
	patience = BRIEF,
): Promise<T> {
	const database = new Database(url, 2, patience);
	try {
		return await work(database);
	} finally {
		await database.close();
	}
}

describe('the connections to a PostgreSQL', () => {
	it('say that it cannot be used now, when a statement took too long or the password is another', async () => {
		const url = new URL(await postgres.database());
		await through(url.href, async (database) => {
			const slow = 'SELECT pg_sleep(5)';
			await expect(database.rows(slow)).rejects.toThrow(StoreUnavailable);
			await expect(database.transaction((sql) => sql.rows(slow))).rejects.toThrow(StoreUnavailable);
			expect(
				await database.rows('SELECT pg_sleep(0.4), 1 AS one', [], {
					statementMs: 9_000,
					answerMs: 9_000,
				}),
			).toHaveLength(1);
			await expect(database.rows('SELECT nothing')).rejects.not.toThrow(StoreUnavailable);
		});
		url.password = 'another';
		await through(url.href, async (database) => {
			await expect(database.rows('SELECT 1')).rejects.toThrow(StoreUnavailable);
		});
	});

	it('read what is committed, whatever else is the default', async () => {
		const url = await postgres.database();
		const { pathname } = new URL(url);
		await postgres.query(
			url,
			`ALTER DATABASE ${pathname.slice(1)} SET default_transaction_isolation = 'repeatable read'`,
		);
		await through(url, async (database) => {
			const level = 'SHOW transaction_isolation';
			const seen = [
				await database.rows(level),
				await database.transaction((sql) => sql.rows(level)),
			];
			expect(seen.flat()).toEqual(Array(2).fill({ transaction_isolation: 'read committed' }));
		});
	});

	it('take no statement for a transaction that has ended', async () => {
		await through(await postgres.database(), async (database) => {
			await database.rows('CREATE TABLE kept (n integer)');
			const insert = 'INSERT INTO kept VALUES (1)';
			let ended: Transaction | undefined;
			const failing = database.transaction(async (sql) => {
				ended = sql;
				throw new Error('It fails');
			});
			await expect(failing).rejects.toThrow('It fails');
			await expect(ended?.rows(insert)).rejects.toThrow('after the end of its transaction');
			expect(() => ended?.later(insert)).toThrow('after the end of its transaction');
			expect(await database.rows('SELECT n FROM kept')).toEqual([]);
		});
	});

	it('say that a change may be stored only when the answer to its commit was lost', async () => {
		const network = await databaseProxy(await postgres.database());
		await through(network.url, async (database) => {
			await database.rows('CREATE TABLE kept (n integer)');
			const keep = (): Promise<unknown> =>
				database
					.transaction((sql) => sql.rows('INSERT INTO kept VALUES (1)'))
					.catch((error: unknown) => error);
			network.once('INSERT INTO kept', () => 'cut');
			expect(await keep()).toMatchObject({ name: 'StoreUnavailable', isUnknown: false });
			expect(await database.rows('SELECT n FROM kept')).toHaveLength(0);
			// The whole statement: the beginning of a transaction names a level that starts like it.
			network.once('COMMIT\0', () => 'lose-answer');
			expect(await keep()).toMatchObject({ name: 'StoreUnavailable', isUnknown: true });
			expect(await database.rows('SELECT n FROM kept')).toHaveLength(1);
		});
		network.close();
	});

	it('are given up together when one of them has gone silent', async () => {
		const network = await databaseProxy(await postgres.database());
		await through(
			network.url,
			async (database) => {
				await Promise.all([1, 2].map(() => database.rows('SELECT pg_sleep(0.1)')));
				network.silence();
				await expect(database.rows('SELECT 1')).rejects.toThrow(StoreUnavailable);
				expect(await database.rows('SELECT 1 AS one')).toEqual([{ one: 1 }]);
			},
			{ ...BRIEF, answerMs: 500 },
		);
		network.close();
	});

	it('do not wait for the answer to a rollback without an end', async () => {
		const network = await databaseProxy(await postgres.database());
		await through(
			network.url,
			async (database) => {
				network.once('ROLLBACK', () => {
					network.silence();
					return 'pass';
				});
				await expect(database.transaction((sql) => sql.rows('SELECT nothing'))).rejects.not.toThrow(
					StoreUnavailable,
				);
				expect(await database.rows('SELECT 1 AS one')).toEqual([{ one: 1 }]);
			},
			{ ...BRIEF, answerMs: 500 },
		);
		network.close();
	});
});

describe('changes that go together', () => {
	it('are not tried one by one while the store cannot take any', async () => {
		let tried = 0;
		const groups = new GroupCommit<number, number>(
			async (items) => {
				tried++;
				if (items.length > 1) throw new Error('one of them is bad');
				if (items[0] === 2) throw new StoreUnavailable('away');
				return items;
			},
			{ most: 256, atOnce: 1 },
		);
		const results = await Promise.allSettled([1, 2, 3, 4, 5].map((item) => groups.add(item)));
		expect(results.map(({ status }) => status)).toEqual([
			'fulfilled',
			...Array(4).fill('rejected'),
		]);
		expect(tried).toBe(3);
	});
});

describe('a lease', () => {
	const leased = async (proxied = false) => {
		const url = await postgres.database();
		const network = proxied ? await databaseProxy(url) : undefined;
		const bed = await PostgresBed.open(network?.url ?? url, { newId: createIds(now), now });
		await bed.store.deliveries.claim(START, 1);
		/** Seconds. */
		const left = async (): Promise<number> => {
			const [row] = await postgres.query(
				url,
				'SELECT extract(epoch FROM lease_until - clock_timestamp()) AS s FROM sureping.workers',
			);
			return Number(row?.s);
		};
		return { url, network, bed, left };
	};

	it('is renewed also while nothing else can be done', async () => {
		const { url, bed, left } = await leased();
		let isFree = false;
		const blocking = postgres
			.query(
				url,
				`BEGIN; LOCK TABLE sureping.deliveries, sureping.webhook_deliveries IN EXCLUSIVE MODE;
				 SELECT pg_sleep(8); COMMIT`,
			)
			.then(() => (isFree = true));
		let least = Infinity;
		const watch = async (): Promise<boolean> => {
			least = Math.min(least, await left());
			return isFree;
		};
		await waitUntil('the tables are free again', watch, 20_000);
		await blocking;
		expect(least).toBeGreaterThan(3);
		await bed.dispose();
	});

	it('outlives connections that go silent, and accepts and claims go on within about 10 s', async () => {
		const { network, bed, left } = await leased(true);
		const scene = await SendStore.open({ now }, async () => bed);
		await Promise.all(Array.from({ length: 20 }, () => scene.send()));
		network?.silence();
		const silentAt = performance.now();
		let least = Infinity;
		await waitUntil('both go on', async () => {
			least = Math.min(least, await left());
			const [send, claim] = await Promise.allSettled([
				scene.send(),
				bed.store.deliveries.claim(START, 100),
			]);
			return send.status === 'fulfilled' && claim.status === 'fulfilled' && claim.value.length > 0;
		});
		expect(performance.now() - silentAt).toBeLessThan(12_000);
		expect(least).toBeGreaterThan(0);
		expect(await left()).toBeGreaterThan(0);
		await bed.dispose();
		network?.close();
	});

	it('of a dead process ends also when the database’s clock was set back', async () => {
		const { url, bed } = await leased();
		await postgres.query(
			url,
			"INSERT INTO sureping.workers VALUES ('dead', now() + interval '1 h', now() + interval '50 min')",
		);
		await waitUntil('it is cut', async () => {
			const rows = await postgres.query(
				url,
				`SELECT 1 FROM sureping.workers WHERE id = 'dead'
				 AND lease_until <= now() + interval '8 s' AND steady_since <= now()`,
			);
			return rows.length > 0;
		});
		await bed.dispose();
	});
});
