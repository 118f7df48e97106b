import type { DeliveryGates } from '../../contract/limits.ts';
import type { DueDelivery } from '../../contract/deliveries.ts';
import { DeliveryShares, type Pass, PASSES } from '../../rules/delivery-shares.ts';
import type { Broken } from '../../rows/broken-row.ts';
import { optionalNumber } from '../../rows/columns.ts';
import { PRIORITIES, toWaiting, WAITING, type WaitingDelivery } from '../../rows/delivery.ts';
import { ClaimedRows } from '../db/claimed-rows.ts';
import type { SharedConnectionLimits } from '../db/shared-connection-limits.ts';
import type { Database, Sql } from '../db/database.ts';
import type { Leases } from '../db/leases.ts';
import { LIMITS, sharedTime } from '../db/shared-limits.ts';
import { readRecords } from '../notifications/rows.ts';

/** Deliveries through one connection, with one priority. The lane '' holds the waits for reports, which no limit is about. */
interface Queue {
	readonly lane: string;
	readonly priority: number;
	/** The first due time of those that nobody works on. */
	readonly due: number;
}

/** What may be taken from a queue. */
interface Share {
	readonly queue: Queue;
	readonly most: number;
	/** How many due rows are taken to choose from, and how many of those whose policy ends. */
	readonly due: number;
	readonly last: number;
}

interface Taken {
	readonly share: Share;
	readonly rows: readonly WaitingDelivery[];
}

interface Claim {
	readonly lane: string;
	/** It counts as an attempt of its connection. */
	readonly isAttempt: boolean;
	/** Its connection's pause lasts too long for it. */
	readonly isTooLate: boolean;
	/** Its outcome is stored, and its row nobody's. */
	hasEnded: boolean;
}

const CRITICAL = PRIORITIES.indexOf('critical');
/** Taken beyond what may start, for those whose recipient may be written to now. */
const LOOKED_AT = 256;

const COLUMNS = WAITING.map((column) => `d.${column}`).join(', ');

export interface DeliveryClaimsOptions {
	readonly database: Database;
	readonly leases: Leases;
	readonly gates: DeliveryGates;
	readonly limits: SharedConnectionLimits;
	now(): number;
}

/** The deliveries that this process works on, and which it takes next. */
export class DeliveryClaims {
	private readonly database: Database;
	private readonly leases: Leases;
	private readonly gates: DeliveryGates;
	private readonly shares = new DeliveryShares();
	private readonly limits: SharedConnectionLimits;
	private readonly now: () => number;
	private readonly rows: ClaimedRows;
	private readonly claims = new Map<string, Claim>();
	private readonly underWay = new Map<string, number>();

	constructor({ database, leases, gates, limits, now }: DeliveryClaimsOptions) {
		this.database = database;
		this.leases = leases;
		this.gates = gates;
		this.limits = limits;
		this.now = now;
		this.rows = new ClaimedRows({
			database,
			leases,
			table: 'deliveries',
			isKnown: (id) => this.claims.has(id),
		});
	}

	/**
	 * Takes up to `limit`: first what has expired, the reports that did not come, and what cannot wait for a pause to end,
	 * then critical deliveries, then the others, each time the same number of every connection: see `DeliveryShares`. What is
	 * `broken` is to be put aside.
	 */
	take(
		now: number,
		limit: number,
	): Promise<{ readonly taken: readonly DueDelivery[]; readonly broken: readonly Broken[] }> {
		return this.rows.claim(async () => {
			const rows: WaitingDelivery[] = [];
			try {
				await this.limits.storeNews();
				await this.takeDue(now, limit, rows);
				const read = await this.read(rows, now);
				this.leases.confirm();
				return read;
			} catch (error) {
				for (const { id } of rows) this.release(id);
				throw error;
			}
		});
	}

	/** Puts into `rows` what it has taken as soon as it has. */
	private async takeDue(now: number, limit: number, rows: WaitingDelivery[]): Promise<void> {
		rows.push(...(await this.takeExpired(now, limit)));
		const queues = rows.length < limit ? await this.queues() : [];
		rows.push(...(await this.takeTooLate(queues, now, limit - rows.length)));
		this.shares.begin(queues, now);
		for (const pass of PASSES) {
			let ready = queues
				.filter((queue) => queue.priority === pass.priority && this.isReady(queue, now))
				.sort((a, b) => a.due - b.due);
			while (ready.length > 0 && rows.length < limit) {
				const shares = this.share(ready, pass, limit - rows.length, now);
				if (shares.length === 0) break;
				const chosen = await this.takeAll(shares, now, rows);
				ready = chosen
					.filter((one) => one.rows.length === one.share.most)
					.map(({ share }) => share.queue);
			}
		}
	}

