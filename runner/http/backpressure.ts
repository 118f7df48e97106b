import type { Notification } from '@sureping/engine';
import type { Logger } from 'pino';
import type { BacklogCount } from '../backlog-count.ts';
import type { Timers } from '../clock.ts';
import type { BackpressureSettings } from '../config/settings/index.ts';
import type { Metrics } from '../metrics/index.ts';
import type { FastifyRequest } from 'fastify';
import type { App } from './app.ts';
import { Problem } from './problem.ts';
import type { OnBytes } from './body/read-body.ts';
import { type Reservation, InFlightBudget } from './in-flight-budget.ts';

export interface BackpressureOptions {
	readonly settings: BackpressureSettings;
	readonly backlog: BacklogCount;
	/** Other processes accept sends into the same store. */
	readonly isShared: boolean;
	/** Number of API keys that share the budget for requests in flight. */
	readonly keys: number;
	/** Free bytes on the file system of the store; undefined if that is not known. */
	readonly freeBytes: () => Promise<number | undefined>;
	readonly clock: Pick<Timers, 'now'>;
	readonly log: Logger;
	readonly metrics: Pick<Metrics, 'refused'>;
}

/** Critical notifications are accepted up to this many times the backlog, and down to this part of the free disk. */
const FOR_CRITICAL = 2;
/** Interval at which the disk is measured, and a backlog that refuses sends is counted. */
const MEASURE_EVERY_MS = 1_000;
/** Interval at which a backlog that other processes add to is counted. */
const COUNT_SHARED_EVERY_MS = 3_000;
const MB = 1024 * 1024;
const RETRY_AFTER_S = { in_flight: 1, pending: 5, disk: 30 } as const;

type Reason = keyof typeof RETRY_AFTER_S;

/** Refuses sends with 429 before memory or disk run out, so that accepted ones can be delivered. */
export class Backpressure {
	private readonly options: BackpressureOptions;
	private readonly budget: InFlightBudget;
	private free: number | undefined;
	private measuredAt = -Infinity;
	private countedAt = -Infinity;

	constructor(options: BackpressureOptions) {
		this.options = options;
		const { max_requests, max_request_mb } = options.settings;
		this.budget = new InFlightBudget(
			{ requests: max_requests, bytes: max_request_mb * MB },
			options.keys > 1,
		);
	}

	/** Measures disk and backlog for the first time. */
	async open(): Promise<void> {
		await Promise.all([this.measureDisk(), this.count()]);
	}

	/** Makes requests to routes that take sends hold a reservation, from their headers to the end of their answer. */
	guard(app: App): void {
		app.decorateRequest('reservation');
		app.addHook('onRequest', (request, reply, done) => {
			if (!request.routeOptions.config.takesSends) return done();
			const reservation = this.budget.reserve(request.apiKey.name);
			if (!reservation) throw this.full();
			request.reservation = reservation;
			reply.raw.once('close', () => reservation.release());
			done();
		});
	}

	/** Counts the bytes of a body as they arrive. Throws a 429 when there is no room for them. */
	readonly counted = (request: FastifyRequest): OnBytes => {
		if (!request.routeOptions.config.takesSends) return () => undefined;
		return (bytes) => {
			if (!request.reservation.grow(bytes)) throw this.full();
		};
	};

	/** Throws a 429 when nothing more can be stored. */
	admit(priority: Notification['priority'], reservation: Pick<Reservation, 'isForCritical'>): void {
		if (reservation.isForCritical && priority !== 'critical') throw this.full();
		const { settings, clock, backlog, isShared } = this.options;
		const factor = priority === 'critical' ? FOR_CRITICAL : 1;
		const now = clock.now();
		if (Math.abs(now - this.measuredAt) >= MEASURE_EVERY_MS) void this.measureDisk();
		if (this.free !== undefined && this.free < (settings.min_free_disk_mb * MB) / factor) {
			const free = `${Math.floor(this.free / MB)} MB`;
			throw this.refusal(
				'disk',
				`The disk has ${free} left, and ${settings.min_free_disk_mb} MB are kept free`,
			);
		}
		const isFull = backlog.mostDeliveries >= settings.max_pending * factor;
		const countEveryMs = isFull ? MEASURE_EVERY_MS : isShared ? COUNT_SHARED_EVERY_MS : Infinity;
		if (Math.abs(now - this.countedAt) >= countEveryMs) void this.count(isFull ? 'soon' : 'usual');
		if (isFull) {
			const waiting = `${backlog.mostDeliveries} deliveries are pending, which is the limit`;
			throw this.refusal('pending', waiting);
		}
	}

	/** Adds deliveries that were accepted to the estimated backlog. */
	countAccepted(deliveries: number): void {
		const { backlog, settings } = this.options;
		backlog.add(deliveries);
		// Counting a large backlog is slow, so it is done only where the result could refuse a send.
		if (backlog.mostDeliveries >= settings.max_pending) void this.count();
	}

	private full(): Problem {
		return this.refusal('in_flight', 'Too many sends are in flight');
	}

	private refusal(reason: Reason, detail: string): Problem {
		this.options.metrics.refused.inc({ reason });
		const headers = { 'retry-after': String(RETRY_AFTER_S[reason]) };
		return new Problem(429, detail, [], { reason }, headers);
	}

	private async measureDisk(): Promise<void> {
		this.measuredAt = this.options.clock.now();
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
