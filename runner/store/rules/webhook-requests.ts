import type { Endpoint } from '../contract/endpoints.ts';
import type { DueWebhooks, WebhookTarget } from '../contract/webhooks.ts';
import type { Broken } from '../rows/broken-row.ts';
import type { Row } from '../rows/columns.ts';
import type { AboutRules } from '../rows/event.ts';
import {
	type ReadWebhook,
	toDueWebhook,
	toWaitingWebhook,
	type WaitingWebhook,
} from '../rows/webhook.ts';

/** A bigger event goes alone. */
const MOST_BATCH_BYTES = 512 * 1024;

/** Batching of one queue: the most deliveries in a request, and if a request may take deliveries that are not due yet. */
export function batching(
	tries: number,
	endpoint: Endpoint | undefined,
): { readonly largest: number; readonly takesAll: boolean } {
	const batch = endpoint?.batch;
	return { largest: batch?.maxEvents ?? 1, takesAll: tries === 0 && batch !== undefined };
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

/** Requests composed of rows. */
export interface ComposedRequests {
	readonly requests: readonly DueWebhooks[];
	readonly broken: readonly Broken[];
	/** Ids of rows that are not needed, or whose endpoint is gone or not known to this process yet. */
	readonly unused: readonly string[];
}

/** `composeRequests` of rows with the columns of `toDueWebhook`. */
export function composeOfRows(
	rows: readonly Row[],
	limits: Parameters<typeof composeRequests>[1],
	endpoint: Endpoint | undefined,
	rules: AboutRules,
): ComposedRequests {
	const broken: Broken[] = [];
	const unknown: string[] = [];
	const waiting = rows.map((row) => ({ row, ...toWaitingWebhook(row) }));
	const read = ({ row, id }: { row: Row; id: string }): ReadWebhook | undefined => {
		try {
			const webhook = toDueWebhook(row, endpoint, rules);
			if (!webhook) unknown.push(id);
			return webhook;
		} catch (error) {
			broken.push({ id, error });
			return undefined;
		}
	};
	const { requests, next } = composeRequests(waiting, limits, read, () => undefined);
	return { requests, broken, unused: [...unknown, ...waiting.slice(next).map(({ id }) => id)] };
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
