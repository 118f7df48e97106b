import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { checkDatabase } from '../../runner/store/sqlite/db/check.ts';
import { makeMany } from '../old-databases/make-many.ts';
import { countsOf } from '../old-databases/many.ts';
import { MigratingRunner } from '../old-databases/migrating-runner.ts';
import { startSurroundings, type Surroundings } from '../old-databases/surroundings.ts';
import { freePort } from '../support/free-port.ts';
import { API_KEY } from '../support/runner-process.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';
import { waitUntil } from '../support/wait-until.ts';

/** Enough for seconds of migration, of which each run sees a part. */
const NOTIFICATIONS = 160_000;
const { owed, owedWebhooks, events } = countsOf(NOTIFICATIONS);

/** The step that moves rows; others follow it. */
const ONE_ROW_SCHEMA = 10;

/** Of a problem document. */
const detailOf = async (response: Response): Promise<unknown> =>
	Object(await response.json()).detail;

describe('a runner whose database has many notifications of an older version', () => {
	const directory = temporaryDirectory('long-migration');
	const file = join(directory, 'old.db');
	const config = join(directory, 'config.json');
	let surroundings: Surroundings;
	let port: number;
	let runner: MigratingRunner;
	beforeAll(async () => {
		surroundings = await startSurroundings();
		port = await freePort();
		const endpointUrl = `${surroundings.receiver.url}/many`;
		await makeMany(`sqlite:${file}`, {
			notifications: NOTIFICATIONS,
			endpointUrl,
			newest: Date.now(),
		});
		const api_keys = [{ name: 'test', key: API_KEY, scopes: ['send', 'read'] }];
		const security = { allow_hosts: ['127.0.0.1'] };
		const settings = surroundings.settings({ store: `sqlite:${file}`, api_keys, security });
		writeFileSync(config, JSON.stringify(settings));
	});
	afterEach(async () => {
		await runner.kill('SIGKILL');
	});
	afterAll(() => surroundings.close());

	const count = (sql: string): number => {
		const db = new DatabaseSync(file, { readOnly: true });
		try {
			return Number(db.prepare(`SELECT ${sql} AS n`).get()?.n);
		} finally {
			db.close();
		}
	};
	const moved = (): number => count('(SELECT done FROM migration_progress)');

	it('answers meanwhile that it is alive and not ready, and takes nothing', async () => {
		runner = new MigratingRunner(config, port);
		await runner.movedMoreThan(-1);
		const ask = (path: string, init?: RequestInit): Promise<Response> =>
			fetch(runner.url + path, init);
		const [alive, ready, sent] = await Promise.all([
			ask('/healthz'),
			ask('/readyz'),
			ask('/send', { method: 'POST', body: '{}', headers: { authorization: `Bearer ${API_KEY}` } }),
		]);
		await runner.kill('SIGKILL');
		expect([alive.status, await alive.json()]).toEqual([200, { status: 'ok' }]);
		expect([ready.status, ready.headers.get('retry-after')]).toEqual([503, '5']);
		expect(await detailOf(ready)).toMatch(new RegExp(`^migrating: \\d+ of ${NOTIFICATIONS} rows$`));
		expect([sent.status, sent.headers.get('retry-after')]).toEqual([503, '5']);
		expect(await detailOf(sent)).toMatch(
			new RegExp(`migrating: \\d+ of ${NOTIFICATIONS} rows\\); nothing was stored`),
		);
		await waitUntil('the log says so', () =>
			runner.log().includes(`"total":${NOTIFICATIONS},"msg":"the database is being migrated"`),
		);
	});

	it('goes on where it was killed', async () => {
		const before = moved();
		runner = new MigratingRunner(config, port);
		await runner.movedMoreThan(before);
		await runner.kill('SIGKILL');
		expect(moved()).toBeGreaterThan(before);
		// An older Sureping refuses it, and doctor says how far it is.
		const found = `is sound \\(schema ${ONE_ROW_SCHEMA}, migrating: ${moved()} of ${NOTIFICATIONS} rows; serve continues it\\)`;
		expect(checkDatabase(file)).toEqual({ ok: true, found: expect.stringMatching(found) });
	});

	it('ends between two parts on SIGTERM', async () => {
		const before = moved();
		runner = new MigratingRunner(config, port);
		await runner.movedMoreThan(before);
		expect(await runner.kill('SIGTERM')).toBe(0);
		expect(moved()).toBeGreaterThan(before);
		expect(runner.log()).toMatch(/"msg":"stopping".*"msg":"stopped"/s);
	});

	it('loses nothing of it, and sends what is owed once', async () => {
		runner = new MigratingRunner(config, port);
		await runner.ready();
		const { slack, receiver } = surroundings;
		// A notification that was owed has one more event, which two endpoints get.
		const webhooks = owedWebhooks + 2 * owed;
		await waitUntil('everything owed is sent', () => receiver.requests.length >= webhooks);
		expect(await runner.kill('SIGTERM')).toBe(0);
		expect(slack.requests).toHaveLength(owed);
		expect(new Set(slack.requests.map(({ body }) => body)).size).toBe(owed);
		const ids = receiver.requests.map(({ path, body }) => path + JSON.parse(body).event_id);
		expect([ids.length, new Set(ids).size]).toEqual([webhooks, webhooks]);
		expect(count('(SELECT count(*) FROM notifications)')).toBe(NOTIFICATIONS);
		expect(count("(SELECT count(*) FROM notifications WHERE status = 'delivered')")).toBe(
			NOTIFICATIONS,
		);
		expect(count('(SELECT count(*) FROM events)')).toBe(events + owed);
		expect(count("(SELECT count(*) FROM sqlite_schema WHERE name = 'migration_progress')")).toBe(0);
		await waitUntil('the log says so', () =>
			new RegExp(`"rows":${NOTIFICATIONS},"took_s":\\d+,"msg":"the database was migrated"`).test(
				runner.log(),
			),
		);
	});
});
