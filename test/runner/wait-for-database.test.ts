import { pino } from 'pino';
import { StoreUnavailable } from '../../runner/store/contract/errors.ts';
import { MigrationStopped } from '../../runner/store/migration.ts';
import { waitForDatabase } from '../../runner/store/wait-for-database.ts';

const away = new StoreUnavailable('The database cannot be reached', {
	cause: new Error('connect ECONNREFUSED'),
});

/** Asks until the database answers for the `answers`-th time, or says what came of it and how long that took. */
async function start(answers: number): Promise<{ result: unknown; waitedMs: number }> {
	let waitedMs = 0;
	let asked = 0;
	const clock = {
		now: () => waitedMs,
		sleep: (ms: number) => Promise.resolve(void (waitedMs += ms)),
		at: () => ({ cancel: () => undefined }),
	};
	const result = await waitForDatabase({ clock, log: pino({ level: 'silent' }) }, async () => {
		if (++asked < answers) throw away;
		return 'there';
	}).catch(String);
	return { result, waitedMs };
}

describe('a database that is away while a runner starts', () => {
	it('is waited for', async () => {
		expect(await start(1)).toEqual({ result: 'there', waitedMs: 0 });
		expect(await start(5)).toEqual({ result: 'there', waitedMs: 8_000 });
	});

	it('is given up after a minute, with the reason', async () => {
		const { result, waitedMs } = await start(Infinity);
		expect(result).toMatch(/cannot be used: connect ECONNREFUSED/);
		expect(waitedMs).toBeGreaterThan(50_000);
		expect(waitedMs).toBeLessThanOrEqual(60_000);
	});

	it.each([
		['while it is waited for', 'sleep'],
		['during a try', 'work'],
	])('is waited for no more once a signal came %s', async (_, moment) => {
		const stop = new AbortController();
		let tries = 0;
		const clock = {
			now: () => 0,
			// Never over by itself.
			sleep: () => new Promise<void>(() => moment === 'sleep' && setImmediate(() => stop.abort())),
			at: () => ({ cancel: () => undefined }),
		};
		const waiting = waitForDatabase(
			{ clock, log: pino({ level: 'silent' }), signal: stop.signal },
			async () => {
				tries++;
				if (moment === 'work') stop.abort();
				throw away;
			},
		);
		await expect(waiting).rejects.toThrow(MigrationStopped);
		expect(tries).toBe(1);
	});

	it('is not what every error is', async () => {
		const wrong = waitForDatabase(
			{
				clock: {
					now: () => 0,
					sleep: () => Promise.reject(new Error('slept')),
					at: () => ({ cancel: () => undefined }),
				},
				log: pino({ level: 'silent' }),
			},
			() => Promise.reject(new Error('a fault of ours')),
		);
		await expect(wrong).rejects.toThrow('a fault of ours');
	});
});
