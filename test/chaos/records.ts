import type { Behaviour } from './misbehaviour.ts';
import type { Death } from './lives.ts';
import type { Stop } from './stops.ts';

/** Answers to the load's sends; `n` is the number that a send carries in its metadata. */
export type LoadLine =
	| {
			readonly kind: 'acknowledged';
			readonly n: number;
			readonly id: string;
			readonly deliveries: readonly string[];
	  }
	| { readonly kind: 'refused'; readonly n: number; readonly status: number }
	| { readonly kind: 'unanswered'; readonly n: number };

/** The load's account of incidents: what a 2xx said, and when. */
export type IncidentLine =
	| {
			readonly kind: 'opened';
			readonly n: number;
			readonly id: string;
			readonly policy: number;
			/** It joined the incident that has its key. */
			readonly isJoined: boolean;
	  }
	| { readonly kind: 'answered'; readonly id: string; readonly answer: 'acknowledge' | 'resolve' };

/** Names the life that sends a request. */
export const LIFE_HEADER = 'x-chaos-life';

/** Requests to a sink, and how the exchange ended. `request` is the sink's number of it. */
export type SinkLine =
	| {
			readonly kind: 'came';
			readonly request: number;
			readonly path: string;
			/** Which life of which runner sent it. */
			readonly life?: string;
			readonly behaviour: Behaviour;
			/** At the channel: the number of the send. */
			readonly n?: number;
			/** At the channel: what the header says, the same over all attempts. */
			readonly idempotencyKey?: string;
			/** At the endpoint: the events' ids. */
			readonly events?: readonly string[];
	  }
	| { readonly kind: 'answered' | 'cut'; readonly request: number };

/** Actions and observations of the killer. A life is `slot.number`; the shift is how far the runner's clock is ahead, in milliseconds. */
export type KillerLine =
	| { readonly kind: 'spawned'; readonly life: string; readonly shiftMs: number }
	| { readonly kind: 'ready'; readonly life: string }
	/** The clock moved for all that live; one such move has one number. */
	| {
			readonly kind: 'shifted';
			readonly life: string;
			readonly shiftMs: number;
			readonly move: number;
	  }
	| { readonly kind: 'disk'; readonly life: string; readonly state: 'full' | 'free' }
	| {
			readonly kind: 'died';
			readonly life: string;
			/** `stopped`: in order, at the end of the run. `itself`: nobody asked for it. */
			readonly how: Death | 'stopped' | 'itself';
			readonly code: number | null;
	  };

/** Stops and starts of the database server. It may end at any time between `stopping` and `stopped`. */
export type DatabaseLine =
	| { readonly kind: 'stopping'; readonly how: Stop['how'] }
	| { readonly kind: 'stopped' | 'started' };

/** A page of the event feed: the events' ids, in the order in which they came. */
export interface FeedLine {
	readonly events: readonly string[];
}

/** The journals of a run, in its directory. */
export const JOURNALS = {
	load: 'load.jsonl',
	incidents: 'incidents.jsonl',
	channel: 'channel.jsonl',
	endpoint: 'endpoint.jsonl',
	killer: 'killer.jsonl',
	database: 'database.jsonl',
	feed: 'feed.jsonl',
} as const;
