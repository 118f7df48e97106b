import type { DatabaseSync } from 'node:sqlite';
import { StoreUnavailable } from '../../contract/errors.ts';
import type { Soundness } from './soundness.ts';

interface Waiting {
	run(): void;
	resolve(): void;
	reject(error: unknown): void;
}

/** Ticks of the event loop: short when there is little to do, longer when there is much to gather. */
const A_MOMENT = 3;

/** An effect of a change on memory, and its opposite. */
interface Effect {
	readonly onDurable: () => void;
	readonly onRollback: () => void;
}

/** A group whose transaction is committed, and which the disk may not have yet. */
interface Committed {
	readonly group: readonly Waiting[];
	readonly effects: readonly Effect[];
}

const nothing = (): void => undefined;

/**
 * Changes that arrive together share one transaction, so that one wait for the disk makes all of them durable.
 * A change's promise resolves once its commit is on the disk, never before. The event loop does not wait for the disk:
 * `sync` does, and transactions that are committed meanwhile share the next one. When one change of a group throws, the
 * group is rolled back and each change tried by itself, so that a bad one does not fail the others.
 */
export class GroupCommit {
	private readonly db: DatabaseSync;
	private readonly soundness: Soundness | undefined;
	private readonly sync: (() => Promise<void>) | undefined;
	private waiting: Waiting[] = [];
	/** Ticks of the event loop until the next commit; 0 while nothing waits. */
	private ticksLeft = 0;
	private failing = false;
	/** Effects of the open transaction. */
	private effects: Effect[] = [];
	/** Committed in this order. */
	private committed: Committed[] = [];
	private syncing: Promise<void> | undefined;
	private isPaused = false;

	/** `sync` resolves once every commit so far is on the disk; without it, a commit is when it returns. */
	constructor(db: DatabaseSync, soundness?: Soundness, sync?: () => Promise<void>) {
		this.db = db;
		this.soundness = soundness;
		this.sync = sync;
	}

	/** The newest commit failed for want of space, or for a fault of the disk or of the database. */
	get isFailing(): boolean {
		return this.failing;
	}

	/**
	 * As `run`, for changes that no caller outside waits for: they go with the next group, or after a moment, so
	 * that fewer waits for the disk serve more.
	 */
	runSoon<T>(change: () => T): Promise<T> {
		this.schedule(A_MOMENT);
		return this.add(change);
	}

	/**
	 * Called by a change while it runs: has `onDurable` run once the commit is on the disk, before the change's promise
	 * resolves, or `onRollback` if the transaction is rolled back. Memory that must agree with the disk is changed so.
	 */
	onceDurable(onDurable: () => void, onRollback = nothing): void {
		this.effects.push({ onDurable, onRollback });
	}

	/** `change` may run twice, so it must touch nothing but the database; `onceDurable` is for the rest. */
	run<T>(change: () => T): Promise<T> {
		this.schedule(1);
		return this.add(change);
	}

	private schedule(ticks: number): void {
		const isScheduled = this.ticksLeft > 0;
		this.ticksLeft = isScheduled ? Math.min(this.ticksLeft, ticks) : ticks;
		if (!isScheduled) setImmediate(() => this.tick());
	}

	private tick(): void {
		this.ticksLeft--;
		if (this.ticksLeft > 0) setImmediate(() => this.tick());
		else if (!this.isPaused) this.flush();
	}

	private add<T>(change: () => T): Promise<T> {
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

	/** Commits the waiting changes at once. */
	flush(): void {
		const group = this.waiting;
		this.waiting = [];
		if (group.length > 0) this.commitOrSplit(group);
	}

	/** Resolves once everything that is committed is on the disk, or was refused. */
	async synced(): Promise<void> {
		while (this.syncing) await this.syncing;
	}

	/** Commits nothing while `work` runs; changes wait. */
	async pausedFor(work: () => Promise<void>): Promise<void> {
		this.isPaused = true;
		try {
			await work();
		} finally {
			this.isPaused = false;
			this.flush();
		}
	}

	private commitOrSplit(group: readonly Waiting[]): void {
		try {
			this.commit(group);
		} catch (error) {
			if (group.length === 1) group[0]?.reject(error);
			else for (const one of group) this.commitOrSplit([one]);
			return;
		}
		const effects = this.effects;
		this.effects = [];
		const done = { group, effects };
		if (!this.sync) {
			end(done);
			return;
		}
		this.committed.push(done);
		this.syncing ??= this.syncAll(this.sync).finally(() => (this.syncing = undefined));
	}

	private async syncAll(sync: () => Promise<void>): Promise<void> {
		while (this.committed.length > 0) {
			const committed = this.committed;
			this.committed = [];
			try {
				await sync();
			} catch (cause) {
				this.failing = true;
				const error = this.soundness?.lost(cause) ?? cause;
				for (const { group } of committed) for (const one of group) one.reject(error);
				continue;
			}
			for (const done of committed) end(done);
		}
	}

	private commit(group: readonly Waiting[]): void {
		try {
			this.soundness?.check();
			this.db.exec('BEGIN IMMEDIATE');
			for (const { run } of group) run();
			this.db.exec('COMMIT');
			this.failing = false;
		} catch (thrown) {
			const undone = this.effects;
			this.effects = [];
			for (const { onRollback } of undone) onRollback();
			if (this.db.isTransaction) this.db.exec('ROLLBACK');
			const error = this.soundness?.noticed(thrown) ?? thrown;
			const refusal = refusalOf(error);
			if (refusal === undefined) throw error;
			this.failing = true;
			throw refusal;
		}
	}
}

function end({ group, effects }: Committed): void {
	for (const { onDurable } of effects) onDurable();
	for (const one of group) one.resolve();
}

/** Faults that pass by themselves, by SQLite's primary result codes (sqlite.org/rescode.html). */
const PASSING: Readonly<Record<number, string>> = {
	5: 'Another program holds the database locked',
	10: 'The disk has a fault',
	13: 'The disk is full',
};

/** The refusal to give for an error of SQLite that passes by itself; undefined for any other. */
export function refusalOf(error: unknown): StoreUnavailable | undefined {
	if (error instanceof StoreUnavailable) return error;
	const code = error instanceof Error && 'errcode' in error ? Number(error.errcode) : 0;
	const reason = PASSING[code & 0xff];
	return reason === undefined ? undefined : new StoreUnavailable(reason, { cause: error });
}
