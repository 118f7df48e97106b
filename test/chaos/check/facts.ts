import { join } from 'node:path';
import { type Noted, readJournal } from '../journal.ts';
import { type ChaosPlan, readPlan } from '../plan.ts';
import {
	type DatabaseLine,
	type FeedLine,
	JOURNALS,
	type KillerLine,
	type LoadLine,
	type SinkLine,
} from '../records.ts';
import { openReader } from '../store/open.ts';
import type {
	Stored,
	StoredDelivery,
	StoredEvent,
	StoredNotification,
	StoredWebhook,
} from '../store/stored.ts';
import { Lives } from './lives.ts';

/** A request as its sink saw it. */
export interface SinkRequest extends Noted<SinkLine & { kind: 'came' }> {
	/** When the exchange was over; Infinity when it outlived the run. */
	readonly endedAt: number;
	/** The whole answer went out. */
	readonly isAnswered: boolean;
}

/** The journals of the processes around the runner, and the content of the store. */
export interface Evidence {
	readonly plan: ChaosPlan;
	readonly load: readonly Noted<LoadLine>[];
	readonly killer: readonly Noted<KillerLine>[];
	readonly database: readonly Noted<DatabaseLine>[];
	readonly channel: readonly Noted<SinkLine>[];
	readonly endpoint: readonly Noted<SinkLine>[];
	readonly feed: readonly FeedLine[];
	readonly stored: Stored;
}

/** The same, put together. */
export interface Facts {
	readonly plan: ChaosPlan;
	readonly load: readonly Noted<LoadLine>[];
	readonly lives: Lives;
	readonly channel: readonly SinkRequest[];
	readonly endpoint: readonly SinkRequest[];
	/** The events' ids as the feed gave them. */
	readonly feed: readonly string[];
	readonly stored: Stored;
	readonly notifications: ReadonlyMap<string, StoredNotification>;
	readonly eventsOf: ReadonlyMap<string, readonly StoredEvent[]>;
	readonly deliveriesOf: ReadonlyMap<string, readonly StoredDelivery[]>;
	/** In the order in which they came. */
	requestsOf(delivery: StoredDelivery): readonly SinkRequest[];
	requestsFor(webhook: StoredWebhook): readonly SinkRequest[];
}

export async function gatherEvidence(directory: string): Promise<Evidence> {
	const plan = readPlan(directory);
	const read = <Line extends object>(name: keyof typeof JOURNALS): readonly Noted<Line>[] =>
		readJournal<Line>(join(directory, JOURNALS[name]));
	return {
		plan,
		load: read('load'),
		killer: read('killer'),
		database: read('database'),
		channel: read('channel'),
		endpoint: read('endpoint'),
		feed: read('feed'),
		stored: await openReader(plan.store).read(),
	};
}

export function factsOf({ plan, load, killer, database, feed, stored, ...sinks }: Evidence): Facts {
	const channel = toRequests(sinks.channel);
	const endpoint = toRequests(sinks.endpoint);
	const notifications = new Map(stored.notifications.map((one) => [one.id, one]));
	const toConnection = Map.groupBy(channel, ({ path, n }) => `${path} ${n}`);
	const withEvent = Map.groupBy(
		endpoint.flatMap((request) => (request.events ?? []).map((id) => ({ id, request }))),
		({ id, request }) => `${request.path} ${id}`,
	);
	return {
		plan,
		load,
		lives: new Lives(killer, database),
		channel,
		endpoint,
		feed: feed.flatMap(({ events }) => events),
		stored,
		notifications,
		eventsOf: Map.groupBy(stored.events, ({ deliveryId }) => deliveryId),
		deliveriesOf: Map.groupBy(stored.deliveries, ({ notificationId }) => notificationId),
		requestsOf({ notificationId, connection }) {
			const path = `/${connection.replace(':', '/')}`;
			return toConnection.get(`${path} ${notifications.get(notificationId)?.n}`) ?? [];
		},
		requestsFor: ({ to, eventId }) =>
			(withEvent.get(`/${to} ${eventId}`) ?? []).map(({ request }) => request),
	};
}

function toRequests(lines: readonly Noted<SinkLine>[]): readonly SinkRequest[] {
	const ends = new Map(
		lines.flatMap((line) => (line.kind === 'came' ? [] : [[line.request, line] as const])),
	);
	return lines.flatMap((line) => {
		if (line.kind !== 'came') return [];
		const end = ends.get(line.request);
		return [{ ...line, endedAt: end?.at ?? Infinity, isAnswered: end?.kind === 'answered' }];
	});
}
