import { DatabaseSync } from 'node:sqlite';

export interface CommitWatch {
	beforeCommit(): void;
	afterCommit(): void;
}

/** SQLite's largest: https://www.sqlite.org/pragma.html#pragma_max_page_count */
const MOST_PAGES = 4_294_967_294;

/**
 * Puts a hand on SQLite itself, below everything that is under test: commits are watched, and the disk can be full.
 * SQLite then refuses what needs another page as it does when the file system has none left: SQLITE_FULL, in the
 * middle of a transaction.
 */
export class SqliteDisk {
	private readonly writers = new Set<DatabaseSync>();
	private readonly exec = DatabaseSync.prototype.exec;

	constructor(watch: CommitWatch) {
		const { writers, exec } = this;
		DatabaseSync.prototype.exec = function (this: DatabaseSync, sql: string): void {
			if (sql === 'BEGIN IMMEDIATE') writers.add(this);
			const isCommit = sql === 'COMMIT';
			if (isCommit) watch.beforeCommit();
			exec.call(this, sql);
			if (isCommit) watch.afterCommit();
		};
	}

	set(state: 'full' | 'free'): void {
		// It cannot be set below the present size, and so 1 means: no page more.
		const pages = state === 'full' ? 1 : MOST_PAGES;
		for (const db of this.writers) this.exec.call(db, `PRAGMA max_page_count = ${pages}`);
	}
}
