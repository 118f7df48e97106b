import type { Watcher } from '../../contract/index.ts';
import type { Database } from './database.ts';

const EVERY_MS = 1_000;

/**
 * Looks every second, so that no work waits for a message that was lost. A look costs each process a few steps in the
 * indexes that claims read.
 */
export class WorkPoll {
	private readonly database: Database;
	private timer: NodeJS.Timeout | undefined;

	constructor(database: Database) {
		this.database = database;
	}

	start(watcher: Watcher): void {
		this.timer = setInterval(() => {
			watcher.due();
			void this.lookForReplays(watcher);
		}, EVERY_MS).unref();
	}

	stop(): void {
		clearInterval(this.timer);
	}

	private async lookForReplays(watcher: Watcher): Promise<void> {
		const rows = await this.database
			.rows("SELECT 1 AS one FROM sureping.replays WHERE status = 'running' LIMIT 1")
			.catch(() => []);
		if (rows.length > 0) watcher.replays();
	}
}