	/** The attempt ended, and its claim with it, in the transaction that stored its outcome. */
	ended(deliveryId: string): void {
		const claim = this.claims.get(deliveryId);
		if (claim) claim.hasEnded = true;
	}

	release(deliveryId: string): void {
		const claim = this.forget(deliveryId);
		if (claim && !claim.hasEnded) this.rows.giveBack([deliveryId]);
	}

	/** The first time after `time` at which something is to be done that nobody works on. */
	async nextAt(time: number): Promise<number | undefined> {
		const queues = await this.queues();
		const times = queues.flatMap(({ lane, due }) => {
			const opensAt = lane === '' ? 0 : this.gates.nextAt(lane, time);
			const at = Math.max(due, opensAt);
			if (at > time) return at;
			// What is let through and was not taken waits for the end of an attempt, if there is one.
			return (this.underWay.get(lane) ?? 0) > 0 ? [] : time + 1;
		});
		const shut = queues
			.map(({ lane }) => lane)
			.filter((lane) => lane !== '' && this.keepsToPolicy(lane, time));
		const [row] = await this.database.rows(
			`SELECT (SELECT min(expires_at) FROM sureping.deliveries
				WHERE expires_at > $1::bigint AND owner IS NULL) AS expires_at,
			 (SELECT min(l.last_at) FROM unnest($2::text[]) AS u (lane), unnest($3::integer[]) AS p (priority),
				LATERAL (SELECT min(last_at) AS last_at FROM sureping.deliveries d
					WHERE last_at IS NOT NULL AND owner IS NULL AND d.lane = u.lane
					AND d.priority = p.priority AND last_at > $1::bigint) l) AS last_at`,
			[time, shut, [...PRIORITIES.keys()]],
		);
		const next = Math.min(
			...times,
			optionalNumber(row?.expires_at) ?? Infinity,
			optionalNumber(row?.last_at) ?? Infinity,
		);
		return next === Infinity ? undefined : next;
	}

	/** Whether what waits for it may have to end before it opens. */
	private keepsToPolicy(lane: string, now: number): boolean {
		const { which, tooLate } = this.gates.opening(lane, now);
		return which !== 'due' || tooLate !== undefined;
	}

	private forget(deliveryId: string): Claim | undefined {
		const claim = this.claims.get(deliveryId);
		if (!claim) return undefined;
		this.claims.delete(deliveryId);
		this.underWay.set(claim.lane, (this.underWay.get(claim.lane) ?? 1) - 1);
		if (claim.isAttempt) this.gates.end(claim.lane, deliveryId);
		return claim;
	}

	/** Every lane and priority with something that can be taken, each found by one step in the index. */
	private async queues(): Promise<readonly Queue[]> {
		const first = (more: string): string =>
			`SELECT lane, priority, due_at FROM sureping.deliveries d
			 WHERE due_at IS NOT NULL AND owner IS NULL ${more} ORDER BY lane, priority, due_at LIMIT 1`;
		const rows = await this.database.rows(
			`WITH RECURSIVE queues AS (
				(${first('')})
				UNION ALL
				SELECT n.lane, n.priority, n.due_at FROM queues q,
				LATERAL (${first('AND (d.lane, d.priority) > (q.lane, q.priority)')}) n
			 ) SELECT q.lane, q.priority, q.due_at, ${LIMITS}, ${sharedTime(1)} AS now
			 FROM queues q LEFT JOIN sureping.connection_limits l ON l.lane = q.lane`,
			[this.limits.rows.sharedNow],
		);
		this.limits.rows.adopt(rows, this.now());
		return rows.map(({ lane, priority, due_at }) => ({
			lane: String(lane),
			priority: Number(priority),
			due: Number(due_at),
		}));
	}

