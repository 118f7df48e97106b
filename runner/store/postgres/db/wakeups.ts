import { setTimeout } from 'node:timers/promises';
import { PgBoss } from 'pg-boss';
import type { Logger } from 'pino';

/** Wakes workers for work that processes which only accept have made due. */
export interface Wakeups {
	/** Calls `wake` when another process has sent a wake-up. */
	listen(wake: () => void): void;
	/** Sends one wake-up for everything that is committed by now. */
	send(): void;
	stop(): Promise<void>;
}

/** The schema of pg-boss, beside ours. */
const SCHEMA = 'sureping_jobs';
const QUEUE = 'work-is-due';
/** A connection without an answer until then has gone silent. Longer than it takes to make the schema. */
const ANSWER_MS = 15_000;
/** Nothing is lost by leaving before the end. */
const STOP_MS = 2_000;

/**
 * Sends wake-ups as pg-boss jobs. A job says that there is work; which, the rows say. There is at most one such job
 * (`short`), however much is accepted; a job per row would cost about as much as the work itself
 * (docs/operate/postgresql.md). It is sent after the commit: within it, it would make nothing safer, and its failure
 * would fail the acceptance. A lost job costs no more than the time until the next look.
 */
export class BossWakeups implements Wakeups {
	private readonly boss: PgBoss;
	private readonly started: Promise<void>;
	private sending = false;
	private again = false;
	private stopped = false;

	constructor(url: string, log: Pick<Logger, 'warn' | 'debug'>) {
		const options = {
			connectionString: url,
			application_name: 'sureping',
			schema: SCHEMA,
			schedule: false,
			max: 2,
			// Not an option of pg-boss but of `pg`, which gets all of them.
			query_timeout: ANSWER_MS,
		};
		this.boss = new PgBoss(options);
		// Debug level: while the database is away, it fails all the time, as everything else does.
		this.boss.on('error', (err) => log.debug({ err }, 'pg-boss met an error'));
		this.started = this.start();
		this.started.catch((err: unknown) =>
			log.warn({ err }, 'workers look for work every second: pg-boss did not start'),
		);
	}

	listen(wake: () => void): void {
		const options = { pollingIntervalSeconds: 0.5, batchSize: 1 };
		void this.started
			.then(() => this.boss.work(QUEUE, options, async () => wake()))
			// Logged already; workers look every second without it.
			.catch(() => undefined);
	}

	send(): void {
		if (this.stopped) return;
		this.again = true;
		if (!this.sending) void this.sendAll();
	}

	async stop(): Promise<void> {
		this.stopped = true;
		const stopping = this.started
			.catch(() => undefined)
			.then(() => this.boss.stop({ graceful: false }));
		const isOver = new AbortController();
		const late = setTimeout(STOP_MS, undefined, { signal: isOver.signal }).catch(() => undefined);
		await Promise.race([stopping, late]).finally(() => isOver.abort());
	}

	private async start(): Promise<void> {
		await this.boss.start();
		await this.boss.createQueue(QUEUE, {
			policy: 'short',
			retryLimit: 0,
			deleteAfterSeconds: 60,
		});
	}

	private async sendAll(): Promise<void> {
		this.sending = true;
		while (this.again && !this.stopped) {
			this.again = false;
			await this.started.then(() => this.boss.send(QUEUE)).catch(() => undefined);
		}
		this.sending = false;
	}
}
