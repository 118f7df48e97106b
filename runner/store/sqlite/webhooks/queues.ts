import type { EndpointGate } from '@sureping/engine';
import type { Endpoint } from '../../contract/endpoints.ts';
import type { Statements } from '../db/statements.ts';
import type { FreshWebhook, FreshWebhooks } from './fresh.ts';
import { nextQueue, type WaitingRow, waitingRows } from './rows.ts';

/**
 * Webhook deliveries to one endpoint, or to the callbacks at one host, that were tried equally often. So retries and
 * new deliveries never share a request, and an answer gives all of its request the same wait.
 */
export interface Queue {
	readonly lane: string;
	readonly tries: number;
	/** At the latest the first due time of the free rows; fresh ones are not among them. */
	due: number;
	/** At least the number of free rows. */
	waiting: number;
	/** Rows that are claimed. */
	claimed: number;
}

/**
 * The queues in which webhook deliveries wait, with rows or fresh. The rows are the truth; this remembers where to look for
 * them, so that a claim costs the same whatever waits elsewhere. A wrong hint, as after a transaction that was rolled back,
 * costs one look.
 */
export class WebhookQueues {
	private readonly sql: Statements;
	private readonly fresh: FreshWebhooks;
	private readonly isClaimed: (id: string) => boolean;
	private readonly queues = new Map<string, Queue>();

	constructor(sql: Statements, fresh: FreshWebhooks, isClaimed: (id: string) => boolean) {
		this.sql = sql;
		this.fresh = fresh;
		this.isClaimed = isClaimed;
		this.find();
	}

	get all(): readonly Queue[] {
		return [...this.queues.values()];
	}

	/** True while rows wait in a lane that were not tried yet. */
	hasRows(lane: string): boolean {
		return (this.queues.get(keyOf(lane, 0))?.waiting ?? 0) > 0;
	}

	/** The first due time after `time` in a lane that is not shut. */
	nextDue(time: number, shut: ReadonlyMap<string, EndpointGate>): number | undefined {
		for (;;) {
			let next: Queue | undefined;
			for (const queue of this.queues.values()) {
				const due = this.firstDue(queue);
				if (due <= time || shut.has(queue.lane)) continue;
				if (!next || due < this.firstDue(next)) next = queue;
			}
			const first = next && this.firstDue(next);
			if (!next || first === Infinity) return undefined;
			if (first !== next.due) return first;
			// The hint may be too early: its row was held, cancelled or claimed.
			const { lane, tries, claimed, due } = next;
			const rows = waitingRows(this.sql, lane, tries, claimed + 1);
			const free = rows.find((row) => this.isFree(row))?.dueAt;
			if (free === due) return due;
			next.due = free ?? Infinity;
			if (free === undefined) next.waiting = 0;
			this.dropIfEmpty(next);
		}
	}

	/** Finds all queues, or those of one lane. */
	find(only?: string): void {
		let found = nextQueue(this.sql, only ?? '', -1);
		while (found && (only === undefined || found.lane === only)) {
			const { lane, tries, dueAt } = found;
			this.expect(lane, tries, dueAt).waiting = Infinity;
			found = nextQueue(this.sql, lane, tries);
		}
	}

	/** A webhook delivery is due at `due`. */
	expect(lane: string, tries: number, due: number): Queue {
		const queue = this.of(lane, tries);
		queue.due = Math.min(queue.due, due);
		queue.waiting++;
		return queue;
	}

	/** The queue of a lane and a number of tries, which is made if there is none. */
	of(lane: string, tries: number): Queue {
		const key = keyOf(lane, tries);
		const known = this.queues.get(key);
		if (known) return known;
		const queue = { lane, tries, due: Infinity, waiting: 0, claimed: 0 };
		this.queues.set(key, queue);
		return queue;
	}

	/** The fresh ones of a queue. */
	freshOf({ lane, tries }: Queue): readonly FreshWebhook[] {
		return tries === 0 ? this.fresh.of(lane) : [];
	}

	/** At the latest the first due time of what waits in a queue, fresh or not. */
	firstDue(queue: Queue): number {
		return Math.min(queue.due, this.freshOf(queue)[0]?.dueAt ?? Infinity);
	}

	dropIfEmpty(queue: Queue): void {
		if (queue.claimed === 0 && queue.waiting === 0 && this.freshOf(queue).length === 0) {
			this.queues.delete(keyOf(queue.lane, queue.tries));
		}
	}

	/** No request has it, and its event is on the disk. */
	isFree({ id, position }: WaitingRow): boolean {
		return position <= this.fresh.newest && !this.isClaimed(id);
	}

	/** True when a request to the lane of the queue could be made now. */
	isReady(queue: Queue, now: number, endpoint?: Endpoint): boolean {
		if (this.firstDue(queue) <= now) return true;
		const batch = endpoint?.batch;
		if (queue.tries > 0 || batch === undefined) return false;
		return Math.max(queue.waiting, this.freshOf(queue).length) >= batch.maxEvents;
	}
}

const keyOf = (lane: string, tries: number): string => `${tries} ${lane}`;