	private isReady({ lane, due }: Queue, now: number): boolean {
		return due <= now || (lane !== '' && this.gates.opening(lane, now).which !== 'due');
	}

	private share(ready: readonly Queue[], pass: Pass, free: number, now: number): readonly Share[] {
		const each = Math.max(1, Math.floor(free / ready.length));
		let left = free;
		return ready.flatMap((queue): Share[] => {
			const most = Math.min(each, left, this.roomFor(queue, pass, left, now));
			if (most <= 0) return [];
			left -= most;
			return [this.shareOf(queue, most, now)];
		});
	}

	private shareOf(queue: Queue, most: number, now: number): Share {
		const { lane } = queue;
		const which = lane === '' ? 'due' : this.gates.opening(lane, now).which;
		const more = this.gates.limitsRecipients(lane) ? LOOKED_AT : 0;
		const due = { due: most + more, probe: 1 + more, last: 0 }[which];
		return { queue, most, due, last: which === 'due' ? 0 : most };
	}

	private roomFor(queue: Queue, pass: Pass, free: number, now: number): number {
		const { lane } = queue;
		if (lane === '') return free;
		const { room, which } = this.gates.opening(lane, now);
		const underWay = this.underWay.get(lane) ?? 0;
		return this.shares.roomFor(queue, pass, { free, underWay, room, isDown: which !== 'due' });
	}

	/** Those that wait for an attempt although their notification has expired. */
	private async takeExpired(now: number, limit: number): Promise<readonly WaitingDelivery[]> {
		const rows = await this.database.rows(
			`WITH taken AS MATERIALIZED (
				SELECT id FROM sureping.deliveries
				WHERE expires_at IS NOT NULL AND owner IS NULL AND expires_at <= $1::bigint
				ORDER BY expires_at LIMIT $2::integer FOR UPDATE SKIP LOCKED
			 )
			 UPDATE sureping.deliveries d SET owner = $3 WHERE d.id = ANY (ARRAY(SELECT id FROM taken))
			 RETURNING ${COLUMNS}`,
			[now, limit, this.leases.owner],
		);
		return this.claim(rows.map(toWaiting), false, now);
	}

	/** Those whose last attempt a pause would make too late. */
	private async takeTooLate(
		queues: readonly Queue[],
		now: number,
		limit: number,
	): Promise<readonly WaitingDelivery[]> {
		const paused = queues.flatMap(({ lane, priority }) => {
			// What is left of a pause is told by the time that it is now, however long the claim has waited for the database.
			const { tooLate } = lane === '' ? {} : this.gates.opening(lane, this.now());
			return tooLate === undefined ? [] : [{ lane, priority, tooLate }];
		});
		if (paused.length === 0 || limit <= 0) return [];
		const rows = await this.database.rows(
			`WITH taken AS MATERIALIZED (
				SELECT d.id FROM unnest($1::text[], $2::integer[], $3::bigint[]) AS u (lane, priority, at),
				LATERAL (
					SELECT id FROM sureping.deliveries d
					WHERE last_at IS NOT NULL AND owner IS NULL AND d.lane = u.lane
					AND d.priority = u.priority AND last_at <= u.at AND due_at <= u.at
					ORDER BY last_at LIMIT $4::integer FOR UPDATE SKIP LOCKED
				) d LIMIT $4::integer
			 )
			 UPDATE sureping.deliveries d SET owner = $5 WHERE d.id = ANY (ARRAY(SELECT id FROM taken))
			 RETURNING ${COLUMNS}`,
			[
				paused.map(({ lane }) => lane),
				paused.map(({ priority }) => priority),
				paused.map(({ tooLate }) => tooLate),
				limit,
				this.leases.owner,
			],
		);
		return this.claim(rows.map(toWaiting), false, now, true);
	}

	/** Lanes with shared limits are claimed while their rows are locked; the others need no lock. */
	private async takeAll(
		shares: readonly Share[],
		now: number,
		rows: WaitingDelivery[],
	): Promise<readonly Taken[]> {
		const [counted = [], free = []] = [true, false].map((isShared) =>
			shares.filter((share) => this.isShared(share) === isShared),
		);
		const taken: Taken[] = [];
		const add = (some: readonly Taken[]): void => {
			taken.push(...some);
			rows.push(...some.flatMap((one) => one.rows));
		};
		if (free.length > 0) add(await this.takeShares(this.database, free, now));
		if (counted.length > 0) add(await this.takeShared(counted, now));
		return taken;
	}

