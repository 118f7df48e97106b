import type { WebhookDelivery, WebhookEvent } from '@sureping/engine';
import type { Endpoint } from '../../contract/endpoints.ts';
import type { EndpointGates } from '../../contract/limits.ts';
import type { DueWebhooks, WebhookTarget } from '../../contract/webhooks.ts';
import type { Broken } from '../../rows/broken-row.ts';
import { optionalNumber } from '../../rows/columns.ts';
import type { AboutRules } from '../../rows/event.ts';
import { laneOf, Throughput } from '../../rules/webhook-lanes.ts';
import {
	batching,
	type ComposedRequests,
	composeOfRows,
	RequestsUnderWay,
} from '../../rules/webhook-requests.ts';
import { divided, type WebhookShare, withinGates } from '../../rules/webhook-shares.ts';
import { CarriedWork } from '../db/carried-work.ts';
import { ClaimedRows } from '../db/claimed-rows.ts';
import type { Database, Sql } from '../db/database.ts';
import { DueLooks } from '../db/due-looks.ts';
import type { Leases } from '../db/leases.ts';
import type { SharedEndpointLimits } from '../db/shared-endpoint-limits.ts';
import type { WorkSignals } from '../db/work-signals.ts';
import { claimDue, readDueTimes, readQueues } from './rows.ts';

/**
 * Webhook deliveries to one endpoint, or to the callbacks at one host, that were tried equally often. So retries and
 * new deliveries never share a request, and an answer gives all deliveries of its request the same wait.
 */
interface Queue {
	readonly lane: string;
	readonly tries: number;
	/** The first due time of those that are not claimed. */
	readonly due: number;
	readonly endpoint: Endpoint | undefined;
}

type Share = WebhookShare<Queue>;

/** A webhook delivery that the transaction which publishes its event claims as well. */
export interface CarriedWebhook {
	readonly id: string;
	readonly lane: string;
	readonly dueAt: number;
	readonly to: WebhookTarget;
	readonly event: WebhookEvent;
	readonly bytes: number;
}

/** Requests from one queue; `unused` rows are given back once the claim is committed. */
interface Taken extends ComposedRequests {
	readonly queue: Queue;
	readonly isMore: boolean;
}

/** A claim in progress, with everything taken so far. */
interface Claiming {
	readonly now: number;
	readonly through: Throughput;
	readonly gates: EndpointGates | undefined;
	readonly due: DueWebhooks[];
	readonly broken: Broken[];
}

/** Webhook deliveries that wait in memory. */
const MOST_CARRIED = 1_024;

export interface WebhookClaimsOptions {
	readonly database: Database;
	readonly leases: Leases;
	readonly limits: SharedEndpointLimits;
	/** The parts of a notification's text that its events repeat. */
	readonly rules: AboutRules;
	readonly signals: Pick<WorkSignals, 'isWorker' | 'onDue'>;
}

/** Claims of webhook deliveries. Each process shares its own room between the lanes. */
export class WebhookClaims {
	private readonly database: Database;
	private readonly rules: AboutRules;
	private readonly leases: Leases;
	private readonly limits: SharedEndpointLimits;
	private readonly signals: Pick<WorkSignals, 'isWorker' | 'onDue'>;
	private readonly rows: ClaimedRows;
	private readonly carried: CarriedWork<CarriedWebhook>;
	private readonly looks: DueLooks;
	/** Lanes with due webhook deliveries that the latest look left behind, or that were written unclaimed since. */
	private behind = new Set<string>();
	/** The gates of the latest claim. */
	private gates: EndpointGates | undefined;
	/** The request that each claimed delivery goes out with; undefined for one that cannot be read. */
	private readonly claimed = new Map<string, DueWebhooks | undefined>();
	private readonly underWay = new RequestsUnderWay<Queue>();

	constructor({ database, leases, limits, rules, signals }: WebhookClaimsOptions) {
		this.database = database;
		this.rules = rules;
		this.leases = leases;
		this.limits = limits;
		this.signals = signals;
		this.carried = new CarriedWork(leases, MOST_CARRIED);
		this.looks = new DueLooks(() => signals.isWorker);
		signals.onDue(this.looks.becameDue);
		this.rows = new ClaimedRows({
			database,
			leases,
			table: 'webhook_deliveries',
			isKnown: (id) => this.claimed.has(id) || this.carried.has(id),
			onReturned: this.looks.becameDue,
		});
	}

