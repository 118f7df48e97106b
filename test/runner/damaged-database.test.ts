import {
	closeSync,
	copyFileSync,
	mkdtempSync,
	openSync,
	renameSync,
	rmSync,
	writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { type FakeSlack, startSlack } from '../fakes/slack.ts';
import { type RunnerProcess, startRunner } from '../support/runner-process.ts';
import { waitUntil } from '../support/wait-until.ts';

const MESSAGE = { message: 'm', channels: ['slack'] };

let slack: FakeSlack;
let runner: RunnerProcess;
const open = async (): Promise<void> => {
	slack = await startSlack();
	runner = await startRunner({
		connections: [{ name: 'ops', channel: 'slack', webhook_url: slack.webhookUrl }],
		retry: { delays_s: [0.3, 0.3, 0.3], jitter: 0, timeout_s: 2 },
	});
};
const close = async (): Promise<void> => {
	await runner.dispose();
	await slack.close();
};

const readiness = async (): Promise<string> => {
	const { status, body } = await runner.get('/readyz');
	return `${status} ${body.detail ?? ''}`;
};

/** Overwrites the first page of a table, of which SQLite checks the type whenever it reads it. */
function damage(table: string): void {
	const db = new DatabaseSync(runner.database);
	db.exec('PRAGMA wal_checkpoint(TRUNCATE)');
	const { rootpage } = db.prepare('SELECT rootpage FROM sqlite_schema WHERE name = ?').get(table)!;
	const { page_size } = db.prepare('PRAGMA page_size').get()!;
	db.close();
	const size = Number(page_size);
	const file = openSync(runner.database, 'r+');
	writeSync(file, Buffer.alloc(size, 0xa5), 0, size, (Number(rootpage) - 1) * size);
	closeSync(file);
}

describe('a database that is damaged', () => {
	beforeEach(open);
	afterEach(close);

	it.each(['notifications', 'deliveries_due'])(
		'is not written to, starts no attempt, and is reported as damaged: %s',
		async (table) => {
			slack.answer({ status: 500 });
			await runner.post('/send', MESSAGE);
			await slack.received(1);
			await runner.kill('SIGKILL');
			damage(table);
			const before = slack.requests.length;
			await runner.start();
			await waitUntil('it is noticed', async () => {
				const { status, body } = await runner.post('/send', MESSAGE);
				expect(status).toBe(503);
				return /damaged.*sureping doctor/.test(body.detail);
			});
			expect(await readiness()).toMatch(/^503 .*damaged.*sureping doctor/);
			// Damage noticed before any outcome could be lost costs one attempt at most, and none is repeated.
			const then = slack.requests.length;
			expect(then - before).toBeLessThanOrEqual(1);
			expect((await runner.post('/send', MESSAGE)).status).toBe(503);
			expect(await runner.kill('SIGTERM')).toBe(0);
			expect(slack.requests).toHaveLength(then);
		},
	);

	it.each(['endpoints', 'events'])(
		'does not start where the damage shows at once, and says what to do: %s',
		async (table) => {
			await runner.kill('SIGTERM');
			damage(table);
			await expect(runner.start()).rejects.toThrow(/sureping doctor|not a usable database/);
		},
	);
});

describe('a file of the database that is not at its place any more', () => {
	beforeAll(open);
	afterAll(close);

	it.each([
		['', 'the database'],
		['-wal', 'its log'],
		['-shm', 'the index of its log'],
		['-owner', 'the lock of its owner'],
	])('is noticed within a second: nothing is accepted, attempted or ready (%s)', async (ending) => {
		const path = `${runner.database}${ending}`;
		const sent = slack.requests.length + 1;
		expect((await runner.post('/send', MESSAGE)).status).toBe(202);
		await slack.received(sent);
		const away = mkdtempSync(join(tmpdir(), 'sureping-away-'));
		try {
			renameSync(path, join(away, 'file'));
			await waitUntil('it is noticed', async () => (await readiness()).startsWith('503'));
			expect(await readiness()).toContain(`sureping.db${ending} is not there any more`);
			expect(await readiness()).not.toContain(away);
			expect((await runner.post('/send', MESSAGE)).status).toBe(503);

			copyFileSync(join(away, 'file'), path);
			await waitUntil('another file is no better', async () =>
				(await readiness()).includes('replaced by another file'),
			);
			expect((await runner.post('/send', MESSAGE)).status).toBe(503);
			expect(slack.requests).toHaveLength(sent);

			renameSync(join(away, 'file'), path);
			await waitUntil('it is back', async () => (await readiness()).startsWith('200'));
			expect((await runner.post('/send', MESSAGE)).status).toBe(202);
			await slack.received(sent + 1);
		} finally {
			rmSync(away, { recursive: true });
		}
	});
});
