import { spawnSync } from 'node:child_process';
import { startSink } from '../fakes/sink.ts';
import { startSlack } from '../fakes/slack.ts';
import { ended, RUNNER, type RunnerProcess, startRunner } from '../support/runner-process.ts';
import { type TemporaryPostgres, temporaryPostgres } from '../support/temporary-postgres.ts';
import { waitUntil } from '../support/wait-until.ts';

const migrate = (from: string, to: string): { code: number | null; out: string; err: string } => {
	const done = spawnSync(process.execPath, [...RUNNER, 'migrate', '--from', from, '--to', to], {
		encoding: 'utf8',
		timeout: 60_000,
	});
	return { code: done.status, out: done.stdout, err: done.stderr };
};

describe('sureping migrate', () => {
	let postgres: TemporaryPostgres;
	beforeAll(async () => {
		postgres = await temporaryPostgres();
	}, 60_000);
	afterAll(() => postgres.dispose());

	it('moves a runner to PostgreSQL with all that it has and all that it owes', async () => {
		const [slack, sink] = [await startSlack(), await startSink()];
		const url = await postgres.database();
		const settings = {
			connections: [{ name: 'ops', channel: 'slack', webhook_url: slack.webhookUrl }],
			retry: { delays_s: [3600], jitter: 0, timeout_s: 2 },
		};
		const before = await startRunner(settings);
		let after: RunnerProcess | undefined;
		try {
			const { body: endpoint } = await before.post('/endpoints', {
				name: 'sink',
				url: sink.url,
				events: ['notification.delivered'],
			});
			const post = async (message: string): Promise<string> => {
				const send = { message, channels: ['slack'], idempotency_key: message };
				return (await before.post('/send', send)).body.notification_id;
			};
			const done = await post('done');
			await ended(before, done);
			await sink.received(1);
			slack.answer({ status: 500 });
			const owed = await post('retried in an hour');
			await waitUntil('its first attempt failed', async () => {
				const { body } = await before.get(`/notifications/${owed}`);
				return body.deliveries[0].attempts.length === 1;
			});
			await before.post(`/endpoints/${endpoint.id}/disable`, {});
			const held = await post('held for a disabled endpoint');
			await ended(before, held);
			const feed = (await before.get('/events?limit=1000')).body;
			const shown = await Promise.all(
				[done, owed, held].map(async (id) => (await before.get(`/notifications/${id}`)).body),
			);
			const webhooks = (await before.get('/webhook-deliveries')).body;

			expect(migrate(`sqlite:${before.database}`, url)).toMatchObject({
				code: 1,
				err: expect.stringContaining('in use by another runner'),
			});
			await before.kill('SIGTERM');
			const migrated = migrate(`sqlite:${before.database}`, url);
			expect(migrated).toMatchObject({ code: 0 });
			expect(migrated.out).toContain('notifications: 3');
			expect(migrated.err).toMatch(/rows: \d+\/\d+/);
			expect(migrated.err + migrated.out).not.toContain(new URL(url).password);
			expect(migrate(`sqlite:${before.database}`, url)).toMatchObject({
				code: 1,
				err: expect.stringContaining('not empty'),
			});

			after = await startRunner({ ...settings, store: url });
			expect((await after.get('/events?limit=1000')).body).toEqual(feed);
			for (const one of shown) {
				expect((await after.get(`/notifications/${one.notification_id}`)).body).toEqual(one);
			}
			expect((await after.get('/webhook-deliveries')).body).toEqual(webhooks);
			const again = { message: 'done', channels: ['slack'], idempotency_key: 'done' };
			expect((await after.post('/send', again)).body.notification_id).toBe(done);
			expect((await after.get(`/endpoints/${endpoint.id}`)).body.status).toBe('disabled');
			await after.post(`/endpoints/${endpoint.id}/enable`, {});
			await sink.received(2);
			const { body: fresh } = await after.post('/send', { message: 'new', channels: ['slack'] });
			await ended(after, fresh.notification_id);
			const next = (await after.get(`/events?after=${feed.next_cursor}`)).body;
			expect(
				next.events.map((event: { notification_id: string }) => event.notification_id),
			).toEqual([fresh.notification_id, fresh.notification_id]);
		} finally {
			await before.dispose();
			await after?.dispose();
			await Promise.all([slack.close(), sink.close()]);
		}
	}, 90_000);

	it('says what is wrong with its arguments and its databases, without the password', async () => {
		expect(migrate('sqlite:a.db', 'sqlite:b.db').code).toBe(2);
		expect(migrate('sqlite:/nowhere/a.db', 'postgres://u:p4ssw0rd@127.0.0.1:1/d')).toMatchObject({
			code: 1,
			err: expect.stringContaining('/nowhere/a.db does not exist'),
		});
	});
});
