import { startSink } from '../fakes/sink.ts';
import { startSlack } from '../fakes/slack.ts';
import type { RecordingServer } from '../fakes/recording-server.ts';
import { API_KEY, ended, type RunnerProcess, startRunner } from '../support/runner-process.ts';
import { type TemporaryPostgres, temporaryPostgres } from '../support/temporary-postgres.ts';
import { waitUntil } from '../support/wait-until.ts';

let postgres: TemporaryPostgres;
beforeAll(async () => {
	postgres = await temporaryPostgres();
}, 60_000);
afterAll(() => postgres.dispose());

const open: { dispose?(): Promise<void>; close?(): Promise<void> }[] = [];
afterEach(async () => {
	for (const one of open.splice(0).reverse()) await (one.dispose?.() ?? one.close?.());
});
function closedLater<T extends (typeof open)[number]>(one: T): T {
	open.push(one);
	return one;
}

interface Scene {
	readonly slack: Awaited<ReturnType<typeof startSlack>>;
	readonly sink: RecordingServer;
	readonly url: string;
	start(...more: string[]): Promise<RunnerProcess>;
}

/** A database with a channel and an endpoint, for as many runners as a test starts. */
async function scene(settings: Record<string, unknown> = {}): Promise<Scene> {
	const [slack, sink] = [closedLater(await startSlack()), closedLater(await startSink())];
	const url = await postgres.database();
	const config = {
		store: url,
		connections: [{ name: 'ops', channel: 'slack', webhook_url: slack.webhookUrl }],
		endpoints: [
			{
				name: 'sink',
				url: sink.url,
				secret: 'whsec_endpoint_0123456789',
				events: ['notification.delivered'],
			},
		],
		...settings,
	};
	return {
		slack,
		sink,
		url,
		start: async (...more) => closedLater(await startRunner(config, undefined, more)),
	};
}

async function send(runner: RunnerProcess, message: string): Promise<string> {
	const { status, body } = await runner.post('/send', { message, channels: ['slack'] });
	expect(status).toBe(202);
	return body.notification_id;
}

async function expectDelivered(runner: RunnerProcess, ids: readonly string[]): Promise<void> {
	for (const id of ids) {
		const found = await ended(runner, id);
		expect(found.status).toBe('delivered');
		const own: { sequence: number }[] = found.events;
		expect(own.map(({ sequence }) => sequence)).toEqual(own.map((_, i) => i + 1));
	}
}

/** Arrivals of each message. */
function arrivals(slack: RecordingServer): Map<string, number> {
	const counts = new Map<string, number>();
	for (const { body } of slack.requests) {
		const text = String(JSON.parse(body).text);
		counts.set(text, (counts.get(text) ?? 0) + 1);
	}
	return counts;
}

