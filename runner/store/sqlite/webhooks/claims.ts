import type { EndpointGate, NewId, WebhookDelivery } from '@sureping/engine';
import type { Broken } from '../../rows/broken-row.ts';
import type { AboutRules } from '../../rows/event.ts';
import { webhookRow } from '../../rows/webhook.ts';
import type { Endpoint } from '../../contract/endpoints.ts';
import type { EndpointGates } from '../../contract/limits.ts';
import type { DueWebhooks } from '../../contract/webhooks.ts';
import { type NewWebhook, SHUT, Throughput } from '../../rules/webhook-lanes.ts';
import { batching, composeRequests, RequestsUnderWay } from '../../rules/webhook-requests.ts';
import type { GroupCommit } from '../db/group-commit.ts';
import type { Statements } from '../db/statements.ts';
import { type FreshWebhook, FreshWebhooks, readFresh } from './fresh.ts';
import { type Queue, WebhookQueues } from './queues.ts';
import {
	insertFresh,
	insertWebhook,
	laneOfWebhook,
	readDueWebhook,
	updateWebhook,
	waitingRows,
} from './rows.ts';

/** Of one queue: the most requests, the most deliveries in each, and the time. */
interface TakeLimits {
	readonly most: number;
	readonly largest: number;
	readonly now: number;
}

interface ClaimsOptions {
	readonly sql: Statements;
	readonly commits: GroupCommit;
	readonly newId: NewId;
	readonly about: AboutRules;
}

/**
 * Claims of webhook deliveries. They and what is fresh live in memory: after a crash everything is due again.
 */
export class WebhookClaims {
	private readonly sql: Statements;
	private readonly commits: GroupCommit;
	private readonly newId: NewId;
	private readonly rules: AboutRules;
	private readonly fresh: FreshWebhooks;
	private readonly queues: WebhookQueues;
	private readonly claims = new Map<string, Queue>();
	private readonly underWay = new RequestsUnderWay<Queue>();

	/** `position`: the newest event. Everything that is owed has a row. */
	constructor({ sql, commits, newId, about }: ClaimsOptions, position: number) {
		this.sql = sql;
		this.commits = commits;
		this.newId = newId;
		this.rules = about;
		this.fresh = new FreshWebhooks(position);
		this.queues = new WebhookQueues(sql, this.fresh, (id) => this.claims.has(id));
	}

	/** Those of an event's webhook deliveries that may stay fresh: nothing that waits in their lane is older. */
	mayStayFresh({ lane, dueAt }: NewWebhook, bytes: number): boolean {
		return dueAt !== undefined && !this.queues.hasRows(lane) && this.fresh.hasRoom(bytes);
	}

	/** Adds what an event made owed, once it is committed; `position` is that of the newest event. */
	addFresh(position: number, webhooks: readonly FreshWebhook[]): void {
		this.fresh.add(position, webhooks);
		for (const { lane } of webhooks) this.queues.of(lane, 0);
	}

	/** Writes a new webhook delivery with a row of its own; for a disabled endpoint it is held. */
	owe({ to, lane, dueAt }: NewWebhook, position: number): void {
		const id = this.newId('whd');
		insertWebhook(this.sql, webhookRow({ id, position, to, lane, dueAt }));
		if (dueAt === undefined) return;
		// Events of the same moment must not stay fresh and overtake it.
		const queue = this.queues.of(lane, 0);
		queue.waiting++;
		this.commits.onceDurable(() => {
			queue.waiting--;
			this.queues.expect(lane, 0, dueAt);
		});
	}

	/** The newest event that is on the disk: a later one is not told yet. */
	get newest(): number {
		return this.fresh.newest;
	}

	/** Webhook deliveries that have no row. */
	get freshCount(): number {
		return this.fresh.size;
	}

	/** The id of the oldest of them. */
	get oldestFresh(): string | undefined {
		return this.fresh.oldest?.id;
	}

	/** Some webhook delivery has been fresh for so long that it should get a row. */
	get isFarBehind(): boolean {
		return this.fresh.isFarBehind;
	}

	/**
	 * Gives every fresh webhook delivery a row, or those of one lane, in a transaction of the caller's, before another rule
	 * reads or changes the rows. `most`: of the oldest no more than these.
	 */
	store(lane?: string, most = Infinity): void {
		const all = this.fresh.all(lane);
		const fresh = all.slice(0, most);
		for (const webhook of fresh) insertFresh(this.sql, webhook);
		if (lane === undefined && fresh.length === all.length) this.noteSettled(this.fresh.newest);
		if (fresh.length === 0) return;
		this.commits.onceDurable(() => {
			for (const { id, lane: its, dueAt } of fresh) {
				this.fresh.drop(id);
				if (!this.claims.has(id)) this.queues.expect(its, 0, dueAt);
			}
			this.fresh.dropWaiting(new Set(fresh.map(({ id }) => id)));
		});
	}

