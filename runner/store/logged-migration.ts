import type { Logger } from 'pino';
import type { MigrationProgress, MigrationWatcher } from './migration.ts';

const LOG_EVERY_MS = 5_000;

/** Logs the begin of a migration, every few seconds how far it is, and its end. */
export class LoggedMigration implements MigrationWatcher {
	readonly signal: AbortSignal | undefined;
	private readonly watcher: MigrationWatcher;
	private readonly log: Logger;
	private readonly now: () => number;
	private began: { readonly at: number; readonly done: number } | undefined;
	private last: MigrationProgress | undefined;
	private loggedAt = 0;

	constructor(
		watcher: MigrationWatcher,
		{ log, now }: { readonly log: Logger; readonly now: () => number },
	) {
		this.watcher = watcher;
		this.signal = watcher.signal;
		this.log = log;
		this.now = now;
	}

	readonly moved = async (progress: MigrationProgress): Promise<void> => {
		const { done: rows, total } = progress;
		this.last = progress;
		const at = this.now();
		if (!this.began) {
			this.began = { at, done: rows };
			this.loggedAt = at;
			this.log.info({ rows, total }, 'the database is being migrated');
		} else if (at - this.loggedAt >= LOG_EVERY_MS) {
			this.loggedAt = at;
			const rest_s = restS(this.began, at, progress);
			this.log.info({ rows, total, rest_s }, 'the database is being migrated');
		}
		await this.watcher.moved(progress);
	};

	/** The store is open. */
	ended(): void {
		if (!this.began || !this.last) return;
		const took_s = Math.round((this.now() - this.began.at) / 1000);
		this.log.info({ rows: this.last.total, took_s }, 'the database was migrated');
	}
}

/** Seconds that the rest takes at the rate so far; undefined before there is one. */
function restS(
	began: { readonly at: number; readonly done: number },
	at: number,
	{ done, total }: MigrationProgress,
): number | undefined {
	const perMs = (done - began.done) / (at - began.at);
	return perMs > 0 ? Math.ceil((total - done) / perMs / 1000) : undefined;
}