describe('runners that share a PostgreSQL database', () => {
	it('take over within 15 s what a killed one was working on, and repeat nothing else', async () => {
		const { slack, start } = await scene({ retry: { delays_s: [1], jitter: 0, timeout_s: 100 } });
		const victim = await start();
		const before = await Promise.all([1, 2, 3].map((i) => send(victim, `before ${i}`)));
		await expectDelivered(victim, before);
		for (let i = 0; i < 20; i++) slack.answer({ hang: true });
		const held = await Promise.all(Array.from({ length: 20 }, (_, i) => send(victim, `held ${i}`)));
		await slack.received(23);
		const [second, third] = [await start(), await start()];
		const others = await Promise.all([second, third].map((one, i) => send(one, `other ${i}`)));
		// The victim may send them too, so their outcomes are stored before it dies.
		await expectDelivered(third, others);

		const killedAt = Date.now();
		await victim.kill('SIGKILL');
		await expectDelivered(second, held);
		expect(Date.now() - killedAt).toBeLessThan(30_000);
		const counts = arrivals(slack);
		for (const [text, count] of counts)
			expect([text, count]).toEqual([text, text.startsWith('held') ? 2 : 1]);
		expect(counts.size).toBe(25);
	}, 60_000);

	it('divide their work by role, and wake each other within about a second', async () => {
		const { slack, sink, url, start } = await scene();
		const api = await start('--role', 'api');
		const first = await send(api, 'waits for a worker');
		expect(slack.requests).toHaveLength(0);
		const worker = await start('--role', 'worker');
		await expectDelivered(api, [first]);
		const sentAt = Date.now();
		const second = await send(api, 'wakes the worker');
		await expectDelivered(api, [second]);
		await sink.received(2);
		expect(Date.now() - sentAt).toBeLessThan(15_000);
		await waitUntil('a job has woken the worker', async () => {
			const jobs = await postgres.query(
				url,
				"SELECT 1 FROM sureping_jobs.job WHERE name = 'work-is-due' AND state = 'completed'",
			);
			return jobs.length > 0;
		});
		expect((await worker.post('/send', { message: 'm', channels: ['slack'] })).status).toBe(404);
		expect((await worker.get('/readyz')).status).toBe(200);
		expect(slack.requests).toHaveLength(2);
	}, 60_000);

	it('start together on a new database with the endpoints of their configuration, once', async () => {
		const { start } = await scene();
		const runners = await Promise.all([start(), start(), start()]);
		for (const runner of runners) {
			const { body } = await runner.get('/endpoints');
			expect(body.endpoints.map(({ name }: { name: string }) => name)).toEqual(['sink']);
		}
	}, 60_000);

	it('see at once what another one changed of an endpoint', async () => {
		const { start } = await scene({ endpoints: [] });
		const [one, other] = await Promise.all([start(), start()]);
		const { body } = await one.post('/endpoints', { name: 'a', url: 'http://127.0.0.1:9/a' });
		expect((await other.get(`/endpoints/${body.id}`)).body).toMatchObject({ name: 'a' });
		await other.post(`/endpoints/${body.id}/disable`, {});
		expect((await one.get(`/endpoints/${body.id}`)).body).toMatchObject({ status: 'disabled' });
		const twin = await other.post('/endpoints', { name: 'b', url: 'http://127.0.0.1:9/a' });
		expect(twin.status).toBe(409);
	}, 60_000);
});

describe('a PostgreSQL that goes away', () => {
	it.each(['stop', 'kill'] as const)(
		'and comes back (%s), is waited for: what was accepted is delivered, requests meanwhile are told to come again',
		async (how) => {
			const { slack, sink, start } = await scene({ endpoints: [] });
			const [one, two] = [await start(), await start()];
			const accepted = new Map<string, string>();
			const refusals: Awaited<ReturnType<RunnerProcess['post']>>[] = [];
			let sending = true;
			let number = 0;
			const sender = async (runner: RunnerProcess): Promise<void> => {
				while (sending) {
					const message = `message ${number++}`;
					const answer = await runner.post('/send', { message, channels: ['slack'] });
					if (answer.status === 202) accepted.set(answer.body.notification_id, message);
					else refusals.push(answer);
				}
			};
			const senders = [one, two, one, two].map(sender);
			await waitUntil('some are in', () => accepted.size > 60);
			await postgres[how]();
			await waitUntil('somebody is refused', () => refusals.length > 4);
			expect((await two.get('/readyz')).status).toBe(503);
			await postgres.start();
			const count = accepted.size;
			await waitUntil('sends are accepted again', () => accepted.size > count + 60);
			sending = false;
			await Promise.all(senders);

			for (const { status, headers, body } of refusals) {
				expect(status).toBe(503);
				expect(Number(headers.get('retry-after'))).toBeGreaterThan(0);
				expect(body.title).toBe('Service Unavailable');
			}
			await expectDelivered(one, [...accepted.keys()]);
			await waitUntil('it is ready again', async () => (await two.get('/readyz')).status === 200);
			const counts = arrivals(slack);
			for (const message of accepted.values()) expect(counts.get(message)).toBeGreaterThan(0);
			expect(sink.requests).toHaveLength(0);
			for (const runner of [one, two]) {
				expect(runner.log()).not.toMatch(/unhandled|uncaught/i);
				expect(runner.log() + runner.output()).not.toContain(API_KEY);
				expect(runner.log()).not.toMatch(/postgres:\/\/postgres:/);
			}
		},
		90_000,
	);
});
