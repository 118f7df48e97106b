import { extname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { ReadsBusy } from '../../contract/errors.ts';
import { MOST_PAGE_BYTES } from '../../rules/feed-page.ts';
import type { Found, Query, ReadAnswer, ReadRequest } from './read-thread.ts';

export type { Found, Query };

export interface ReaderLimits {
	/** Reads that may wait; more are refused. */
	readonly mostWaiting: number;
	/** Milliseconds that a read may wait and take. */
	readonly mostMs: number;
	/** Bytes of text at which a read ends, so that large rows do not fill memory. */
	readonly mostBytes: number;
}

const LIMITS: ReaderLimits = { mostWaiting: 64, mostMs: 10_000, mostBytes: MOST_PAGE_BYTES };

/** Milliseconds. */
const MOST_TO_END_MS = 1_000;
const GOING_DOWN = 'The runner is shutting down';

interface Job {
	readonly queries: readonly Query[];
	readonly timer: NodeJS.Timeout;
	resolve(found: readonly Found[]): void;
	reject(error: unknown): void;
}

/**
 * Runs slow reads, such as a rare filter over a long history, on a thread and a connection of their own, so that nothing
 * that is accepted, dispatched or committed waits for them. A read sees what was committed when it began. Reads run one at
 * a time; the thread starts with the first.
 */
export class Reader {
	private readonly file: string;
	private readonly limits: ReaderLimits;
	private readonly noticed: (error: unknown) => unknown;
	private worker: Worker | undefined;
	private running: Job | undefined;
	private readonly waiting: Job[] = [];
	private isClosed = false;

	/** `noticed` maps an error of SQLite to the one that a read rejects with. */
	constructor(
		file: string,
		limits: Partial<ReaderLimits> = {},
		noticed: (error: unknown) => unknown = (error) => error,
	) {
		this.file = file;
		this.noticed = noticed;
		this.limits = { ...LIMITS, ...limits };
	}

	/** Reads the rows of one query. Rejects with `ReadsBusy` when too many reads are waiting. */
	async find(sql: string, ...values: Query['values']): Promise<Found> {
		const [found] = await this.read([{ sql, values }]);
		return found ?? { rows: [], isCut: false };
	}

	/** Reads the rows of several queries in one snapshot. `isUrgent` goes before all that wait, however many they are. */
	read(
		queries: readonly Query[],
		{ isUrgent = false }: { isUrgent?: boolean } = {},
	): Promise<readonly Found[]> {
		if (this.isClosed) return Promise.reject(new ReadsBusy(GOING_DOWN));
		if (!isUrgent && this.waiting.length >= this.limits.mostWaiting) {
			return Promise.reject(new ReadsBusy('Too many lists are being read at this moment'));
		}
		return new Promise((resolve, reject) => {
			const timer = setTimeout(() => this.giveUp(job), this.limits.mostMs);
			const job: Job = { queries, timer, resolve, reject };
			if (isUrgent) this.waiting.unshift(job);
			else this.waiting.push(job);
			this.next();
		});
	}

	/** Ends the running read. */
	async close(): Promise<void> {
		this.isClosed = true;
		const { worker } = this;
		this.worker = undefined;
		this.failAll(new ReadsBusy(GOING_DOWN));
		// A running step of SQLite ends by itself; callers do not wait for it.
		await Promise.race([worker?.terminate(), sleep(MOST_TO_END_MS, undefined, { ref: false })]);
	}

	private next(): void {
		if (this.running) return;
		const job = this.waiting.shift();
		if (!job) {
			this.worker?.unref();
			return;
		}
		try {
			this.worker ??= this.start();
		} catch (error) {
			// The machine has no thread left just now.
			clearTimeout(job.timer);
			job.reject(new ReadsBusy('Nothing can be read at this moment', { cause: error }));
			this.next();
			return;
		}
		this.running = job;
		this.worker.ref();
		const request: ReadRequest = { queries: job.queries, mostBytes: this.limits.mostBytes };
		this.worker.postMessage(request);
	}

	/** SQLite cannot be interrupted from here: the thread ends the read, and the caller does not wait for that. */
	private giveUp(job: Job): void {
		const place = this.waiting.indexOf(job);
		if (place !== -1) this.waiting.splice(place, 1);
		job.reject(new ReadsBusy('Reading this takes too long; ask for less, or later'));
	}

	private start(): Worker {
		// Beside this file there is the source of the thread, and beside the bundle its build.
		const script = new URL(`./read-thread${extname(import.meta.url)}`, import.meta.url);
		const worker = new Worker(script, { workerData: this.file });
		worker.on('message', (answer: ReadAnswer) => {
			const job = this.endRunning();
			if ('found' in answer) job?.resolve(answer.found);
			else job?.reject(this.noticed(errorOf(answer.error)));
			this.next();
		});
		let reason = new Error('The thread that reads lists has ended');
		worker.on('error', (error: Error) => (reason = error));
		worker.on('exit', () => {
			if (this.worker !== worker) return;
			this.worker = undefined;
			this.endRunning()?.reject(reason);
			// The next one has a new thread.
			this.next();
		});
		return worker;
	}

	private failAll(error: Error): void {
		this.endRunning()?.reject(error);
		for (const { timer, reject } of this.waiting.splice(0)) {
			clearTimeout(timer);
			reject(error);
		}
	}

	private endRunning(): Job | undefined {
		const job = this.running;
		this.running = undefined;
		clearTimeout(job?.timer);
		return job;
	}
}

/** As SQLite threw it on the other thread. */
function errorOf({ message, errcode }: { message: string; errcode?: number }): Error {
	return Object.assign(new Error(message), errcode === undefined ? {} : { errcode });
}
