import { statfs } from 'node:fs/promises';
import type { Notification } from '@sureping/engine';
import type { Logger } from 'pino';
import type { Timers } from '../clock.ts';
import type { DoorSettings } from '../config/schema.ts';
import type { Metrics } from '../metrics.ts';
import type { Store } from '../store/store.ts';
import type { App } from './api.ts';
import { Problem } from './problem.ts';

export interface DoorOptions {
	readonly settings: DoorSettings;
	readonly store: Pick<Store, 'backlog'>;
	/** Bytes that are free where the store is; undefined where nobody can tell. */
	readonly freeBytes: () => Promise<number | undefined>;
	readonly clock: Pick<Timers, 'now'>;
	readonly log: Logger;
	readonly metrics: Pick<Metrics, 'refused'>;
}

/** Critical notifications are taken until the backlog is this much larger, and the free disk this much smaller. */
const FOR_CRITICAL = 2;
const LOOK_EVERY_MS = 1_000;
const MB = 1024 * 1024;
const RETRY_AFTER_S = { in_flight: 1, pending: 5, disk: 30 } as const;

type Reason = keyof typeof RETRY_AFTER_S;

/** Refuses sends with 429 before memory or disk run out. What was accepted goes on. */
export class Door {
	private readonly options: DoorOptions;
	private requests = 0;
	private bytes = 0;
	/** At most: what was counted, and all that was accepted since. */
	private pending = 0;
	/** Accepted since the count that is under way began. */
	private uncounted = 0;
	private free: number | undefined;
	private lookedAt = -Infinity;
	private countedAt = -Infinity;
	private counting: Promise<void> | undefined;

	constructor(options: DoorOptions) {
		this.options = options;
	}

	/** Looks at disk and backlog for the first time. */
	async open(): Promise<void> {
		await Promise.all([this.measureDisk(), this.count()]);
	}

	/** Counts requests to routes that take sends, from their headers to the end of their answer. */
	guard(app: App): void {
		app.addHook('onRequest', async (request, reply) => {
			const { config, bodyLimit } = request.routeOptions;
			if (!config.takesSends) return;
			const size = Number(request.headers['content-length'] ?? bodyLimit ?? MB);
			const { max_requests, max_request_mb } = this.options.settings;
			if (this.requests >= max_requests || this.bytes + size > max_request_mb * MB) {
				throw this.refusal('in_flight', 'Too many sends are being stored at this moment');
			}
			this.requests++;
			this.bytes += size;
			reply.raw.once('close', () => {
				this.requests--;
				this.bytes -= size;
			});
		});
	}

	/** Throws a 429 when nothing more can be kept. */
	admit(priority: Notification['priority']): void {
		const { settings, clock } = this.options;
		const factor = priority === 'critical' ? FOR_CRITICAL : 1;
		const now = clock.now();
		if (Math.abs(now - this.lookedAt) >= LOOK_EVERY_MS) void this.measureDisk();
		if (this.free !== undefined && this.free < (settings.min_free_disk_mb * MB) / factor) {
			const free = `${Math.floor(this.free / MB)} MB`;
			throw this.refusal(
				'disk',
				`The disk has ${free} left, and ${settings.min_free_disk_mb} MB are kept free`,
			);
		}
		if (this.pending >= settings.max_pending * factor) {
			if (Math.abs(now - this.countedAt) >= LOOK_EVERY_MS) void this.count();
			throw this.refusal('pending', `${this.pending} deliveries are waiting, which is the most`);
		}
	}

	/** So many deliveries are waiting more than before. */
	took(deliveries: number): void {
		this.pending += deliveries;
		this.uncounted += deliveries;
		// Counting costs as much as there is: only when it could matter.
		if (this.pending >= this.options.settings.max_pending) void this.count();
	}

	private refusal(reason: Reason, detail: string): Problem {
		this.options.metrics.refused.inc({ reason });
		const headers = { 'retry-after': String(RETRY_AFTER_S[reason]) };
		return new Problem(429, detail, [], { reason }, headers);
	}

	private async measureDisk(): Promise<void> {
		this.lookedAt = this.options.clock.now();
		this.free = await this.options.freeBytes();
	}

	private async count(): Promise<void> {
		this.countedAt = this.options.clock.now();
		if (!this.counting) this.uncounted = 0;
		this.counting ??= this.options.store
			.backlog()
			.then(({ deliveries }) => {
				this.pending = deliveries + this.uncounted;
			})
			.catch((err: unknown) => this.options.log.error({ err }, 'the backlog cannot be counted'))
			.finally(() => (this.counting = undefined));
		await this.counting;
	}
}

/** What an unprivileged process may still write on the file system of `directory`. */
export async function freeBytesAt(directory: string): Promise<number | undefined> {
	try {
		const { bavail, bsize } = await statfs(directory);
		return bavail * bsize;
	} catch {
		return undefined;
	}
}
