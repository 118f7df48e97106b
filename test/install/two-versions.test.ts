import { tmpdir } from 'node:os';
import { describeWithHistory } from '../old-databases/describe-with-history.ts';
import { BEFORE, buildOldRunner } from '../old-databases/old-runner.ts';
import { startSurroundings, type Surroundings } from '../old-databases/surroundings.ts';
import {
	ended,
	RUNNER,
	type RunnerProcess,
	runnerAt,
	startRunner,
} from '../support/runner-process.ts';
import { type TemporaryPostgres, temporaryPostgres } from '../support/temporary-postgres.ts';
import { waitUntil } from '../support/wait-until.ts';

describeWithHistory('runners of two versions on one PostgreSQL', () => {
	let postgres: TemporaryPostgres;
	let before: readonly string[];
	beforeAll(async () => {
		[postgres, before] = await Promise.all([
			temporaryPostgres(),
			buildOldRunner(BEFORE).then((main) => runnerAt(main)),
		]);
	}, 60_000);
	afterAll(() => postgres.dispose());

	let surroundings: Surroundings;
	const running: RunnerProcess[] = [];
	beforeEach(async () => {
		surroundings = await startSurroundings();
	});
	afterEach(async () => {
		for (const one of running.splice(0)) await one.dispose();
		await surroundings.close();
	});

	it('share the work, are replaced one by one, and can be put back', async () => {
		const { slack, receiver, settings } = surroundings;
		const store = await postgres.database();
		const start = async (version: 'before' | 'now'): Promise<RunnerProcess> => {
			const node = version === 'before' ? before : RUNNER;
			const runner = await startRunner(settings({ store }), tmpdir(), [], node);
			running.push(runner);
			return runner;
		};
		const messages: string[] = [];
		const send = async (...through: readonly RunnerProcess[]): Promise<void> => {
			for (const [i, runner] of through.entries()) {
				const message = `message ${messages.length}`;
				messages.push(message);
				const { status, body } = await runner.post('/send', { message, channels: ['slack:ops'] });
				expect(status).toBe(202);
				// Another process shows it just as well.
				const other = through[(i + 1) % through.length] ?? runner;
				expect((await ended(other, body.notification_id)).status).toBe('delivered');
			}
		};

		const [first, second] = [await start('before'), await start('before')];
		await send(first, second);
		const third = await start('now');
		await send(first, second, third, first);
		expect(await first.kill('SIGTERM')).toBe(0);
		// One of the old version that starts on the new schema, as one that is restarted meanwhile.
		const fourth = await start('before');
		await send(second, third, fourth);
		expect(await second.kill('SIGTERM')).toBe(0);
		expect(await fourth.kill('SIGTERM')).toBe(0);
		await send(third);
		// And back.
		const fifth = await start('before');
		expect(await third.kill('SIGTERM')).toBe(0);
		await send(fifth);

		const texts = slack.requests.map(({ body }) => String(JSON.parse(body).text));
		expect(texts.sort()).toEqual([...messages].sort());
		// `queued` and `delivered` of each.
		await receiver.received(2 * messages.length);
		await waitUntil('no webhook is owed', async () => {
			const owed = await postgres.query(
				store,
				'SELECT 1 FROM sureping.webhook_deliveries WHERE due_at IS NOT NULL',
			);
			return owed.length === 0;
		});
		expect(receiver.requests).toHaveLength(2 * messages.length);
	});
});
