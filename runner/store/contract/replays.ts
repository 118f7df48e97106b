import type { ReceivedType } from '@sureping/engine';

/** Sending past events to an endpoint once more, part by part. */
export interface Replays {
	/** Undefined when the endpoint is gone. */
	start(request: ReplayRequest): Promise<Replay | undefined>;
	get(id: string): Promise<Replay | undefined>;
	/** Stops a running replay; resolves with its state before. Webhook deliveries that it made due stay due. */
	cancel(id: string): Promise<Replay['status'] | undefined>;
	/** Does the next part of a running replay; false when there is none whose endpoint has room. */
	advance(): Promise<boolean>;
	isAnyRunning(): Promise<boolean>;
}

/** Selects the past events. Times in milliseconds since 1970. */
export interface ReplayRequest {
	readonly endpointId: string;
	readonly since?: number | undefined;
	/** A position in the event feed, as `GET /events` gives it. */
	readonly cursor?: string | undefined;
	readonly until?: number | undefined;
	readonly types?: readonly ReceivedType[] | undefined;
	/** Only events whose webhook delivery is exhausted, and was not delivered since. */
	readonly onlyFailed: boolean;
}

export interface Replay {
	readonly id: string;
	readonly endpointId: string;
	readonly status: 'running' | 'done' | 'cancelled';
	/** Events done so far; those without a payload in the endpoint's profile are skipped. */
	readonly replayed: number;
	/** Events that the whole replay covers. */
	readonly total: number;
	readonly createdAt: number;
}
