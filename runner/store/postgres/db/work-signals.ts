import type { Watcher } from '../../contract/index.ts';
import type { Database } from './database.ts';
import type { Wakeups } from './wakeups.ts';

const EVERY_MS = 1_000;

/**
 * Tells workers of work that other processes made due: at once by a wake-up, and by a look every second, so that no work
 * waits for a wake-up that was lost. A look costs each process a few steps in the indexes that claims read.
 */
export class WorkSignals {
	private readonly database: Database;
	private readonly wakeups: Wakeups | undefined;
	private timer: NodeJS.Timeout | undefined;
	private works = false;
	private readonly listeners: (() => void)[] = [];

	constructor(database: Database, wakeups: Wakeups | undefined) {
		this.database = database;
		this.wakeups = wakeups;
	}

	/** This process works on what is due, and is told of what others make due. */
	get isWorker(): boolean {
		return this.works;
	}

	watch(watcher: Watcher): void {
		this.works = true;
		const due = (): void => {
			this.becameDue();
			watcher.due();
		};
		this.timer = setInterval(() => {
			due();
			void this.lookForReplays(watcher);
		}, EVERY_MS).unref();
		this.wakeups?.listen(due);
	}

	/** Calls `listener` when rows may have become due that nobody has claimed. */
	onDue(listener: () => void): void {
		this.listeners.push(listener);
	}

	/** Rows may have become due that nobody has claimed. Forgotten, they wait for the look of the next second. */
	becameDue(): void {
		for (const listener of this.listeners) listener();
	}

	/** Wakes the workers for work that this process has committed, unless it is a worker itself. */
	wakeOthers(): void {
		if (!this.works) this.wakeups?.send();
	}

	/** Ends the looks. */
	unwatch(): void {
		clearInterval(this.timer);
	}

	async stop(): Promise<void> {
		await this.wakeups?.stop().catch(() => undefined);
	}

	private async lookForReplays(watcher: Watcher): Promise<void> {
		const rows = await this.database
			.rows("SELECT 1 AS one FROM sureping.replays WHERE status = 'running' LIMIT 1")
			.catch(() => []);
		if (rows.length > 0) watcher.replays();
	}
}
