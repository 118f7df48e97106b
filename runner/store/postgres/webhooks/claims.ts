import type { WebhookDelivery } from '@sureping/engine';
import { optionalNumber, type Row } from '../../rows/columns.ts';
import type { AboutRules } from '../../rows/event.ts';
import { type ReadWebhook, toDueWebhook } from '../../rows/webhook.ts';
import type { Endpoint } from '../../contract/endpoints.ts';
import type { EndpointGates } from '../../contract/limits.ts';
import type { DueWebhooks } from '../../contract/webhooks.ts';
import type { Broken } from '../../rows/broken-row.ts';
import {
	batching,
	composeRequests,
	RequestsUnderWay,
	Throughput,
} from '../../rules/webhook-lanes.ts';
import { ClaimedRows } from '../db/claimed-rows.ts';
import type { Database, Sql } from '../db/database.ts';
import type { SharedEndpointLimits } from '../db/shared-endpoint-limits.ts';
import type { Leases } from '../db/leases.ts';
import { claimDue, readDueTimes, readQueues } from './rows.ts';

/**
 * Webhook deliveries to one endpoint, or to the callbacks at one host, that were tried equally often. So retries and new
 * deliveries never share a request, and one answer means one wait for all of a request.
 */
interface Queue {
	readonly lane: string;
	readonly tries: number;
	/** The first due time of those that are not claimed. */
	readonly due: number;
	readonly endpoint: Endpoint | undefined;
}

/** Requests to take from one queue. */
interface Share {
	readonly queue: Queue;
	readonly requests: number;
}

interface Taken {
	readonly queue: Queue;
	readonly requests: readonly DueWebhooks[];
	/** Claimed and not needed: given back once the claim is committed. */
	readonly unused: readonly string[];
	readonly isMore: boolean;
}

/** A claim in progress, with everything taken so far. */
interface Claiming {
	readonly through: Throughput;
	readonly gates: EndpointGates | undefined;
	readonly due: DueWebhooks[];
	readonly broken: Broken[];
}

/** Claims of webhook deliveries. Each process shares its own room between the lanes. */
export class WebhookClaims {
	private readonly database: Database;
	private readonly rules: AboutRules;
	private readonly leases: Leases;
	private readonly limits: SharedEndpointLimits;
	private readonly rows: ClaimedRows;
	/** The request that each claimed delivery goes out with; undefined for one that cannot be read. */
	private readonly claimed = new Map<string, DueWebhooks | undefined>();
	private readonly underWay = new RequestsUnderWay<Queue>();

	constructor(database: Database, leases: Leases, limits: SharedEndpointLimits, rules: AboutRules) {
		this.database = database;
		this.rules = rules;
		this.leases = leases;
		this.limits = limits;
		this.rows = new ClaimedRows({
			database,
			leases,
			table: 'webhook_deliveries',
			isKnown: (id) => this.claimed.has(id),
		});
	}

	/**
	 * Takes up to `limit` requests' worth, each lane as many as it has room for: see `Throughput`. `broken` rows cannot be
	 * read; they are claimed too, until they are dead letters.
	 */
	take(
		now: number,
		limit: number,
		endpoints: readonly Endpoint[],
		gates?: EndpointGates,
	): Promise<{ readonly due: readonly DueWebhooks[]; readonly broken: readonly Broken[] }> {
		return this.rows.claim(async () => {
			const due: DueWebhooks[] = [];
			const broken: Broken[] = [];
			const known = new Map(endpoints.map((one) => [one.id, one]));
			const through = new Throughput(known, gates, { free: limit, underWay: this.underWay.byLane });
			try {
				let ready = await this.ready(now, endpoints);
				while (ready.length > 0 && due.length < limit) {
					const shares = this.share(ready, limit - due.length, through);
					const taken = await this.takeAll(shares, now, { due, broken, through, gates });
					ready = taken.filter(({ isMore }) => isMore).map(({ queue }) => queue);
				}
				this.leases.confirm();
				return { due, broken };
			} catch (error) {
				for (const one of due) this.release(one);
				this.giveBack(broken.map(({ id }) => id));
				throw error;
			}
		});
	}

