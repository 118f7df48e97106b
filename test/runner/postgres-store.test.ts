import { spawnSync } from 'node:child_process';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createIds, healthyFrom } from '@sureping/engine';
import { listed } from '../../runner/store/postgres/db/list-query.ts';
import { connectionReason } from '../../runner/store/postgres/db/connection-errors.ts';
import { PostgresStore } from '../../runner/store/postgres/index.ts';
import { StoreUnavailable } from '../../runner/store/contract/errors.ts';
import { checkPostgres } from '../../runner/store/postgres/db/check.ts';
import { MIGRATIONS } from '../../runner/store/postgres/db/migrations.ts';
import { RUNNER } from '../support/runner-process.ts';
import { OUTCOMES, SendStore } from '../support/send-store.ts';
import { PostgresBed } from '../support/store-bed.ts';
import { WebhookStore } from '../support/webhook-store.ts';
import { type TemporaryPostgres, temporaryPostgres } from '../support/temporary-postgres.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';

const START = Date.parse('2026-01-01T00:00:00Z');
const options = { newId: createIds(() => START), now: () => START };

let postgres: TemporaryPostgres;
beforeAll(async () => {
	postgres = await temporaryPostgres();
}, 60_000);
afterAll(() => postgres.dispose());

describe('what a dead process had claimed', () => {
	/** A process that claimed a delivery and whose lease ran out a second ago; who else renewed its lease, and since when, in seconds. */
	const claimedBy = async (other?: { readonly agoS: number; readonly sinceS: number }) => {
		const url = await postgres.database();
		const scene = await SendStore.open({ now: () => START }, (more) => PostgresBed.open(url, more));
		await scene.send();
		await postgres.query(
			url,
			`UPDATE sureping.deliveries SET owner = 'dead';
			 INSERT INTO sureping.workers (id, lease_until, steady_since) VALUES
			 ('dead', now() - interval '1 s', now() - interval '60 s')
			 ${other ? `, ('other', now() + interval '${8 - other.agoS} s', now() - interval '${other.sinceS} s')` : ''}`,
		);
		const taken = await scene.store.deliveries.claim(START, 10);
		await scene.bed.dispose();
		return taken.length;
	};

	it('goes to a process that has just started, if another renewed its lease since it died', async () => {
		expect(await claimedBy({ agoS: 0.5, sinceS: 30 })).toBe(1);
		// Also where no process lives for long.
		expect(await claimedBy({ agoS: 0.5, sinceS: 5.5 })).toBe(1);
	});

	it('stays with it while it may be the database that was away', async () => {
		expect(await claimedBy()).toBe(0);
		expect(await claimedBy({ agoS: 0, sinceS: 1 })).toBe(0);
		// Seen for the last time before the lease ran out, when a beat of its owner may just have gone wrong.
		for (const agoS of [1.5, 5.5, 8.5]) expect(await claimedBy({ agoS, sinceS: 60 })).toBe(0);
	});
});

