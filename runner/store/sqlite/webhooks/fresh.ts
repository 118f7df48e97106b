import type { WebhookDelivery, WebhookEvent } from '@sureping/engine';
import type { Endpoint } from '../../contract/endpoints.ts';
import type { WebhookTarget } from '../../contract/webhooks.ts';
import type { ReadWebhook, WaitingWebhook } from '../../rows/webhook.ts';

/** A webhook delivery without a row of its own: its event's row says that it is owed. */
export interface FreshWebhook extends WaitingWebhook {
	/** The position of its event. */
	readonly position: number;
	readonly lane: string;
	/** As it was when the event was published: of an endpoint, only the id still counts. */
	readonly to: WebhookTarget;
	/** The event as it is sent, with the text of its notification. */
	readonly event: WebhookEvent;
	/** The approximate size of the event. */
	readonly bytes: number;
}

/** Bounds for what is kept in memory; beyond them, a webhook delivery gets a row at once. */
const MOST_KEPT = 10_000;
const MOST_BYTES = 32 * 1024 * 1024;

/** Events between two notes of the position up to which nothing is fresh: after a crash, so many more are looked at. */
const NOTED_EVERY = 1_000;
/** Events behind the newest at which what is still fresh gets a row, so that a restart looks at no more than these. */
const MOST_BEHIND = 50_000;

/**
 * Webhook deliveries that are committed and were not tried yet. Most are acknowledged at the first attempt and so are
 * written once, when they end. The others get a row when they have to wait, and all of them when their rows are about to be
 * read or changed by another rule. After a crash, `settledPosition` says from where on events tell what is owed.
 */
export class FreshWebhooks {
	private readonly waiting = new Map<string, FreshWebhook[]>();
	/** Waiting and under way, in the order of their events. */
	private readonly unsettled = new Map<string, FreshWebhook>();
	private bytes = 0;
	/** The newest event that is on the disk. */
	newest: number;
	/** The settled position that is stored. */
	noted: number;

	/** `position`: the newest event, at a moment when nothing is fresh. */
	constructor(position: number) {
		this.newest = position;
		this.noted = position;
	}

	/** Those that wait, of one lane: the first due first, of those due together in the order of their events. */
	of(lane: string): readonly FreshWebhook[] {
		return this.waiting.get(lane) ?? [];
	}

	get size(): number {
		return this.unsettled.size;
	}

	/** Waiting and under way, in the order of their events; of one lane, or all. */
	all(lane?: string): readonly FreshWebhook[] {
		const all = [...this.unsettled.values()];
		return lane === undefined ? all : all.filter((one) => one.lane === lane);
	}

	get(id: string): FreshWebhook | undefined {
		return this.unsettled.get(id);
	}

	/** True while there is room for one more event of this size. */
	hasRoom(bytes: number): boolean {
		return this.unsettled.size < MOST_KEPT && this.bytes + bytes <= MOST_BYTES;
	}

	/** Events up to this position are committed, and of the newest ones these webhook deliveries are owed. */
	add(position: number, webhooks: readonly FreshWebhook[]): void {
		this.newest = position;
		for (const webhook of webhooks) {
			this.unsettled.set(webhook.id, webhook);
			this.bytes += webhook.bytes;
			this.wait(webhook);
		}
	}

	/** The first `count` of a lane are under way. */
	take(lane: string, count: number): void {
		const waiting = this.waiting.get(lane);
		if (!waiting) return;
		if (count >= waiting.length) this.waiting.delete(lane);
		else waiting.splice(0, count);
	}

	/** Webhook deliveries that were under way wait again. */
	giveBack(webhooks: readonly FreshWebhook[]): void {
		for (const webhook of webhooks) this.wait(webhook);
	}

	/** Puts it behind those that are due as early, or earlier: mostly at the end. */
	private wait(webhook: FreshWebhook): void {
		const lane = this.waiting.get(webhook.lane) ?? [];
		const place = lane.findLastIndex(
			({ dueAt, position }) =>
				dueAt < webhook.dueAt || (dueAt === webhook.dueAt && position <= webhook.position),
		);
		lane.splice(place + 1, 0, webhook);
		this.waiting.set(webhook.lane, lane);
	}

	/** It has a row now, or ended. */
	drop(id: string): void {
		const webhook = this.unsettled.get(id);
		if (!webhook) return;
		this.unsettled.delete(id);
		this.bytes -= webhook.bytes;
	}

	/** These have rows now and wait there. Others of their lanes, which reached the disk meanwhile, stay. */
	dropWaiting(stored: ReadonlySet<string>): void {
		for (const [lane, waiting] of this.waiting) {
			const left = waiting.filter(({ id }) => !stored.has(id));
			if (left.length > 0) this.waiting.set(lane, left);
			else this.waiting.delete(lane);
		}
	}

	/** The one of the oldest event, waiting or under way. */
	get oldest(): FreshWebhook | undefined {
		return this.unsettled.values().next().value;
	}

	/** Every webhook delivery of an event up to this position has a row or ended. */
	get settledPosition(): number {
		return this.oldest ? this.oldest.position - 1 : this.newest;
	}

	/** The settled position, when it is time to store it. */
	toNote(): number | undefined {
		const position = this.settledPosition;
		return position - this.noted >= NOTED_EVERY ? position : undefined;
	}

	/** Some have waited or are under way for very long. */
	get isFarBehind(): boolean {
		return this.newest - this.settledPosition > MOST_BEHIND;
	}
}

/** A fresh webhook delivery as a request takes it; undefined if its endpoint is gone. */
export function readFresh(
	{ id, dueAt, to, event, bytes }: FreshWebhook,
	endpoint: Endpoint | undefined,
): ReadWebhook | undefined {
	const delivery: WebhookDelivery = { id, state: 'pending', attempts: [], dueAt };
	if ('callback' in to) return { delivery, event, bytes, to };
	return endpoint && { delivery, event, bytes, to: { endpoint } };
}
