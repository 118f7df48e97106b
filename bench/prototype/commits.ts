import type { DatabaseSync, StatementSync } from 'node:sqlite';

/** Delay of a commit that no client waits for, in milliseconds: long enough to gather others. */
const LAZY_MS = 2;

interface Change {
	run(): unknown;
	done(result: unknown): void;
}

/**
 * Changes that share a transaction, so that one wait for the disk makes all of them durable. A failed commit ends the
 * process: the prototype has nothing to fall back on.
 */
export class Commits {
	private readonly begin: StatementSync;
	private readonly commit: StatementSync;
	private waiting: Change[] = [];
	private eager = false;
	private lazy: NodeJS.Timeout | undefined;

	constructor(db: DatabaseSync) {
		this.begin = db.prepare('BEGIN IMMEDIATE');
		this.commit = db.prepare('COMMIT');
	}

	/** Commits at the end of this turn of the event loop, with everything else that arrived in it. */
	now<T>(run: () => T): Promise<T> {
		if (!this.eager) {
			this.eager = true;
			setImmediate(() => this.flush());
		}
		return this.add(run);
	}

	/** Commits with the next eager change, or after LAZY_MS. */
	soon<T>(run: () => T): Promise<T> {
		if (!this.eager) this.lazy ??= setTimeout(() => this.flush(), LAZY_MS);
		return this.add(run);
	}

	private add<T>(run: () => T): Promise<T> {
		return new Promise((resolve) => {
			// `flush` hands `done` the result of this `run`.
			this.waiting.push({ run, done: resolve as Change['done'] });
		});
	}

	private flush(): void {
		clearTimeout(this.lazy);
		this.lazy = undefined;
		this.eager = false;
		const group = this.waiting;
		this.waiting = [];
		this.begin.run();
		const results = group.map(({ run }) => run());
		this.commit.run();
		for (const [index, { done }] of group.entries()) done(results[index]);
	}
}