	/**
	 * What is taken only to be looked at has our mark in a transaction alone: whoever cancels it meanwhile would take it for
	 * sent.
	 */
	private isShared({ queue: { lane }, due, last, most }: Share): boolean {
		return lane !== '' && (this.gates.isShared(lane) || due + last > most);
	}

	private async takeShared(shares: readonly Share[], now: number): Promise<readonly Taken[]> {
		const claimed: string[] = [];
		const undo = (): void => {
			for (const id of claimed.splice(0)) this.forget(id);
		};
		const lanes = shares.map(({ queue }) => queue.lane);
		try {
			return await this.limits.rows.whileLocked(lanes, this.now, async (sql, aheadMs) => {
				undo();
				const open = shares.flatMap(({ queue, most }) => {
					const room = Math.min(most, this.gates.opening(queue.lane, this.now()).room);
					return room > 0 ? [this.shareOf(queue, room, now)] : [];
				});
				if (open.length === 0) return [];
				const taken = await this.takeShares(sql, open, now, (recipients) =>
					this.limits.adoptRecipients(sql, recipients, aheadMs),
				);
				claimed.push(...taken.flatMap(({ rows }) => rows.map(({ id }) => id)));
				const limited = open.map(({ queue }) => queue.lane);
				this.limits.storeRecipients(
					sql,
					limited.filter((lane) => this.gates.limitsRecipients(lane)),
					aheadMs,
				);
				return taken;
			});
		} catch (error) {
			// Whether it was committed is not known.
			const ids = [...claimed];
			undo();
			this.rows.giveBack(ids);
			throw error;
		}
	}

	/**
	 * Rows are claimed by an array of their ids: of a join the planner thinks that it will find a tenth of what there is, as
	 * it does not know the limit, and reads the whole table for it.
	 */
	private async takeShares(
		sql: Sql,
		shares: readonly Share[],
		now: number,
		adoptRecipients?: (keys: ReadonlyMap<string, ReadonlySet<string>>) => Promise<void>,
	): Promise<readonly Taken[]> {
		const taken = (at: 'due_at' | 'last_at', most: string): string =>
			`SELECT d.id FROM unnest($1::text[], $2::integer[], $3::integer[], $4::integer[])
				AS u (lane, priority, due, last),
			 LATERAL (
				SELECT id FROM sureping.deliveries d
				WHERE ${at} IS NOT NULL AND owner IS NULL AND d.lane = u.lane AND d.priority = u.priority
				AND ${at} <= $5::bigint ORDER BY ${at} LIMIT ${most} FOR UPDATE SKIP LOCKED
			 ) d`;
		const rows = await sql.rows(
			`WITH due AS MATERIALIZED (${taken('due_at', 'u.due')}),
			 last AS MATERIALIZED (${taken('last_at', 'u.last')}),
			 taken AS (SELECT id FROM last UNION SELECT id FROM due)
			 UPDATE sureping.deliveries d SET owner = $6 WHERE d.id = ANY (ARRAY(SELECT id FROM taken))
			 RETURNING ${COLUMNS}, d.id = ANY (ARRAY(SELECT id FROM last)) AS is_last`,
			[
				shares.map(({ queue }) => queue.lane),
				shares.map(({ queue }) => queue.priority),
				shares.map(({ due }) => due),
				shares.map(({ last }) => last),
				now,
				this.leases.owner,
			],
		);
		const lasts = new Set(rows.filter(({ is_last }) => is_last).map(({ id }) => String(id)));
		const found = Map.groupBy(rows.map(toWaiting), ({ lane, priority }) => `${priority} ${lane}`);
		await adoptRecipients?.(this.recipientsOf(shares, [...found.values()].flat()));
		const unused: WaitingDelivery[] = [];
		const later: WaitingDelivery[] = [];
		const chosen = shares.map((share) => {
			const { lane, priority } = share.queue;
			const own = (found.get(`${priority} ${lane}`) ?? []).sort(
				(a, b) => Number(lasts.has(b.id)) - Number(lasts.has(a.id)) || a.dueAt - b.dueAt,
			);
			const first: WaitingDelivery[] = [];
			for (const row of own) {
				const at = lasts.has(row.id) ? undefined : this.reserve(row, now);
				if (at !== undefined) later.push({ ...row, dueAt: at, reservedFor: at });
				else if (first.length < share.most) first.push(row);
				else unused.push(row);
			}
			return { share, rows: first };
		});
		await this.putBack(sql, [...unused, ...later]);
		return chosen.map(({ share, rows: some }) => ({
			share,
			rows: this.claim(some, share.queue.lane !== '', now),
		}));
	}

