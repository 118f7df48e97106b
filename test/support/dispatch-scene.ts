import {
	accept,
	type AttemptResult,
	type Delivery,
	type OwnEvent,
	type NewId,
	type Notification,
	type Plan,
	type RetryPolicy,
	settle,
	type Target,
	type Transition,
} from '@sureping/engine';

/** 2025-01-15T10:30:00.000Z. */
export const T0 = Date.UTC(2025, 0, 15, 10, 30);

/** 15 s, 60 s, 300 s and no jitter, so that due times are exact. */
export const EXACT: RetryPolicy = {
	delaysMs: [15_000, 60_000, 300_000],
	jitter: 0,
	timeoutMs: 10_000,
};
export const ONCE: RetryPolicy = { ...EXACT, delaysMs: [] };

export function countingIds(): NewId {
	let count = 0;
	return (prefix) => `${prefix}_${++count}`;
}

export function target(channel: string, policy: RetryPolicy = EXACT): Target {
	return { channel, connection: `${channel}-1`, recipient: `to-${channel}`, policy };
}

export function planOf(
	channels: readonly (string | Target)[],
	fallbacks: readonly (string | Target)[] = [],
	more: Partial<Plan> = {},
): Plan {
	const toTarget = (one: string | Target): Target => (typeof one === 'string' ? target(one) : one);
	return {
		message: 'The pump stopped',
		metadata: { order_id: 'ORD-5678' },
		priority: 'normal',
		targets: channels.map(toTarget),
		fallbacks: fallbacks.map(toTarget),
		...more,
	};
}

export type Outcome = AttemptResult['outcome'];

export const delivered: Outcome = { result: 'delivered', confirmation: 'service' };
export const timeout: Outcome = {
	result: 'failed',
	permanent: false,
	error: { code: 'TIMEOUT', message: 'Channel did not respond within 10 seconds' },
};
export const rejected: Outcome = {
	result: 'failed',
	permanent: true,
	error: { code: 'RECIPIENT_REJECTED', message: 'Mailbox not found' },
};

export function rateLimited(retryAfterMs: number): Outcome {
	const error = { code: 'RATE_LIMITED', message: 'Slack answered 429' } as const;
	return { result: 'failed', permanent: false, error, retryAfterMs };
}

/** A notification under way, one transition after the other, with every event so far. */
export class Scene {
	notification: Notification;
	readonly events: OwnEvent[];
	readonly newId = countingIds();
	/** The value of `random()`; one half means no jitter. */
	draw = 0.5;

	constructor(plan: Plan, now: number = T0) {
		const { notification, events } = accept(plan, now, this.newId);
		this.notification = notification;
		this.events = [...events];
	}

	delivery(channel: string): Delivery {
		const found = this.notification.deliveries.find((one) => one.channel === channel);
		if (!found) throw new Error(`No delivery through ${channel}`);
		return found;
	}

	/** An attempt on a channel that starts when it is due and takes `latencyMs`. */
	attempt(channel: string, outcome: Outcome, latencyMs = 200): readonly OwnEvent[] {
		const { id, dueAt } = this.delivery(channel);
		if (dueAt === undefined) throw new Error(`Nothing is due through ${channel}`);
		return this.settle(id, { at: dueAt, latencyMs, outcome });
	}

	settle(deliveryId: string, result: AttemptResult): readonly OwnEvent[] {
		const chance = { random: () => this.draw, newId: this.newId };
		return this.take(settle(this.notification, deliveryId, result, chance));
	}

	take({ notification, events }: Transition): readonly OwnEvent[] {
		this.notification = notification;
		this.events.push(...events);
		return events;
	}
}

/** The events' types without their common prefix, such as `['failed', 'queued', 'fallback']`. */
export function types(events: readonly OwnEvent[]): string[] {
	return events.map(({ event }) => event.replace('notification.', ''));
}
