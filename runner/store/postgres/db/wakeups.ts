import { setTimeout } from 'node:timers/promises';
import { PgBoss } from 'pg-boss';
import type { Logger } from 'pino';

/** How processes that only accept tell workers that there is something to do. */
export interface Wakeups {
	/** Calls `wake` when another process has sent word. */
	listen(wake: () => void): void;
	/** Sends word, once for everything that is committed by now. */
	send(): void;
	stop(): Promise<void>;
}

/** In a schema of its own beside ours. */
const SCHEMA = 'sureping_jobs';
const QUEUE = 'work-is-due';
/** Without an answer until then the connection has gone silent. Longer than it takes to make the schema. */
const ANSWER_MS = 15_000;
/** Nothing is lost by leaving before the end. */
const STOP_MS = 2_000;

/**
 * A pg-boss job says that there is work, not which: the rows say that. There is one such job at most (`short`), however
 * much is accepted meanwhile; a job per row would cost about as much as the work itself (docs/operate/postgresql.md). It is sent
 * after the commit: it could make nothing safer, but its failure would make an acceptance fail. One that is lost costs
 * no more than the time until the sweep.
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
			// Not among its own options; like all of them it is given to `pg`, whose it is.
			query_timeout: ANSWER_MS,
		};
		this.boss = new PgBoss(options);
		// While the database is away it complains all the time, and so does everything else.
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
			// Said already; the sweep does without.
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