describe('the schema of the PostgreSQL store', () => {
	it('is made once, however many processes start on a new database', async () => {
		const url = await postgres.database();
		const stores = await Promise.all(
			Array.from({ length: 5 }, () => PostgresStore.open({ url, ...options })),
		);
		await Promise.all(stores.map((store) => store.close()));
		const steps = await postgres.query(url, 'SELECT step FROM sureping.schema_steps ORDER BY step');
		expect(steps.map(({ step }) => step)).toEqual(MIGRATIONS.map((_, i) => i + 1));
	});

	it('of a newer version serves this one, that runs meanwhile and that starts afterwards', async () => {
		const url = await postgres.database();
		const scene = await SendStore.open({ now: () => START }, (more) => PostgresBed.open(url, more));
		const through = async (): Promise<void> => {
			const { id, delivery } = await scene.send();
			const due = await scene.store.deliveries.claim(START, 10);
			expect(due.map(({ deliveryId }) => deliveryId)).toEqual([delivery.id]);
			await scene.settle(id, delivery.id, OUTCOMES.delivered);
			scene.store.deliveries.release(delivery.id);
			expect(await scene.store.notifications.get(id)).toMatchObject({ status: 'delivered' });
		};
		// Often enough for every statement to be prepared on every connection.
		for (let i = 0; i < 12; i++) await through();
		const tables = await postgres.query(
			url,
			"SELECT tablename FROM pg_tables WHERE schemaname = 'sureping' AND tablename <> 'schema_steps'",
		);
		for (const { tablename } of tables) {
			const table = `sureping.${String(tablename)}`;
			await postgres.query(url, `ALTER TABLE ${table} ADD COLUMN newer text NOT NULL DEFAULT 'x'`);
		}
		await postgres.query(url, `INSERT INTO sureping.schema_steps VALUES (99, now())`);
		await through();
		await scene.bed.reopen();
		await through();
		await scene.bed.dispose();
	});

	it('of a newer version that this one cannot work with is refused in words, and left as it is', async () => {
		const url = await postgres.database();
		await (await PostgresStore.open({ url, ...options })).close();
		const steps = (): Promise<unknown> =>
			postgres.query(url, 'SELECT * FROM sureping.schema_steps ORDER BY step');
		const insert = 'INSERT INTO sureping.schema_steps VALUES';
		await postgres.query(url, `${insert} (98, now(), '9.9.8', 98), (99, now(), '9.9.9', 1)`);
		const before = await steps();
		await expect(PostgresStore.open({ url, ...options })).rejects.toThrow(
			/newer version \(schema 99, made by Sureping 9\.9\.9\).*Start Sureping 9\.9\.9, restore a backup/,
		);
		expect(await steps()).toEqual(before);
		expect(await checkPostgres(url)).toEqual({
			ok: false,
			found:
				'is of a newer version (schema 99, made by Sureping 9.9.9), which this one cannot use: update it',
		});
	});

	it('names the version that made it', async () => {
		const url = await postgres.database();
		await (await PostgresStore.open({ url, ...options })).close();
		const named = 'SELECT step FROM sureping.schema_steps WHERE made_by IS NOT NULL ORDER BY step';
		expect(await postgres.query(url, named)).toEqual(
			MIGRATIONS.map((_, i) => ({ step: i + 1 })).slice(5),
		);
	});

	it('is not made among tables of somebody else’s', async () => {
		const url = await postgres.database();
		await postgres.query(url, 'CREATE SCHEMA sureping');
		await postgres.query(url, 'CREATE TABLE sureping.theirs (id integer)');
		await expect(PostgresStore.open({ url, ...options })).rejects.toThrow(/not Sureping’s/);
	});
});

describe('what many requests teach about an endpoint at once', () => {
	it('is stored together, the last word last', async () => {
		const url = await postgres.database();
		const clock = { now: () => START };
		const bed = await PostgresBed.open(url, { newId: createIds(clock.now), ...clock });
		const scene = new WebhookStore(clock, bed);
		const { id, createdAt } = await scene.endpoint('ep_1', { events: [] });
		const changes = async (): Promise<number> => {
			const [row] = await postgres.query(url, 'SELECT health_version AS n FROM sureping.feed');
			return Number(row?.n);
		};
		const before = await changes();
		await Promise.all(
			Array.from({ length: 40 }, (_, i) =>
				bed.store.webhooks.settle([], {
					endpointId: id,
					health: { ...healthyFrom(createdAt), failures: i + 1 },
					...{ disable: false, events: [], notices: [] },
				}),
			),
		);
		expect((await bed.store.endpoints.all())[0]?.health?.failures).toBe(40);
		expect([1, 2]).toContain((await changes()) - before);
		await scene.dispose();
	});
});

/** Adds so many copies of a table's first row, with what `row` says of the number `g` instead. */
async function copies(url: string, table: string, row: string, count = 30_000): Promise<void> {
	await postgres.query(
		url,
		`INSERT INTO sureping.${table} SELECT (jsonb_populate_record(t, to_jsonb(n))).*
		 FROM sureping.${table} t, generate_series(1, ${count}) g, LATERAL (SELECT ${row}) n
		 WHERE t.ctid = (SELECT min(ctid) FROM sureping.${table}); ANALYZE sureping.${table}`,
	);
}

/** Rows of a table that were looked at until now, by connections that have ended. */
async function lookedAt(url: string, table: string): Promise<number> {
	const [row] = await postgres.query(
		url,
		`SELECT pg_stat_force_next_flush(), seq_tup_read + idx_tup_fetch AS n
		 FROM pg_stat_user_tables WHERE schemaname = 'sureping' AND relname = '${table}'`,
	);
	return Number(row?.n);
}

describe('claiming from a PostgreSQL store', () => {
	it('looks at what it takes and not at what else waits', async () => {
		const url = await postgres.database();
		const scene = await SendStore.open({ now: () => START }, (more) => PostgresBed.open(url, more));
		await scene.send();
		await copies(url, 'notifications', "'msg_other' || g AS id");
		await copies(url, 'deliveries', "'dlv_other' || g AS id, 'msg_other' || g AS notification_id");
		const before = await lookedAt(url, 'deliveries');
		expect(await scene.store.deliveries.claim(START, 20)).toHaveLength(10);
		await scene.bed.dispose();
		expect((await lookedAt(url, 'deliveries')) - before).toBeLessThan(500);
	});
});

