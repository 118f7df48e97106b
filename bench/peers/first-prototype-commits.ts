import type { DatabaseSync } from 'node:sqlite';

interface Waiting {
	run(): void;
	resolve(): void;
	reject(error: unknown): void;
}

/** The group commit of the first prototype, which was the runner's: each group at the next turn of the event loop. */
export class GroupCommit {
	private readonly db: DatabaseSync;
	private waiting: Waiting[] = [];

	constructor(db: DatabaseSync) {
		this.db = db;
	}

	run<T>(change: () => T): Promise<T> {
		if (this.waiting.length === 0) setImmediate(() => this.flush());
		return new Promise<T>((resolve, reject) => {
			let result: { value: T } | undefined;
			this.waiting.push({
				run: () => {
					result = { value: change() };
				},
				resolve: () => {
					if (result) resolve(result.value);
				},
				reject,
			});
		});
	}

	private flush(): void {
		const group = this.waiting;
		this.waiting = [];
		try {
			this.commit(group);
		} catch (error) {
			for (const one of group) one.reject(error);
			return;
		}
		for (const one of group) one.resolve();
	}

	private commit(group: readonly Waiting[]): void {
		try {
			this.db.exec('BEGIN IMMEDIATE');
			for (const { run } of group) run();
			this.db.exec('COMMIT');
		} catch (error) {
			if (this.db.isTransaction) this.db.exec('ROLLBACK');
			throw error;
		}
	}
}