	/**
	 * Reserves the request of a webhook delivery that a transaction is about to write. True if it may write the row as this
	 * process's: it is due, and goes out alone, and nothing that waits or that its endpoint asks for stands before it.
	 * Otherwise it is claimed from the rows.
	 */
	reserve(webhook: Omit<CarriedWebhook, 'lane' | 'dueAt'>, dueAt: number | undefined): boolean {
		const { to } = webhook;
		if (dueAt === undefined || !this.signals.isWorker) return false;
		const lane = laneOf(to);
		const isFirst = !this.behind.has(lane) && (!('endpoint' in to) || this.isOpen(to.endpoint));
		if (isFirst && this.carried.reserve({ ...webhook, lane, dueAt })) return true;
		this.behind.add(lane);
		return false;
	}

	/** The transaction that wrote these reserved webhook deliveries is committed: the next claim starts them. */
	committed(ids: readonly string[]): void {
		this.carried.commit(ids);
	}

	/** The transaction that was to write these reserved webhook deliveries wrote nothing. */
	rolledBack(ids: readonly string[]): void {
		this.carried.cancel(ids);
	}

	/** The transaction that wrote these reserved webhook deliveries may be committed: its answer was lost. */
	lost(ids: readonly string[]): void {
		if (ids.length === 0) return;
		this.carried.cancel(ids);
		this.rows.giveBack(ids);
	}

	/** True if a claim has to look for due rows, and so to know the endpoints as they are now. */
	isLookNeeded(now: number): boolean {
		return this.looks.isNeeded(now);
	}

	/**
	 * Takes up to `limit` requests' worth, each lane as many as it has room for: see `Throughput`. `broken` rows cannot be
	 * read; they are claimed too, until they are dead letters. `term` is the term of the lease in which all was claimed.
	 */
	take(
		now: number,
		limit: number,
		endpoints: readonly Endpoint[],
		gates?: EndpointGates,
	): Promise<{
		readonly due: readonly DueWebhooks[];
		readonly broken: readonly Broken[];
		readonly term: number;
	}> {
		return this.rows.claim(async (term) => {
			const through = new Throughput(endpoints, gates, {
				free: limit,
				underWay: this.underWay.byLane,
			});
			const claiming: Claiming = { now, through, gates, due: [], broken: [] };
			const { due, broken } = claiming;
			this.gates = gates;
			try {
				await this.startCarried(claiming, limit);
				if (this.looks.isNeeded(now)) await this.look(claiming, limit);
				this.leases.confirm(term);
				return { due, broken, term };
			} catch (error) {
				for (const one of due) this.release(one);
				this.giveBack(broken.map(({ id }) => id));
				throw error;
			}
		});
	}

	/**
	 * Starts what committed transactions carried here. What its endpoint does not let start now goes back to the others, except
	 * for what this process still works on.
	 */
	private async startCarried({ through, due }: Claiming, limit: number): Promise<void> {
		const refused = this.carried.offer(({ id, lane, dueAt, to, event }) => {
			if (this.claimed.has(id)) return 'refused';
			const endpoint = through.endpoints.get(lane);
			if ('endpoint' in to && !(endpoint && this.isOpen(endpoint))) return 'refused';
			const underWay = this.underWay.byLane.get(lane) ?? 0;
			if (through.roomFor(lane, limit - due.length, underWay) <= 0) return 'waits';
			const delivery: WebhookDelivery = { id, state: 'pending', attempts: [], dueAt };
			const target = endpoint ? { endpoint } : to;
			const request: DueWebhooks = { to: target, deliveries: [{ delivery, event }] };
			const queue = { lane, tries: 0, due: dueAt, endpoint };
			this.start(queue, { requests: [request], broken: [], unused: [] });
			through.count(lane, 1);
			due.push(request);
			return 'started';
		});
		const left = refused.filter((id) => !this.claimed.has(id));
		if (left.length > 0) await this.rows.giveBackNow(left);
	}