	/** Forgets claims that ended in the transaction that stored their outcomes. */
	ended(deliveries: readonly Pick<WebhookDelivery, 'id'>[]): void {
		for (const { id } of deliveries) this.claimed.delete(id);
	}

	/** Ends a request. Deliveries that were not settled may be claimed again. */
	release(due: DueWebhooks): void {
		if (!this.underWay.end(due)) return;
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
	 * The first time after `time` at which something is due, or a gate opens before deliveries that are due already.
	 */
	async nextAt(
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
	private async ready(now: number, endpoints: readonly Endpoint[]): Promise<readonly Queue[]> {
		const known = new Map(endpoints.map((endpoint) => [endpoint.id, endpoint]));
		const batches = endpoints.flatMap(({ id, batch }) =>
			batch ? [{ lane: id, most: batch.maxEvents }] : [],
		);
		const rows = await readQueues(this.database, batches, now);
		return rows
			.filter(({ due_at, is_full }) => Number(due_at) <= now || Boolean(is_full))
			.map(({ lane, tries, due_at }) => ({
				lane: String(lane),
				tries: Number(tries),
				due: Number(due_at),
				endpoint: known.get(String(lane)),
			}))
			.filter(({ endpoint }) => endpoint?.status !== 'disabled')
			.sort((a, b) => a.due - b.due);
	}

	/** Divides the free room among the queues. */
	private share(ready: readonly Queue[], free: number, through: Throughput): readonly Share[] {
		const most = Math.max(1, Math.floor(free / ready.length));
		const planned = new Map<string, number>();
		let left = free;
		return ready.flatMap((queue) => {
			const underWay = (this.underWay.byLane.get(queue.lane) ?? 0) + (planned.get(queue.lane) ?? 0);
			const bound = through.boundOf(queue.lane);
			const open = through.roomFor(queue.lane, left, underWay, planned.get(bound));
			const requests = Math.min(most, open);
			if (requests <= 0) return [];
			left -= requests;
			for (const key of new Set([queue.lane, bound])) {
				planned.set(key, (planned.get(key) ?? 0) + requests);
			}
			return [{ queue, requests }];
		});
	}

	/** Lanes with shared limits are claimed while their rows are locked; the others need no lock. */
	private async takeAll(
		shares: readonly Share[],
		now: number,
		{ through, gates, due, broken }: Claiming,
	): Promise<readonly Taken[]> {
		const isCounted = ({ queue: { endpoint } }: Share): boolean =>
			endpoint !== undefined && gates?.isShared(endpoint) === true;
		const free = shares.filter((share) => !isCounted(share));
		const counted = shares.filter(isCounted);
		const taken: Taken[] = [];
		const add = (some: readonly Taken[]): void => {
			taken.push(...some);
			due.push(...some.flatMap(({ requests }) => requests));
			this.rows.giveBack(some.flatMap(({ unused }) => unused));
		};
		add(await this.takeShares(this.database, free, now, broken));
		for (const { queue, requests } of taken) through.count(queue.lane, requests.length);
		if (gates && counted.length > 0) {
			add(await this.takeShared(counted, now, { through, gates, broken }));
		}
		return taken;
	}

	private async takeShared(
		shares: readonly Share[],
		now: number,
		{ through, gates, broken }: Omit<Claiming, 'due'> & { readonly gates: EndpointGates },
	): Promise<readonly Taken[]> {
		const endpoints = shares.flatMap(({ queue: { endpoint } }) => endpoint ?? []);
		let claimed: readonly Taken[] = [];
		let unreadable: Broken[] = [];
		const undo = (): readonly string[] => {
			const requests = claimed.flatMap((taken) => taken.requests);
			const ids = [
				...requests.flatMap((due) => due.deliveries.map(({ delivery }) => delivery.id)),
				...unreadable.map(({ id }) => id),
			];
			for (const id of ids) this.claimed.delete(id);
			for (const due of requests) this.release(due);
			const all = [...ids, ...claimed.flatMap(({ unused }) => unused)];
			[claimed, unreadable] = [[], []];
			return all;
		};
		try {
			await this.limits.whileLocked(endpoints, gates, async (sql) => {
				undo();
				through.askAgain(endpoints.map(({ id }) => id));
				const open = withinGates(shares, through);
				claimed = await this.takeShares(sql, open, now, unreadable);
				for (const { queue, requests } of claimed) through.count(queue.lane, requests.length);
			});
		} catch (error) {
			// It may have been committed.
			this.rows.giveBack(undo());
			throw error;
		}
		broken.push(...unreadable);
		return claimed;
	}

	private async takeShares(
		sql: Sql,
		shares: readonly Share[],
		now: number,
		broken: Broken[],
	): Promise<readonly Taken[]> {
		if (shares.length === 0) return [];
		const wanted = shares.map(({ queue: { lane, tries, endpoint }, requests }) => {
			const { largest, takesAll } = batching(tries, endpoint);
			const until = takesAll ? Number.MAX_SAFE_INTEGER : now;
			return { lane, tries, until, most: requests * largest };
		});
		const rows = await claimDue(sql, wanted, this.leases.owner);
		const byQueue = Map.groupBy(
			// Rows that this process still works on, although its lease ran out, are its own again.
			rows.filter(({ id }) => !this.claimed.has(String(id))),
			({ lane, tries }) => keyOf(String(lane), Number(tries)),
		);
		return shares.map(({ queue, requests: most }) => {
			const found = byQueue.get(keyOf(queue.lane, queue.tries)) ?? [];
			const { requests, unused } = this.compose(queue, found, most, now, broken);
			return { queue, requests, unused, isMore: requests.length === most };
		});
	}

	/** Composes requests of rows from one queue; the rest is unused. */
	private compose(
		queue: Queue,
		rows: readonly Row[],
		most: number,
		now: number,
		broken: Broken[],
	): { requests: readonly DueWebhooks[]; unused: readonly string[] } {
		const { largest } = batching(queue.tries, queue.endpoint);
		const waiting = rows.map((row) => ({
			row,
			id: String(row.id),
			dueAt: Number(row.due_at ?? Infinity),
			mostTogether: optionalNumber(row.most_together ?? null),
		}));
		// Deliveries to an endpoint that is gone, or that this process does not know yet, are not sent by it.
		const unknown = new Set<string>();
		const read = ({ row, id }: { row: Row; id: string }): ReadWebhook | undefined => {
			try {
				const webhook = toDueWebhook(row, queue.endpoint, this.rules);
				if (!webhook) unknown.add(id);
				return webhook;
			} catch (error) {
				broken.push({ id, error });
				return undefined;
			}
		};
		const { requests, next } = composeRequests(
			waiting,
			{ most, largest, now },
			read,
			// Unreadable rows are claimed as well, until they are dead letters: they must not hold the others back.
			({ id }) => {
				if (!unknown.has(id)) this.claimed.set(id, undefined);
			},
		);
		for (const due of requests) {
			for (const { delivery } of due.deliveries) this.claimed.set(delivery.id, due);
			this.underWay.start(due, queue);
		}
		const ids = waiting.map(({ id }) => id);
		this.rows.keep(ids.slice(0, next));
		return { requests, unused: [...unknown, ...ids.slice(next)] };
	}
}

/** The shares, cut to what the gates of their endpoints let through. */
function withinGates(shares: readonly Share[], through: Throughput): readonly Share[] {
	const planned = new Map<string, number>();
	return shares.flatMap(({ queue, requests }) => {
		const before = planned.get(queue.lane) ?? 0;
		const most = Math.min(requests, through.left(queue.lane) - before);
		if (most <= 0) return [];
		planned.set(queue.lane, before + most);
		return [{ queue, requests: most }];
	});
}

const keyOf = (lane: string, tries: number): string => `${tries} ${lane}`;
