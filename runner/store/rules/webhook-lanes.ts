import type { EndpointGate } from '@sureping/engine';
import type { Endpoint } from '../contract/endpoints.ts';
import type { EndpointGates } from '../contract/limits.ts';
import type { NamedTarget, WebhookTarget } from '../contract/webhooks.ts';

/** Two, so that new events do not wait for the answer to the batch before them. */
const MOST_BATCHES_UNDER_WAY = 2;

/** The lane of a webhook delivery: its endpoint, or for a callback the host, whatever its port. */
export function laneOf(to: NamedTarget): string {
	return 'endpoint' in to ? to.endpoint.id : new URL(to.callback.url).hostname;
}

/** Due time of a new webhook delivery; undefined if it is held because its endpoint is disabled. */
export function firstDueAt(to: WebhookTarget, now: number): number | undefined {
	if (!('endpoint' in to)) return now;
	const { status, batch } = to.endpoint;
	return status === 'disabled' ? undefined : now + (batch?.maxWaitMs ?? 0);
}

/** A webhook delivery that an event makes owed, before it has an id. */
export interface NewWebhook {
	readonly to: WebhookTarget;
	readonly lane: string;
	/** Undefined if it is held. */
	readonly dueAt: number | undefined;
}

export const newWebhook = (to: WebhookTarget, now: number): NewWebhook => ({
	to,
	lane: laneOf(to),
	dueAt: firstDueAt(to, now),
});

/**
 * Requests that a lane may still start. It may have at most as many under way as stay free: one endpoint that hangs leaves
 * half of the room to the others, two leave a third, and some room always stays free. With batches it may have two.
 */
function laneRoom(free: number, underWay: number, endpoint?: Endpoint): number {
	return endpoint?.batch
		? Math.min(free, MOST_BATCHES_UNDER_WAY - underWay)
		: Math.ceil((free - underWay) / 2);
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
	/** All endpoints, by id. */
	readonly endpoints: ReadonlyMap<string, Endpoint>;
	private readonly gates: EndpointGates | undefined;
	private readonly most = new Map<string, number>();

	constructor(
		endpoints: readonly Endpoint[],
		gates: EndpointGates | undefined,
		{ free, underWay }: RequestRoom,
	) {
		this.endpoints = new Map(endpoints.map((endpoint) => [endpoint.id, endpoint]));
		this.gates = gates;
		let all = free;
		let callbacks = 0;
		for (const [lane, count] of underWay) {
			all += count;
			if (!this.endpoints.has(lane)) callbacks += count;
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
