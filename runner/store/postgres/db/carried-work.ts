import type { Leases } from './leases.ts';

/** Work of one kind that a transaction both makes due and claims for its process. */
export interface CarriedItem {
	/** The row's id. */
	readonly id: string;
	readonly lane: string;
	/** Approximate size in memory, in bytes. */
	readonly bytes: number;
}

/** Size of what waits of one kind, in bytes. */
const MOST_BYTES = 32 * 1024 * 1024;

interface Carried<Item> {
	readonly item: Item;
	/** The term of the lease in which it was claimed. */
	readonly term: number;
	isCommitted: boolean;
}

/**
 * Work that this process makes due and claims in one transaction, and starts from memory once that is committed: it is
 * neither claimed by a statement of its own nor read back. Its number and its size are bounded, so it starts soon. After
 * a crash its claims end with the lease, as any do.
 */
export class CarriedWork<Item extends CarriedItem> {
	private readonly leases: Pick<Leases, 'isHeld' | 'term'>;
	private readonly most: number;
	private readonly items = new Map<string, Carried<Item>>();
	private readonly lanes = new Map<string, number>();
	private bytes = 0;

	/** At most `most` items, of which one lane has half. */
	constructor(leases: Pick<Leases, 'isHeld' | 'term'>, most: number) {
		this.leases = leases;
		this.most = most;
	}

	has(id: string): boolean {
		return this.items.has(id);
	}

	/** Takes an item that a transaction is about to write as this process's; false where there is no room for it. */
	reserve(item: Item): boolean {
		const inLane = this.lanes.get(item.lane) ?? 0;
		const isFull = this.items.size >= this.most || inLane >= this.most / 2;
		const isLarge = this.bytes + item.bytes > MOST_BYTES;
		if (isFull || isLarge || !this.leases.isHeld) return false;
		this.lanes.set(item.lane, inLane + 1);
		this.bytes += item.bytes;
		this.items.set(item.id, { item, term: this.leases.term, isCommitted: false });
		return true;
	}

	/** Makes reserved items ready to start, when their transaction is committed. */
	commit(ids: Iterable<string>): void {
		for (const id of ids) {
			const carried = this.items.get(id);
			if (carried) carried.isCommitted = true;
		}
	}

	/** Forgets items, whose transaction failed or may have. */
	cancel(ids: Iterable<string>): void {
		for (const id of ids) this.forget(id);
	}

	/** The items that wait to start. */
	waiting(): readonly Item[] {
		const ready = [...this.items.values()].filter(({ isCommitted }) => isCommitted);
		return ready.map(({ item }) => item);
	}

	/** Takes out committed items that have not started, and returns their ids. */
	recall(isWanted: (item: Item) => boolean): readonly string[] {
		return this.offer((item) => (isWanted(item) ? 'refused' : 'waits'));
	}

	/**
	 * Offers the items that are ready to `start`, in their order. One that it starts is taken out; so is one that it refuses,
	 * or that another process may have by now: the ids of those are returned. The others wait.
	 */
	offer(start: (item: Item) => 'started' | 'refused' | 'waits'): readonly string[] {
		const left: string[] = [];
		for (const [id, { item, term, isCommitted }] of this.items) {
			if (!isCommitted) continue;
			const result = term === this.leases.term ? start(item) : 'refused';
			if (result !== 'waits') this.forget(id);
			if (result === 'refused') left.push(id);
		}
		return left;
	}

	private forget(id: string): void {
		const carried = this.items.get(id);
		if (!carried) return;
		this.items.delete(id);
		const { lane, bytes } = carried.item;
		this.bytes -= bytes;
		const left = (this.lanes.get(lane) ?? 1) - 1;
		if (left > 0) this.lanes.set(lane, left);
		else this.lanes.delete(lane);
	}
}
