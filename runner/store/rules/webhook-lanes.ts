import type { EndpointGate } from '@sureping/engine';
import type { Endpoint } from '../contract/endpoints.ts';
import type { EndpointGates } from '../contract/limits.ts';
import type { DueWebhooks, WebhookTarget } from '../contract/webhooks.ts';
import type { ReadWebhook } from '../rows/webhook.ts';

/** A bigger event goes alone. */
const MOST_BATCH_BYTES = 512 * 1024;
/** Two, so that new events do not wait for the answer to the batch before them. */
const MOST_BATCHES_UNDER_WAY = 2;

/** What shares the room for requests under way: an endpoint, or a host that callbacks are at, whatever their ports. */
export function laneOf(to: WebhookTarget): string {
	return 'endpoint' in to ? to.endpoint.id : new URL(to.callback.url).hostname;
}

/** When a new webhook delivery is due; undefined while its endpoint is disabled, for which it is held. */
export function firstDueAt(to: WebhookTarget, now: number): number | undefined {
	if (!('endpoint' in to)) return now;
	const { status, batch } = to.endpoint;
	return status === 'disabled' ? undefined : now + (batch?.maxWaitMs ?? 0);
}

/**
 * How many more requests a lane may have under way. It may have as many as are still free, so that one whose endpoint
 * hangs leaves half of all for the others, two leave a third, and none is ever left without.
 */
function laneRoom(free: number, underWay: number, endpoint?: Endpoint): number {
	return endpoint?.batch
		? Math.min(free, MOST_BATCHES_UNDER_WAY - underWay)
		: Math.ceil((free - underWay) / 2);
}

/**
 * One request's worth of what waits, from number `first` on; `next` is where the one after it starts. `read` gives a
 * row's webhook, or undefined where it cannot be sent: such a row is passed over.
 */
export function composeRequest<R extends { readonly mostTogether: number | undefined }>(
	rows: readonly R[],
	first: number,
	largest: number,
	read: (row: R) => ReadWebhook | undefined,
	onTaken: (row: R) => void,
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

/** Of an endpoint that is disabled. */
export const SHUT: EndpointGate = { most: 0, opensAt: Infinity };

/** Of the room that one claim divides. */
export interface RequestRoom {
	readonly free: number;
	/** Requests, by lane. */
	readonly underWay: ReadonlyMap<string, number>;
}

/** All lanes of callbacks. */
const CALLBACKS = '';

/**
 * How many requests to each endpoint one claim may still let through, and how many callbacks. Those have half of all room
 * together: who may send can name as many hosts as he likes.
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

	/** How many more requests a lane may have under way, while others of its bound are `planned`. */
	roomFor(lane: string, free: number, underWay: number, planned = 0): number {
		const left = this.left(lane) - planned;
		const endpoint = this.endpoints.get(lane);
		return endpoint
			? Math.min(left, laneRoom(free, underWay, endpoint))
			: laneRoom(Math.min(free, left), underWay);
	}

	/** What a lane shares its bound with. */
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

	/** So many requests start now. */
	count(lane: string, requests: number): void {
		this.most.set(this.boundOf(lane), this.left(lane) - requests);
		const endpoint = this.endpoints.get(lane);
		for (let i = 0; endpoint && i < requests; i++) this.gates?.started(endpoint);
	}

	/** The gates know more than when they were asked. */
	askAgain(lanes: Iterable<string>): void {
		for (const lane of lanes) this.most.delete(lane);
	}
}