	/** Its requests go out one by one, and nothing holds them back. */
	private isOpen(endpoint: Endpoint): boolean {
		const { status, batch } = endpoint;
		if (status === 'disabled' || batch || this.gates?.isShared(endpoint)) return false;
		return (this.gates?.of(endpoint)?.most ?? Infinity) === Infinity;
	}

	private async look(claiming: Claiming, limit: number): Promise<void> {
		const { now, through, due } = claiming;
		await this.looks.run(async () => {
			this.behind = new Set();
			const queues = await this.ready(now, through.endpoints);
			const emptied = new Set<Queue>();
			let ready = queues;
			while (ready.length > 0 && due.length < limit) {
				const free = limit - due.length;
				const shares = divided(ready, free, this.underWay.byLane, through);
				const taken = await this.takeAll(shares, claiming);
				for (const { queue, isMore } of taken) if (!isMore) emptied.add(queue);
				ready = taken.filter(({ isMore }) => isMore).map(({ queue }) => queue);
			}
			const left = queues.filter((queue) => !emptied.has(queue));
			for (const { lane } of left) this.behind.add(lane);
			return left.length > 0;
		});
	}

	/** Forgets claims that ended in the transaction that stored their outcomes. */
	ended(deliveries: readonly Pick<WebhookDelivery, 'id'>[]): void {
		for (const { id } of deliveries) this.claimed.delete(id);
	}

	/** Ends a request. Deliveries that were not settled may be claimed again. */
	release(due: DueWebhooks): void {
		if (!this.underWay.end(due)) return;
		this.looks.freed();
		const ids = due.deliveries.map(({ delivery }) => delivery.id);
		// Settled deliveries may have been claimed again since, for another request.
		this.giveBack(ids.filter((id) => this.claimed.get(id) === due));
	}

	/** The endpoint of a claimed webhook; undefined for a callback. */
	endpointOf(id: string): string | undefined {
		const due = this.claimed.get(id);
		return due && 'endpoint' in due.to ? due.to.endpoint.id : undefined;
	}

	/** Gives back rows that could not be added to the dead letters; they are found again. */
	giveBack(ids: readonly string[]): void {
		for (const id of ids) this.claimed.delete(id);
		this.rows.giveBack(ids);
	}

	/**
	 * The first time after `time` at which something is due, or at which a gate opens for deliveries that are due
	 * already.
	 */
	async nextAt(
		time: number,
		endpoints: () => Promise<readonly Endpoint[]>,
		gates?: EndpointGates,
	): Promise<number | undefined> {
		return await this.looks.nextAt(time, async () => this.findNext(time, await endpoints(), gates));
	}

	private async findNext(
		time: number,
		endpoints: readonly Endpoint[],
		gates?: EndpointGates,
	): Promise<number | undefined> {
		const rows = await readDueTimes(this.database, time);
		const known = new Map(endpoints.map((endpoint) => [endpoint.id, endpoint]));
		const times = rows.flatMap(({ lane, due_at, next_at }) => {
			const endpoint = known.get(String(lane));
			const gate = endpoint && gates?.of(endpoint);
			if (gate?.most !== 0) return optionalNumber(next_at) ?? [];
			return gate.opensAt > time ? Math.max(Number(due_at), gate.opensAt) : [];
		});
		const next = Math.min(...times);
		return next === Infinity ? undefined : next;
	}

	/** Queues that may be taken from, the longest due first. */
	private async ready(
		now: number,
		endpoints: ReadonlyMap<string, Endpoint>,
	): Promise<readonly Queue[]> {
		const batches = [...endpoints.values()].flatMap(({ id, batch }) =>
			batch ? [{ lane: id, most: batch.maxEvents }] : [],
		);
		const rows = await readQueues(this.database, batches, now);
		return rows
			.filter(({ due_at, is_full }) => Number(due_at) <= now || Boolean(is_full))
			.map(({ lane, tries, due_at }) => ({
				lane: String(lane),
				tries: Number(tries),
				due: Number(due_at),
				endpoint: endpoints.get(String(lane)),
			}))
			.filter(({ endpoint }) => endpoint?.status !== 'disabled')
			.sort((a, b) => a.due - b.due);
	}