	/** Now and then stores from where on events are to be looked at after a crash, in a transaction of the caller's. */
	notePosition(): void {
		const position = this.fresh.toNote();
		if (position !== undefined) this.noteSettled(position);
	}

	private noteSettled(position: number): void {
		if (position === this.fresh.noted) return;
		this.sql.run`UPDATE feed SET settled_position = ${position} WHERE id = 1`;
		this.commits.onceDurable(() => (this.fresh.noted = position));
	}

	/**
	 * Takes up to `limit` requests' worth, each lane as many as it has room for: see `Throughput`. `broken` are rows that
	 * cannot be read; they are claimed too, until `forget`.
	 */
	claim(
		now: number,
		limit: number,
		endpoints: readonly Endpoint[],
		gates?: EndpointGates,
	): { readonly due: readonly DueWebhooks[]; readonly broken: readonly Broken[] } {
		const claimed: DueWebhooks[] = [];
		const broken: Broken[] = [];
		const { byLane } = this.underWay;
		const through = new Throughput(endpoints, gates, { free: limit, underWay: byLane });
		const known = through.endpoints;
		let ready = this.queues.all
			.filter((queue) => this.queues.isReady(queue, now, known.get(queue.lane)))
			.filter(({ lane }) => through.left(lane) > 0)
			.sort((a, b) => a.due - b.due);
		while (ready.length > 0 && claimed.length < limit) {
			const share = Math.max(1, Math.floor((limit - claimed.length) / ready.length));
			ready = ready.filter((queue) => {
				const endpoint = known.get(queue.lane);
				const free = limit - claimed.length;
				const room = Math.min(
					share,
					through.roomFor(queue.lane, free, byLane.get(queue.lane) ?? 0),
				);
				const taken = room > 0 ? this.take(queue, now, room, endpoint, broken) : [];
				through.count(queue.lane, taken.length);
				claimed.push(...taken);
				return taken.length > 0 && this.queues.isReady(queue, now, endpoint);
			});
		}
		return { due: claimed, broken };
	}

	/** Stores the outcomes of requests; call `settled` once that is committed. */
	settle(deliveries: readonly WebhookDelivery[]): void {
		for (const delivery of deliveries) {
			const fresh = this.fresh.get(delivery.id);
			if (!fresh || !insertFresh(this.sql, fresh, delivery)) updateWebhook(this.sql, delivery);
		}
	}

	/**
	 * Drops the claims of deliveries whose outcomes were stored, and notes when they are due again. Not earlier: a search that
	 * comes between the commit and this passes over them, as they are still claimed.
	 */
	settled(deliveries: readonly WebhookDelivery[]): void {
		for (const { id, state, attempts, dueAt } of deliveries) {
			const lane = this.claims.get(id)?.lane ?? laneOfWebhook(this.sql, id);
			this.forget([{ id }]);
			if (state === 'pending' && dueAt !== undefined && lane !== undefined) {
				this.queues.expect(lane, attempts.length, dueAt);
			}
		}
	}

	/** Drops the claims of deliveries that were settled or became dead letters. */
	forget(deliveries: readonly Pick<WebhookDelivery, 'id'>[]): void {
		for (const { id } of deliveries) {
			this.fresh.drop(id);
			this.unclaim(id);
		}
	}

	/** The request has ended. What was not settled may be claimed again. */
	release(due: DueWebhooks): void {
		const queue = this.underWay.end(due);
		if (!queue) return;
		const { lane, tries } = queue;
		const fresh: FreshWebhook[] = [];
		for (const { delivery } of due.deliveries) {
			if (!this.claims.has(delivery.id)) continue;
			const one = this.fresh.get(delivery.id);
			if (one) fresh.push(one);
			else this.queues.expect(lane, tries, delivery.dueAt ?? 0);
		}
		this.fresh.giveBack(fresh);
		for (const { delivery } of due.deliveries) this.unclaim(delivery.id);
	}

	/**
	 * The first time after `time` at which something is due, or a gate opens before deliveries that are due already.
	 */
	nextAt(
		time: number,
		endpoints: readonly Endpoint[] = [],
		gates?: EndpointGates,
	): number | undefined {
		const shut = this.shutLanes(endpoints, gates);
		const known = new Set(endpoints.map(({ id }) => id));
		let opens = Infinity;
		for (const queue of this.queues.all) {
			const { lane, claimed } = queue;
			const due = this.queues.firstDue(queue);
			const { opensAt = Infinity } = shut.get(lane) ?? {};
			if (due < Infinity && opensAt > time) opens = Math.min(opens, Math.max(due, opensAt));
			// It is due and was not taken: its gate opened after the claim.
			const isFree = known.has(lane) && !shut.has(lane) && claimed === 0;
			if (isFree && due <= time && !this.underWay.byLane.has(lane)) opens = time + 1;
		}
		const next = this.queues.nextDue(time, shut) ?? Infinity;
		const first = Math.min(opens, next);
		return first === Infinity ? undefined : first;
	}

