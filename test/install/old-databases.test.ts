import { existsSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { fixtureFile, OLDER_SCHEMAS, type StoreKind } from '../old-databases/fixtures.ts';
import { loadPostgres, loadSqlite } from '../old-databases/load.ts';
import { column, stockOf } from '../old-databases/stock.ts';
import {
	EVENTS,
	FALLS_BACK,
	KEYED,
	startSurroundings,
	type Surroundings,
} from '../old-databases/surroundings.ts';
import { ended, RUNNER, type RunnerProcess, startRunner } from '../support/runner-process.ts';
import { type TemporaryPostgres, temporaryPostgres } from '../support/temporary-postgres.ts';
import { waitUntil } from '../support/wait-until.ts';

it.each(OLDER_SCHEMAS)('there is a $store database of schema $schema', ({ store, schema }) => {
	const file = fixtureFile(store, schema);
	const remedy = `npm run old-database -- ${store} COMMIT, with a commit from before the next step`;
	expect(existsSync(file) ? 'there' : `${file} is missing. Make it: ${remedy}`).toBe('there');
});

let postgres: TemporaryPostgres;
beforeAll(async () => {
	postgres = await temporaryPostgres();
}, 60_000);
afterAll(() => postgres.dispose());

/** The first SQLite schema of each; PostgreSQL had all of them from the start. */
const FIRST = {
	cancelling: 2,
	'disabled endpoints': 2,
	replays: 2,
	'dead letters': 5,
	quotas: 6,
} as const;

const schemaHas = (store: StoreKind, schema: number, what: keyof typeof FIRST): boolean =>
	store === 'postgres' || schema >= FIRST[what];

const TWO_HOURS_MS = 7_200_000;
const SHIFTED_DATE = pathToFileURL(join(process.cwd(), 'test/support/shifted-date.mjs')).href;

interface FeedEvent {
	readonly event_id: string;
	readonly event: string;
}

describe.each(OLDER_SCHEMAS)('a $store database of schema $schema', ({ store, schema }) => {
	let surroundings: Surroundings;
	let runner: RunnerProcess | undefined;
	beforeEach(async () => {
		surroundings = await startSurroundings();
	});
	afterEach(async () => {
		await runner?.dispose();
		await surroundings.close();
	});

	/** Requests to the receiver that carry this event, at the path of this name. */
	const arrivals = (event: string, name: string): number =>
		surroundings.receiver.requests.filter(
			({ path, body }) => path === `/${name}` && body.includes(event),
		).length;

	it('opens, goes on where it stopped and loses nothing', async () => {
		const { slack, receiver, settings, withUrls } = surroundings;
		const dump = withUrls(readFileSync(fixtureFile(store, schema), 'utf8'));
		const database = await (store === 'sqlite' ? loadSqlite(dump) : loadPostgres(postgres, dump));
		const old = await stockOf(database);
		const last = schemaHas(store, schema, 'cancelling') ? [] : ['cancelled'];
		const alone = ['retried', 'scheduled', ...last];
		expect(new Set(old.due.values())).toEqual(new Set([...alone, FALLS_BACK]));

		const twoHoursLater = `${SHIFTED_DATE}?at=${old.newest + TWO_HOURS_MS}`;
		const node = ['--import', twoHoursLater, ...RUNNER];
		runner = await startRunner(settings({ store: database.store }), tmpdir(), [], node);
		const { get, post } = runner;

		// Pending deliveries are made once; those that had ended are not made again.
		for (const id of old.due.keys()) {
			expect((await ended(runner, id)).status).toBe('delivered');
		}
		const sent = slack.requests.map(
			({ path, body }) => `${path.split('/').pop()}: ${JSON.parse(body).text}`,
		);
		const wanted = [...alone, FALLS_BACK].map((message) => `ops: ${message}`);
		expect(sent.sort()).toEqual([...wanted, `backup: ${FALLS_BACK}`].sort());

		// Nothing is lost.
		const found = await Promise.all(old.notifications.map((id) => get(`/notifications/${id}`)));
		const DAMAGED = 409;
		expect(found.map(({ status }) => status).filter((status) => status !== 200)).toEqual(
			old.deadLetters.map(() => DAMAGED),
		);
		const feed = async (): Promise<readonly FeedEvent[]> =>
			(await get('/events?limit=1000')).body.events;
		const ids = (await feed()).map(({ event_id }) => event_id);
		expect(ids.slice(0, old.events.length)).toEqual(old.events);
		const { endpoints } = (await get('/endpoints')).body;
		expect(endpoints).toHaveLength(old.endpoints.length);
		for (const { id, name, status } of old.endpoints) {
			expect(endpoints).toContainEqual(expect.objectContaining({ id, name, status }));
		}
		const letters: readonly { id: string }[] = (await get('/dead-letters')).body.dead_letters;
		expect(letters.map(({ id }) => id).sort()).toEqual(old.deadLetters);
		expect(old.deadLetters).toHaveLength(schemaHas(store, schema, 'dead letters') ? 1 : 0);
		expect(old.replays).toHaveLength(schemaHas(store, schema, 'replays') ? 1 : 0);
		for (const { id, replayed, total } of old.replays) {
			const counts = { replayed: Number(replayed), total: Number(total) };
			const replay = (await get(`/replays/${String(id)}`)).body;
			expect(replay).toMatchObject({ status: 'done', ...counts });
		}

		// The same request gets the same answer.
		expect(column(old.answers, 'key')).toEqual(Object.keys(KEYED));
		for (const { key, answer } of old.answers) {
			const again = await post('/send', { ...KEYED['order-1'], idempotency_key: key });
			expect(again.status).toBe(202);
			expect(again.body.notification_id).toBe(JSON.parse(String(answer)).notification_id);
		}

		// Webhooks that were owed are posted once, held ones when their endpoint is enabled; and those of what happened since.
		const disabled = old.endpoints.filter(({ status }) => status === 'disabled');
		expect(disabled).toHaveLength(schemaHas(store, schema, 'disabled endpoints') ? 1 : 0);
		for (const { id } of disabled) {
			expect((await post(`/endpoints/${String(id)}/enable`, {})).status).toBe(200);
		}
		const since = (await feed())
			.slice(old.events.length)
			.filter(({ event }) => EVENTS.some((known) => known === event));
		// `delivered` for each, and `queued` for the fallback that started.
		expect(since).toHaveLength(old.due.size + 1);
		const owed = [
			...old.webhooks.map(({ event, name }) => [String(event), String(name)] as const),
			...old.endpoints.flatMap(({ name }) =>
				since.map(({ event_id }) => [event_id, String(name)] as const),
			),
		];
		expect(new Set(owed.map(([, name]) => name))).toEqual(
			new Set(['active', 'callback', 'config', 'held', 'owed']),
		);
		await waitUntil('every webhook has arrived', () =>
			owed.every(([event, name]) => arrivals(event, name) > 0),
		);
		expect(await runner.kill('SIGTERM')).toBe(0);
		expect(owed.filter(([event, name]) => arrivals(event, name) !== 1)).toEqual([]);
		expect(receiver.requests).toHaveLength(owed.length);

		const positions = await database.rows('SELECT position FROM events ORDER BY position');
		expect(column(positions, 'position')).toEqual(positions.map((_, i) => String(i + 1)));
		const after = await stockOf(database);
		expect(after.notifications).toEqual(old.notifications);
		expect(after.quotas).toEqual(old.quotas);
		expect(old.quotas).toHaveLength(schemaHas(store, schema, 'quotas') ? 1 : 0);
	});
});
