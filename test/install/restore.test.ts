import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { startSink } from '../fakes/sink.ts';
import { startSlack } from '../fakes/slack.ts';
import { debianPostgres } from '../support/debian-postgres.ts';
import { API_KEY } from '../support/runner-process.ts';
import { type TemporaryPostgres, temporaryPostgres } from '../support/temporary-postgres.ts';
import { waitUntil } from '../support/wait-until.ts';
import { commandsOf, type Drill, startDrill } from './drill.ts';

/** The drill of the page, command by command; a command that it gains or loses fails the test. */
const [
	backUpSqlite = '',
	backUpPostgres = '',
	makeDirectory = '',
	copyBack = '',
	makeDatabase = '',
	restoreDatabase = '',
	check = '',
	serveOnly = '',
	listQueued = '',
	listInProgress = '',
	serve = '',
	...others
] = commandsOf('docs/operate/backup.md');

it('knows every command of the page', () => {
	expect(others).toEqual([]);
	expect(serve).toMatch(/^sureping serve (?!.*--role)/);
});

let postgres: TemporaryPostgres;
const native = debianPostgres();
beforeAll(async () => {
	postgres = await temporaryPostgres({}, native);
}, 60_000);
afterAll(() => postgres.dispose());

interface Place {
	readonly name: string;
	/** The setting `store` of the database, before and after. */
	stores(): Promise<{ before?: string; after?: string; env: Record<string, string> }>;
	readonly backUp: string;
	readonly restore: readonly string[];
}

const PLACES: readonly Place[] = [
	{
		name: 'SQLite',
		stores: async () => ({ env: {} }),
		backUp: backUpSqlite,
		restore: [makeDirectory, copyBack],
	},
	{
		name: 'PostgreSQL',
		stores: async () => {
			const before = await postgres.database();
			const restored = new URL(before);
			restored.pathname = '/restored';
			return {
				before,
				after: restored.href,
				env: { DATABASE_URL: before, RESTORED_URL: restored.href },
			};
		},
		backUp: backUpPostgres,
		restore: [makeDatabase, restoreDatabase],
	},
];

describe.each(PLACES)('a backup on $name', ({ stores, backUp, restore }) => {
	let drill: Drill;
	const open: { close(): Promise<void> }[] = [];
	afterEach(async () => {
		await drill.dispose();
		for (const one of open.splice(0)) await one.close();
	});

	it('restores as the page says, and sends again what the page says', async () => {
		const { before, after, env } = await stores();
		const [slack, sink] = [await startSlack(), await startSink()];
		open.push(slack, sink);
		drill = startDrill(env, [join(native, 'bin')]);
		const { get, post, run } = drill;
		const configure = (store: string | undefined): void => {
			const config = {
				...(store !== undefined && { store }),
				api_keys: [{ name: 'n8n', key: API_KEY, scopes: ['send', 'read', 'endpoints', 'admin'] }],
				connections: [{ name: 'ops', channel: 'slack', webhook_url: slack.webhookUrl }],
				endpoints: [
					{
						name: 'sink',
						url: sink.url,
						secret: 'whsec_endpoint_0123456789',
						events: ['notification.delivered'],
					},
				],
				security: { allow_hosts: ['127.0.0.1'] },
				retry: { delays_s: [0.05, 0.05], jitter: 0, timeout_s: 5 },
				webhook_retry: { delays_s: [0.05, 0.05], jitter: 0, timeout_s: 5 },
			};
			writeFileSync(join(drill.directory, 'sureping.yaml'), JSON.stringify(config));
		};
		const send = async (message: string): Promise<string> => {
			const body = { message, channels: ['slack'], idempotency_key: message };
			const answer = await post('/send', body);
			expect(answer.status).toBe(202);
			return String(answer.body.notification_id);
		};
		const delivered = (id: string): Promise<unknown> =>
			waitUntil(`${id} is delivered`, async () => {
				return (await get(`/notifications/${id}`)).body.status === 'delivered';
			});
		const texts = (): readonly string[] =>
			slack.requests
				.map(({ body }) => JSON.parse(body).text)
				// doctor tests the connection, with a request that sends no message.
				.filter((text) => text !== undefined);
		const times = <T>(all: readonly T[], one: T): number => all.filter((x) => x === one).length;

		configure(before);
		const original = await drill.serve('sureping serve --config sureping.yaml');
		await delivered(await send('before'));
		await sink.received(1);
		// Under way while the backup is made: a webhook, and two notifications.
		sink.answer({ hang: true });
		await delivered(await send('webhook owed'));
		await sink.received(2);
		slack.answer({ hang: true }, { hang: true });
		const again = await send('sent again');
		const cancelled = await send('cancelled');
		await slack.received(4);
		await run(backUp);
		// After it, all of that ends, and one more is sent.
		await delivered(again);
		await delivered(cancelled);
		const lost = await send('after');
		await delivered(lost);
		await waitUntil('every webhook was posted', () => sink.requests.length === 6);
		const { next_cursor: cursor } = (await get('/events?limit=1000')).body;
		expect(await original.stop()).toBe(0);
		expect(texts()).toHaveLength(7);

		for (const command of restore) await run(command);
		configure(after);
		expect(await run(check)).toContain('database');
		expect(serveOnly).toContain('--role api');
		const looking = await drill.serve(serveOnly);
		const pending = (await run(listQueued)) + (await run(listInProgress));
		expect(pending).toContain(again);
		expect(pending).toContain(cancelled);
		await run(`sureping cancel ${cancelled}`);
		expect((await get(`/notifications/${lost}`)).status).toBe(404);
		expect((await get(`/events?after=${String(cursor)}`)).status).toBe(422);
		expect(await looking.stop()).toBe(0);
		// It sent nothing.
		expect([texts().length, sink.requests.length]).toEqual([7, 6]);

		await drill.serve(serve);
		await delivered(again);
		await sink.received(8);
		expect((await get(`/notifications/${cancelled}`)).body.status).toBe('cancelled');
		expect(times(texts(), 'sent again')).toBe(3);
		expect(times(texts(), 'cancelled')).toBe(2);
		expect(times(texts(), 'before')).toBe(1);
		// The webhook that was owed has the ID that it had; the new event of what was sent again does not.
		const events = sink.requests.map(({ body }) => JSON.parse(body));
		const idsOf = (message: string): readonly string[] =>
			events.filter((event) => event.message === message).map(({ event_id }) => event_id);
		expect(idsOf('webhook owed')).toHaveLength(3);
		expect(new Set(idsOf('webhook owed')).size).toBe(1);
		expect(new Set(idsOf('sent again')).size).toBe(2);
		// Its idempotency key is free.
		expect(await send('after')).not.toBe(lost);
	}, 120_000);
});