	private shutLanes(
		endpoints: readonly Endpoint[],
		gates: EndpointGates | undefined,
	): ReadonlyMap<string, EndpointGate> {
		const lanes = new Set(this.queues.all.map(({ lane }) => lane));
		return new Map(
			endpoints.flatMap((endpoint) => {
				if (!lanes.has(endpoint.id)) return [];
				// Its webhook deliveries are about to be held.
				if (endpoint.status === 'disabled') return [[endpoint.id, SHUT] as const];
				const gate = gates?.of(endpoint);
				return gate?.most === 0 ? [[endpoint.id, gate] as const] : [];
			}),
		);
	}

	/** A webhook delivery is due at `due`. */
	expect(lane: string, tries: number, due: number): void {
		this.queues.expect(lane, tries, due);
	}

	/** Finds the queues of a lane, whose rows another rule has changed. */
	findQueues(lane: string): void {
		this.queues.find(lane);
	}

	private unclaim(id: string): boolean {
		const queue = this.claims.get(id);
		if (!queue) return false;
		this.claims.delete(id);
		queue.claimed--;
		this.queues.dropIfEmpty(queue);
		return true;
	}

	/** Up to `most` requests from one queue. */
	private take(
		queue: Queue,
		now: number,
		most: number,
		endpoint: Endpoint | undefined,
		broken: Broken[],
	): readonly DueWebhooks[] {
		const { tries } = queue;
		const { largest, takesAll } = batching(tries, endpoint);
		const limits = { most, largest, now };
		const fresh = this.queues.freshOf(queue);
		const isFreshFirst = (fresh[0]?.dueAt ?? Infinity) <= queue.due;
		const first = isFreshFirst ? this.takeFresh(queue, fresh, limits, endpoint) : [];
		if (first.length > 0) return first;
		const rest = this.takeRows(queue, { ...limits, takesAll }, endpoint, broken);
		if (rest.length > 0 || isFreshFirst) return rest;
		return this.takeFresh(queue, fresh, limits, endpoint);
	}

	private takeRows(
		queue: Queue,
		{ most, largest, now, takesAll }: TakeLimits & { readonly takesAll: boolean },
		endpoint: Endpoint | undefined,
		broken: Broken[],
	): readonly DueWebhooks[] {
		const { lane, tries } = queue;
		const limit = queue.claimed + most * largest + 1;
		const rows = waitingRows(this.sql, lane, tries, limit);
		const free = rows.filter((row) => this.queues.isFree(row));
		const ripe = takesAll && free.length >= largest ? free : free.filter((r) => r.dueAt <= now);
		const candidates = ripe.length > 0 && takesAll ? free : ripe;

		const { requests } = composeRequests(
			candidates,
			{ most, largest, now },
			({ id }) => this.read(id, endpoint, broken),
			({ id }) => {
				// Unreadable rows are claimed as well, until they are dead letters: they must not keep the others back.
				this.claims.set(id, queue);
				queue.claimed++;
			},
		);
		for (const due of requests) this.underWay.start(due, queue);
		const rest = free.filter((row) => this.queues.isFree(row));
		const isAll = rows.length < limit;
		// Rows that were not read are due no earlier than the last that was.
		queue.due = rest[0]?.dueAt ?? (isAll ? Infinity : (rows.at(-1)?.dueAt ?? Infinity));
		queue.waiting = isAll ? rest.length : Infinity;
		this.queues.dropIfEmpty(queue);
		return requests;
	}

	private takeFresh(
		queue: Queue,
		fresh: readonly FreshWebhook[],
		limits: TakeLimits,
		endpoint: Endpoint | undefined,
	): readonly DueWebhooks[] {
		const { largest, most, now } = limits;
		const first = fresh.slice(0, most * largest);
		// Part of a batch is sent when its first event is due, together with those that are not due yet.
		const candidates = endpoint?.batch ? first : first.filter(({ dueAt }) => dueAt <= now);
		const { requests, next } = composeRequests(
			candidates,
			limits,
			(webhook) => readFresh(webhook, endpoint),
			({ id }) => {
				this.claims.set(id, queue);
				queue.claimed++;
			},
		);
		this.fresh.take(queue.lane, next);
		for (const due of requests) this.underWay.start(due, queue);
		return requests;
	}

	private read(
		id: string,
		endpoint: Endpoint | undefined,
		broken: Broken[],
	): ReturnType<typeof readDueWebhook> {
		try {
			return readDueWebhook(this.sql, id, endpoint, this.rules);
		} catch (error) {
			broken.push({ id, error });
			return undefined;
		}
	}
}
