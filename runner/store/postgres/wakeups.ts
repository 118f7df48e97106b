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

/**
 * A pg-boss job says that there is work, not which: the rows say that. There is one such job at most (`short`), however
 * much is accepted meanwhile; a job per row would cost about as much as the work itself (docs/postgresql.md). It is sent
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
		this.boss = new PgBoss({
			connectionString: url,
			application_name: 'sureping',
			schema: SCHEMA,
			schedule: false,
			max: 2,
		});
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
		await this.started.catch(() => undefined);
		await this.boss.stop({ graceful: false });
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
