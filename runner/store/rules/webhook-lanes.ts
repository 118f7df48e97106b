import type { EndpointGate } from '@sureping/engine';
import type { Endpoint } from '../contract/endpoints.ts';
import type { EndpointGates } from '../contract/limits.ts';
import type { DueWebhooks, WebhookTarget } from '../contract/webhooks.ts';
import type { ReadWebhook } from '../rows/webhook.ts';

/** A bigger event goes alone. */
const MOST_BATCH_BYTES = 512 * 1024;
/** Two, so that new events do not wait for the answer to the batch before them. */
const MOST_BATCHES_UNDER_WAY = 2;

/** The lane of a webhook delivery: its endpoint, or for a callback the host, whatever its port. */
export function laneOf(to: WebhookTarget): string {
	return 'endpoint' in to ? to.endpoint.id : new URL(to.callback.url).hostname;
}

/** Due time of a new webhook delivery; undefined if it is held because its endpoint is disabled. */
export function firstDueAt(to: WebhookTarget, now: number): number | undefined {
	if (!('endpoint' in to)) return now;
	const { status, batch } = to.endpoint;
	return status === 'disabled' ? undefined : now + (batch?.maxWaitMs ?? 0);
}

/** Batching of one queue: the most deliveries in a request, and if a request may take deliveries that are not due yet. */
export function batching(
	tries: number,
	endpoint: Endpoint | undefined,
): { readonly largest: number; readonly takesAll: boolean } {
	const batch = endpoint?.batch;
	return { largest: batch?.maxEvents ?? 1, takesAll: tries === 0 && batch !== undefined };
}

/**
 * Requests that a lane may still start. It may have at most as many under way as stay free: one endpoint that hangs leaves
 * half of the room to the others, two leave a third, and some room always stays free. With batches it may have two.
 */
function laneRoom(free: number, underWay: number, endpoint?: Endpoint): number {
	return endpoint?.batch
		? Math.min(free, MOST_BATCHES_UNDER_WAY - underWay)
		: Math.ceil((free - underWay) / 2);
}

/** The fields of a waiting webhook delivery that composing requests needs. */
export interface WaitingWebhook {
	readonly id: string;
	readonly dueAt: number;
	/** Most deliveries in a request with this one. */
	readonly mostTogether: number | undefined;
}

/**
 * Composes up to `most` requests of what waits in one queue. A request is sent once its first delivery is due, or once it
 * holds `largest` deliveries. `read` returns undefined for a delivery that cannot be sent; such a one is passed over.
 * `next` is the number of the first row that was not taken.
 */
export function composeRequests<W extends WaitingWebhook>(
	rows: readonly W[],
	{ most, largest, now }: { readonly most: number; readonly largest: number; readonly now: number },
	read: (row: W) => ReadWebhook | undefined,
	onTaken: (row: W) => void,
): { readonly requests: readonly DueWebhooks[]; readonly next: number } {
	const requests: DueWebhooks[] = [];
	let next = 0;
	while (requests.length < most && next < rows.length) {
		const isFull = rows.length - next >= largest;
		const isDue = (rows[next]?.dueAt ?? Infinity) <= now;
		if (!isFull && !isDue) break;
		const request = composeRequest(rows, next, largest, read, onTaken);
		next = request.next;
		if (request.due) requests.push(request.due);
	}
	return { requests, next };
}

function composeRequest<W extends WaitingWebhook>(
	rows: readonly W[],
	first: number,
	largest: number,
	read: (row: W) => ReadWebhook | undefined,
	onTaken: (row: W) => void,
): { due?: DueWebhooks; next: number } {
	const deliveries: DueWebhooks['deliveries'][number][] = [];
	let to: WebhookTarget | undefined;
	let most = largest;
	let bytes = 0;
	let next = first;
	for (; next < rows.length; next++) {
		const row = rows[next];
		most = Math.min(most, row?.mostTogether ?? largest);
		if (!row || deliveries.length >= most) break;
		const webhook = read(row);
		if (webhook && deliveries.length > 0 && bytes + webhook.bytes > MOST_BATCH_BYTES) break;
		onTaken(row);
		if (!webhook) continue;
		to ??= webhook.to;
		bytes += webhook.bytes;
		deliveries.push({ delivery: webhook.delivery, event: webhook.event });
	}
	return to ? { due: { to, deliveries }, next } : { next };
}