	/** Lanes with shared limits are claimed while their rows are locked; the others need no lock. */
	private async takeAll(shares: readonly Share[], claiming: Claiming): Promise<readonly Taken[]> {
		const { gates, now, through, due, broken } = claiming;
		const isCounted = ({ queue: { endpoint } }: Share): boolean =>
			endpoint !== undefined && gates?.isShared(endpoint) === true;
		const free = shares.filter((share) => !isCounted(share));
		const counted = shares.filter(isCounted);
		const taken: Taken[] = [];
		const add = (some: readonly Taken[]): void => {
			taken.push(...some);
			due.push(...some.flatMap(({ requests }) => requests));
			broken.push(...some.flatMap((one) => one.broken));
			this.rows.giveBack(some.flatMap(({ unused }) => unused));
		};
		add(await this.takeShares(this.database, free, now, through));
		if (gates && counted.length > 0) add(await this.takeShared(counted, gates, claiming));
		return taken;
	}

	private async takeShared(
		shares: readonly Share[],
		gates: EndpointGates,
		{ now, through }: Claiming,
	): Promise<readonly Taken[]> {
		const endpoints = shares.flatMap(({ queue: { endpoint } }) => endpoint ?? []);
		let claimed: readonly Taken[] = [];
		const undo = (): readonly string[] => {
			const ids = claimed.flatMap(idsOf);
			for (const id of ids) this.claimed.delete(id);
			for (const due of claimed.flatMap(({ requests }) => requests)) this.underWay.end(due);
			const all = [...ids, ...claimed.flatMap(({ unused }) => unused)];
			claimed = [];
			return all;
		};
		try {
			await this.limits.whileLocked(endpoints, gates, async (sql) => {
				undo();
				through.askAgain(endpoints.map(({ id }) => id));
				claimed = await this.takeShares(sql, withinGates(shares, through), now, through);
			});
		} catch (error) {
			// It may have been committed.
			this.rows.giveBack(undo());
			throw error;
		}
		return claimed;
	}

	/** Claims rows, and composes and counts requests of them. */
	private async takeShares(
		sql: Sql,
		shares: readonly Share[],
		now: number,
		through: Throughput,
	): Promise<readonly Taken[]> {
		if (shares.length === 0) return [];
		const wanted = shares.map(({ queue: { lane, tries, endpoint }, requests }) => {
			const { largest, takesAll } = batching(tries, endpoint);
			const until = takesAll ? Number.MAX_SAFE_INTEGER : now;
			return { lane, tries, until, most: requests * largest };
		});
		const rows = await claimDue(sql, wanted, this.leases.owner);
		const byQueue = Map.groupBy(
			// After its lease ran out, this process can claim a second time rows that it still works on:
			// they are its own again.
			rows.filter(({ id }) => !this.claimed.has(String(id))),
			({ lane, tries }) => keyOf(String(lane), Number(tries)),
		);
		return shares.map(({ queue, requests: most }) => {
			const { lane, tries, endpoint } = queue;
			const { largest } = batching(tries, endpoint);
			const found = byQueue.get(keyOf(lane, tries)) ?? [];
			const composed = composeOfRows(found, { most, largest, now }, endpoint, this.rules);
			this.start(queue, composed);
			through.count(lane, composed.requests.length);
			return { queue, ...composed, isMore: composed.requests.length === most };
		});
	}

	/** Unreadable rows are claimed as well, until they are dead letters: they must not hold the others back. */
	private start(queue: Queue, composed: ComposedRequests): void {
		for (const { id } of composed.broken) this.claimed.set(id, undefined);
		for (const due of composed.requests) {
			for (const { delivery } of due.deliveries) this.claimed.set(delivery.id, due);
			this.underWay.start(due, queue);
		}
		this.rows.keep(idsOf(composed));
	}
}

/** Ids of the rows that stay claimed. */
const idsOf = ({ requests, broken }: ComposedRequests): readonly string[] => [
	...requests.flatMap(({ deliveries }) => deliveries.map(({ delivery }) => delivery.id)),
	...broken.map(({ id }) => id),
];

const keyOf = (lane: string, tries: number): string => `${tries} ${lane}`;
