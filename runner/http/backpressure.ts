import { statfs } from 'node:fs/promises';
import type { Notification } from '@sureping/engine';
import type { Logger } from 'pino';
import type { BacklogCount } from '../backlog-count.ts';
import type { Timers } from '../clock.ts';
import type { BackpressureSettings } from '../config/settings/index.ts';
import type { Metrics } from '../metrics/index.ts';
import type { FastifyRequest } from 'fastify';
import type { App } from './api.ts';
import { Problem } from './problem.ts';
import type { OnBytes } from './body/read-body.ts';
import { type Place, Room } from './in-flight-budget.ts';

export interface DoorOptions {
	readonly settings: BackpressureSettings;
	readonly backlog: BacklogCount;
	/** Other processes accept sends into the same store. */
	readonly isShared: boolean;
	/** How many API keys share the room. */
	readonly keys: number;
	/** Bytes that are free where the store is; undefined where nobody can tell. */
	readonly freeBytes: () => Promise<number | undefined>;
	readonly clock: Pick<Timers, 'now'>;
	readonly log: Logger;
	readonly metrics: Pick<Metrics, 'refused'>;
}

/** Critical notifications are taken until the backlog is this much larger, and the free disk this much smaller. */
const FOR_CRITICAL = 2;
const LOOK_EVERY_MS = 1_000;
/** What others have accepted meanwhile is known so soon. */
const COUNT_SHARED_EVERY_MS = 3_000;
const MB = 1024 * 1024;
const RETRY_AFTER_S = { in_flight: 1, pending: 5, disk: 30 } as const;

type Reason = keyof typeof RETRY_AFTER_S;

/** Refuses sends with 429 before memory or disk run out. What was accepted goes on. */
export class Door {
	private readonly options: DoorOptions;
	private readonly room: Room;
	private free: number | undefined;
	private lookedAt = -Infinity;
	private countedAt = -Infinity;

	constructor(options: DoorOptions) {
		this.options = options;
		const { max_requests, max_request_mb } = options.settings;
		this.room = new Room({ requests: max_requests, bytes: max_request_mb * MB }, options.keys > 1);
	}

	/** Looks at disk and backlog for the first time. */
	async open(): Promise<void> {
		await Promise.all([this.measureDisk(), this.count()]);
	}

	/** Gives requests to routes that take sends their place, from their headers to the end of their answer. */
	guard(app: App): void {
		app.decorateRequest('place');
		app.addHook('onRequest', async (request, reply) => {
			if (!request.routeOptions.config.takesSends) return;
			const place = this.room.enter(request.apiKey.name);
			if (!place) throw this.full();
			request.place = place;
			reply.raw.once('close', () => place.leave());
		});
	}

	/** Counts what has come of a body. Throws a 429 when there is no room for it. */
	readonly counted = (request: FastifyRequest): OnBytes => {
		if (!request.routeOptions.config.takesSends) return () => undefined;
		return (bytes) => {
			if (!request.place.grow(bytes)) throw this.full();
		};
	};

	/** Throws a 429 when nothing more can be kept. */
	admit(priority: Notification['priority'], place: Pick<Place, 'isForCritical'>): void {
		if (place.isForCritical && priority !== 'critical') throw this.full();
		const { settings, clock, backlog, isShared } = this.options;
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
		const isFull = backlog.mostDeliveries >= settings.max_pending * factor;
		const countEveryMs = isFull ? LOOK_EVERY_MS : isShared ? COUNT_SHARED_EVERY_MS : Infinity;
		if (Math.abs(now - this.countedAt) >= countEveryMs) void this.count(isFull ? 'soon' : 'usual');
		if (isFull) {
			const waiting = `${backlog.mostDeliveries} deliveries are waiting, which is the most`;
			throw this.refusal('pending', waiting);
		}
	}

	/** So many deliveries are waiting more than before. */
	took(deliveries: number): void {
		const { backlog, settings } = this.options;
		backlog.took(deliveries);
		// Counting costs as much as there is: only when it could matter.
		if (backlog.mostDeliveries >= settings.max_pending) void this.count();
	}

	private full(): Problem {
		return this.refusal('in_flight', 'Too many sends are being received at this moment');
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

	private async count(rest?: Parameters<BacklogCount['recent']>[0]): Promise<void> {
		const { backlog, clock, log } = this.options;
		this.countedAt = clock.now();
		await backlog
			.recent(rest)
			.catch((err: unknown) => log.error({ err }, 'the backlog cannot be counted'));
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