describe('a list of a PostgreSQL store', () => {
	it('of webhooks by endpoint and state looks at what it gives and not at what else there is', async () => {
		const url = await postgres.database();
		const clock = { now: () => START };
		const bed = await PostgresBed.open(url, { newId: createIds(clock.now), ...clock });
		const scene = new WebhookStore(clock, bed);
		await scene.endpoint('ep_1', { events: ['notification.queued'] });
		await scene.queued();
		// The rows asked for are older than all that share only their endpoint or only their state, and there are many of each.
		for (const [id, endpoint, state] of [
			['whd_a', 'ep_1', 'exhausted'],
			['whd_b', 'ep_1', 'delivered'],
			['whd_c', 'ep_2', 'exhausted'],
		]) {
			const row = `'${id}' || g AS id, '${endpoint}' AS endpoint_id, '${state}' AS state`;
			await copies(url, 'webhook_deliveries', row);
		}
		const before = await lookedAt(url, 'webhook_deliveries');
		const filter = { endpointId: 'ep_1', state: 'exhausted' } as const;
		expect((await bed.store.webhooks.list(filter, { limit: 100 })).items).toHaveLength(100);
		await scene.dispose();
		expect((await lookedAt(url, 'webhook_deliveries')) - before).toBeLessThan(500);
	});

	it('is one statement whatever its limit, as each is kept by every connection', () => {
		const texts = [1, 7, 1000].map((limit) => listed(limit, [['state = ?', 'held']]));
		expect(new Set(texts.map(({ where, most }) => `${where} ${most}`))).toEqual(
			new Set(['WHERE state = $1 LIMIT $2::integer']),
		);
	});
});

describe('a PostgreSQL that cannot be used', () => {
	it('is told with its reason, and without the password', async () => {
		const url = new URL(await postgres.database());
		url.password = 'wr0ng-p4ssword';
		const error: unknown = await PostgresStore.open({ url: url.href, ...options }).catch(
			(one: unknown) => one,
		);
		expect(connectionReason(error)).toMatch(/password authentication failed/);
		const nobody = await PostgresStore.open({
			url: 'postgres://u:p4ssw0rd@127.0.0.1:1/d',
			...options,
		}).catch((one: unknown) => one);
		expect(nobody).toBeInstanceOf(StoreUnavailable);
		expect(connectionReason(nobody)).toMatch(/ECONNREFUSED/);
		expect(String(error) + connectionReason(error) + String(nobody)).not.toMatch(/p4ss/);
	});

	it('is what doctor says, and what serve says of a role that needs one', async () => {
		const dir = temporaryDirectory('doctor');
		const file = join(dir, 'config.json');
		const key = 'sp_test_key_0123456789';
		const sureping = (store: string | undefined, ...args: string[]) => {
			writeFileSync(file, JSON.stringify({ store, api_keys: [{ name: 'test', key }] }));
			const done = spawnSync(process.execPath, [...RUNNER, ...args, '--config', file], {
				encoding: 'utf8',
				timeout: 30_000,
			});
			return { code: done.status, out: done.stdout + done.stderr };
		};
		const url = await postgres.database();
		expect(sureping(url, 'doctor')).toMatchObject({
			code: 0,
			out: expect.stringContaining('has no tables yet'),
		});
		await (await PostgresStore.open({ url, ...options })).close();
		expect(sureping(url, 'doctor').out).toMatch(
			new RegExp(`answers \\(schema ${MIGRATIONS.length}, 0 workers\\)`),
		);
		const broken = sureping('postgres://u:p4ssw0rd@127.0.0.1:1/d', 'doctor');
		expect(broken).toMatchObject({ code: 1, out: expect.stringContaining('ECONNREFUSED') });
		expect(broken.out).not.toContain('p4ss');
		expect(sureping('postgres://u:p4ssw0rd@[', 'doctor')).toMatchObject({ code: 1 });
		const stranger = new URL(url);
		stranger.password = 'wr0ng';
		expect(sureping(stranger.href, 'serve')).toMatchObject({
			code: 1,
			out: expect.stringContaining('password authentication failed'),
		});
		expect(sureping(undefined, 'serve', '--role', 'worker')).toMatchObject({
			code: 1,
			out: expect.stringContaining('--role needs a PostgreSQL store'),
		});
		expect(sureping(url, 'serve', '--role', 'boss').code).toBe(2);
		rmSync(dir, { recursive: true });
	});
});
