import type { Throughput } from './webhook-lanes.ts';

/** Requests to take from a queue. */
export interface WebhookShare<Queue> {
	readonly queue: Queue;
	readonly requests: number;
}

/** Divides the `free` room among the queues. `underWay`: requests by lane. */
export function divided<Queue extends { readonly lane: string }>(
	queues: readonly Queue[],
	free: number,
	underWay: ReadonlyMap<string, number>,
	through: Throughput,
): readonly WebhookShare<Queue>[] {
	const most = Math.max(1, Math.floor(free / queues.length));
	const planned = new Map<string, number>();
	let left = free;
	return queues.flatMap((queue) => {
		const { lane } = queue;
		const busy = (underWay.get(lane) ?? 0) + (planned.get(lane) ?? 0);
		const bound = through.boundOf(lane);
		const requests = Math.min(most, through.roomFor(lane, left, busy, planned.get(bound)));
		if (requests <= 0) return [];
		left -= requests;
		for (const key of new Set([lane, bound])) planned.set(key, (planned.get(key) ?? 0) + requests);
		return [{ queue, requests }];
	});
}

/** The shares, cut to what the gates of their endpoints let through. */
export function withinGates<Queue extends { readonly lane: string }>(
	shares: readonly WebhookShare<Queue>[],
	through: Throughput,
): readonly WebhookShare<Queue>[] {
	const planned = new Map<string, number>();
	return shares.flatMap(({ queue, requests }) => {
		const before = planned.get(queue.lane) ?? 0;
		const most = Math.min(requests, through.left(queue.lane) - before);
		if (most <= 0) return [];
		planned.set(queue.lane, before + most);
		return [{ queue, requests: most }];
	});
}