/** The gate of a disabled endpoint. */
export const SHUT: EndpointGate = { most: 0, opensAt: Infinity };

/** The room that one claim divides. */
export interface RequestRoom {
	readonly free: number;
	/** Requests under way, by lane. */
	readonly underWay: ReadonlyMap<string, number>;
}

/** The key of the bound that all lanes of callbacks share. */
const CALLBACKS = '';

/**
 * Counts the requests that one claim may still start, by endpoint. Callbacks share one bound, half of all room, since a
 * caller can name as many hosts as it likes.
 */
export class Throughput {
	private readonly endpoints: ReadonlyMap<string, Endpoint>;
	private readonly gates: EndpointGates | undefined;
	private readonly most = new Map<string, number>();

	constructor(
		endpoints: ReadonlyMap<string, Endpoint>,
		gates: EndpointGates | undefined,
		{ free, underWay }: RequestRoom,
	) {
		this.endpoints = endpoints;
		this.gates = gates;
		let all = free;
		let callbacks = 0;
		for (const [lane, count] of underWay) {
			all += count;
			if (!endpoints.has(lane)) callbacks += count;
		}
		this.most.set(CALLBACKS, Math.max(0, Math.ceil(all / 2) - callbacks));
	}

	/** Requests that a lane may still start, besides the `planned` ones of all lanes with the same bound. */
	roomFor(lane: string, free: number, underWay: number, planned = 0): number {
		const left = this.left(lane) - planned;
		const endpoint = this.endpoints.get(lane);
		return endpoint
			? Math.min(left, laneRoom(free, underWay, endpoint))
			: laneRoom(Math.min(free, left), underWay);
	}

	/** The bound of a lane: its own, or the one that callbacks share. */
	boundOf(lane: string): string {
		return this.endpoints.has(lane) ? lane : CALLBACKS;
	}

	left(lane: string): number {
		const known = this.most.get(this.boundOf(lane));
		if (known !== undefined) return known;
		const endpoint = this.endpoints.get(lane);
		const gate = endpoint?.status === 'disabled' ? SHUT : endpoint && this.gates?.of(endpoint);
		const most = gate?.most ?? Infinity;
		this.most.set(lane, most);
		return most;
	}

	/** Counts requests that start now. */
	count(lane: string, requests: number): void {
		this.most.set(this.boundOf(lane), this.left(lane) - requests);
		const endpoint = this.endpoints.get(lane);
		for (let i = 0; endpoint && i < requests; i++) this.gates?.started(endpoint);
	}

	/** Asks the gates of these lanes again, with their newer state. */
	askAgain(lanes: Iterable<string>): void {
		for (const lane of lanes) this.most.delete(lane);
	}
}

/** Requests under way, with the queue that each came from. */
export class RequestsUnderWay<Queue extends { readonly lane: string }> {
	private readonly queues = new Map<DueWebhooks, Queue>();
	private readonly counts = new Map<string, number>();

	/** The number of requests, by lane. */
	get byLane(): ReadonlyMap<string, number> {
		return this.counts;
	}

	start(due: DueWebhooks, queue: Queue): void {
		this.queues.set(due, queue);
		this.counts.set(queue.lane, (this.counts.get(queue.lane) ?? 0) + 1);
	}

	/** The queue of a request that ends; undefined if it was not under way. */
	end(due: DueWebhooks): Queue | undefined {
		const queue = this.queues.get(due);
		if (!queue) return undefined;
		this.queues.delete(due);
		const left = (this.counts.get(queue.lane) ?? 1) - 1;
		if (left > 0) this.counts.set(queue.lane, left);
		else this.counts.delete(queue.lane);
		return queue;
	}
}