	/** Reserves a slot once: when its time has come, the delivery is not asked about again. */
	private reserve(
		{ lane, priority, recipient, reservedFor }: WaitingDelivery,
		now: number,
	): number | undefined {
		if (lane === '' || reservedFor !== undefined) return undefined;
		return this.gates.reserve(lane, recipient, priority === CRITICAL, now);
	}

	/** Recipients without a slot yet, by lane; holds every lane that limits recipients, some without any. */
	private recipientsOf(
		shares: readonly Share[],
		rows: readonly WaitingDelivery[],
	): ReadonlyMap<string, ReadonlySet<string>> {
		const lanes = shares.map(({ queue }) => queue.lane);
		const keys = new Map(
			lanes
				.filter((lane) => this.gates.limitsRecipients(lane))
				.map((lane) => [lane, new Set<string>()]),
		);
		for (const { lane, recipient, priority, reservedFor } of rows) {
			if (reservedFor !== undefined) continue;
			keys.get(lane)?.add(this.gates.recipientKey(recipient, priority === CRITICAL));
		}
		return keys;
	}

	/** Gives back rows that were claimed to choose from and not chosen; some have a slot now. */
	private async putBack(sql: Sql, rows: readonly WaitingDelivery[]): Promise<void> {
		if (rows.length === 0) return;
		await sql.rows(
			`UPDATE sureping.deliveries d SET owner = NULL, due_at = u.due_at, turn_at = u.turn_at
			 FROM unnest($1::text[], $2::bigint[], $3::bigint[]) AS u (id, due_at, turn_at)
			 WHERE d.id = u.id AND d.owner = $4 AND d.due_at IS NOT NULL`,
			[
				rows.map(({ id }) => id),
				rows.map(({ dueAt }) => dueAt),
				rows.map(({ reservedFor }) => reservedFor ?? null),
				this.leases.owner,
			],
		);
	}

	/** What this process still works on although its lease ran out meanwhile is its own again, and not given out anew. */
	private claim(
		rows: readonly WaitingDelivery[],
		isAttempt: boolean,
		now: number,
		isTooLate = false,
	): readonly WaitingDelivery[] {
		const taken = rows.filter(({ id }) => !this.claims.has(id));
		this.rows.keep(taken.map(({ id }) => id));
		for (const { id, lane, priority } of taken) {
			this.claims.set(id, { lane, isAttempt, isTooLate, hasEnded: false });
			this.underWay.set(lane, (this.underWay.get(lane) ?? 0) + 1);
			if (!isAttempt) continue;
			this.gates.start(lane, id, now);
			this.shares.started(lane, priority);
		}
		return taken;
	}

	private async read(
		rows: readonly WaitingDelivery[],
		now: number,
	): Promise<{ readonly taken: readonly DueDelivery[]; readonly broken: readonly Broken[] }> {
		if (rows.length === 0) return { taken: [], broken: [] };
		const ids = [...new Set(rows.map(({ notificationId }) => notificationId))];
		const { records, broken } = await readRecords(this.database, ids);
		const errors = new Map(broken.map(({ id, error }) => [id, error]));
		const taken: DueDelivery[] = [];
		const unreadable: Broken[] = [];
		for (const { id, notificationId, lane, dueAt } of rows) {
			const record = records.get(notificationId);
			if (record) {
				const { isAttempt = false, isTooLate = false } = this.claims.get(id) ?? {};
				const heldMs = isAttempt ? this.gates.heldFor(lane, dueAt, now) : 0;
				taken.push({ notification: record.notification, deliveryId: id, heldMs, isTooLate });
			} else {
				const error = errors.get(notificationId) ?? new Error('Its notification is not there');
				unreadable.push({ id, error });
			}
		}
		return { taken, broken: unreadable };
	}
}
