import { extname } from 'node:path';
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { Worker } from 'node:worker_threads';
import type { CheckpointAnswer } from './checkpoint-thread.ts';
import type { GroupCommit } from './group-commit.ts';

/** Pages of the log that are moved into the database together: 16 MB. */
const MOVED_TOGETHER = 4_000;
/** Pages at which the writer moves them itself, for when the thread cannot. */
const MOVED_AT_ONCE = 5 * MOVED_TOGETHER;
/** Milliseconds after which a thread that has nothing to do gives back its memory and its files. */
const IDLE_MS = 5_000;
/** Looks at the log cost a few microseconds each, so not every commit has one. */
const LOOK_EVERY = 16;

/**
 * Moves the write-ahead log into the database on a thread and a connection of their own, since that waits for the disk twice
 * and writes thousands of pages. Commits go on meanwhile; they wait only for the last few pages, so that the log can start
 * over and does not grow.
 */
export class Checkpoints {
	private readonly file: string;
	private readonly commits: GroupCommit;
	private readonly log: StatementSync;
	private worker: Worker | undefined;
	private running: Promise<void> | undefined;
	private idle: NodeJS.Timeout | undefined;
	private commitsSince = 0;
	private isClosed = false;

	constructor(db: DatabaseSync, file: string, commits: GroupCommit) {
		this.file = file;
		this.commits = commits;
		db.exec(`PRAGMA wal_autocheckpoint = ${MOVED_AT_ONCE}`);
		this.log = db.prepare('PRAGMA wal_checkpoint(NOOP)');
	}

	/** To be called after commits: starts to move the log when it has grown. */
	look(): void {
		if (this.isClosed || this.running || ++this.commitsSince < LOOK_EVERY) return;
		this.commitsSince = 0;
		if (this.toMove() < MOVED_TOGETHER) return;
		this.running = this.move().finally(() => (this.running = undefined));
	}

	/** Pages of the log that are not in the database yet. */
	private toMove(): number {
		try {
			const { log = 0, checkpointed = 0 } = this.log.get() ?? {};
			return Number(log) - Number(checkpointed);
		} catch {
			// Whatever is wrong, the next commit meets it.
			return 0;
		}
	}

	async close(): Promise<void> {
		this.isClosed = true;
		await this.running;
		await this.end();
	}

	/** A fault is not told: the next commit meets it too, or the writer moves the log itself. */
	private async move(): Promise<void> {
		clearTimeout(this.idle);
		try {
			await this.ask();
			await this.commits.pausedFor(() => this.ask());
			this.idle = setTimeout(() => void this.end(), IDLE_MS).unref();
		} catch {
			await this.end();
		}
	}

	private async end(): Promise<void> {
		clearTimeout(this.idle);
		const { worker } = this;
		this.worker = undefined;
		await worker?.terminate();
	}

	private ask(): Promise<void> {
		const worker = (this.worker ??= this.start());
		return new Promise((resolve, reject) => {
			const end = (): void => {
				worker.off('message', onAnswer).off('error', onError).off('exit', onExit);
				worker.unref();
			};
			const onAnswer = (answer: CheckpointAnswer): void => {
				end();
				if (answer === undefined) resolve();
				else reject(new Error(answer));
			};
			const onError = (error: Error): void => {
				end();
				reject(error);
			};
			const onExit = (): void => onError(new Error('The thread that makes checkpoints has ended'));
			worker.on('message', onAnswer).on('error', onError).on('exit', onExit);
			worker.ref();
			worker.postMessage('checkpoint');
		});
	}

	private start(): Worker {
		// Beside this file there is the source of the thread, and beside the bundle its build.
		const script = new URL(`./checkpoint-thread${extname(import.meta.url)}`, import.meta.url);
		return new Worker(script, { workerData: this.file });
	}
}
