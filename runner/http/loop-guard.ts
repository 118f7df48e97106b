import { publishLoopStopped } from '@sureping/engine';
import { logEvents } from '../log-events.ts';
import type { EventOrigin } from '../store/contract/feed.ts';
import type { ApiWith } from './api.ts';
import { Problem } from './problem.ts';

/** The problem `type` that distinguishes this refusal from every other 409 (RFC 9457 §3.1.1). */
export const LOOP_PROBLEM = 'https://sureping.dev/problems/loop';

type Chains = Pick<
	ApiWith<'feed' | 'deliveries'>,
	'store' | 'loopLimit' | 'clock' | 'newId' | 'log' | 'metrics' | 'wake'
>;

/**
 * Counts the sends that a send follows from, each from an event of the one before. An event that is not known here starts
 * a chain. Throws a 409 beyond `loop_limit`, since a workflow that answers its own failures would never end.
 */
export async function depthAfter(eventId: string, api: Chains): Promise<number> {
	const origin = await api.store.feed.origin(eventId);
	if (!origin) return 0;
	const depth = origin.depth + 1;
	if (depth <= api.loopLimit) return depth;
	await publishStopped(eventId, origin, api);
	throw new Problem(
		409,
		`This send answers ${eventId}, at the end of a chain of ${origin.depth + 1} ${origin.depth === 0 ? 'send' : 'sends, each of which answers an event of the one before'}. It was refused, because such a chain rarely ends by itself. Change the workflow so that it does not react to its own sends, or raise loop_limit (${api.loopLimit})`,
		[],
		{
			type: LOOP_PROBLEM,
			title: 'A loop was stopped',
			depth,
			loop_limit: api.loopLimit,
			notification_id: origin.notificationId,
		},
	);
}

async function publishStopped(
	inReplyTo: string,
	{ notificationId, isKept, isStopped }: EventOrigin,
	{ store, loopLimit: limit, clock, newId, log, metrics, wake }: Chains,
): Promise<void> {
	if (!isKept || isStopped) return;
	const { events } = await store.deliveries.update(notificationId, (notification) =>
		publishLoopStopped(notification, { inReplyTo, limit }, clock.now(), newId),
	);
	logEvents(log, events);
	metrics.countEvents(events);
	wake();
}
