import {
	type FeedEvent,
	isOperationalType,
	isReceivedType,
	OPERATIONAL_TYPES,
	RECEIVED_TYPES,
	subscribersOf,
	wants,
	type WebhookEvent,
	type WebhookType,
} from '@sureping/engine';
import type { Endpoint } from '../contract/endpoints.ts';
import type { ReplayRequest } from '../contract/replays.ts';
import { fromJson } from '../rows/columns.ts';
import type { ReplayRange } from '../rows/replay.ts';
import { readCursor } from './feed-cursor.ts';

/** Events per transaction, so that requests meanwhile do not wait for the whole replay. */
export const REPLAY_STEP = 200;

const EVERY_TYPE: readonly WebhookType[] = [
	...Object.keys(RECEIVED_TYPES).filter(isReceivedType),
	...Object.keys(OPERATIONAL_TYPES).filter(isOperationalType),
];

/** The types of events that a replay covers: those requested that its endpoint wants. */
const replayTypes = ({ types }: ReplayRequest, { events }: Endpoint): readonly WebhookType[] =>
	EVERY_TYPE.filter((type) => wants(events, type) && (types?.some((one) => one === type) ?? true));

/**
 * The range of a new replay. `beforeFirst` is the position before the first event since `request.since`, undefined if there
 * is none; `last` that of the last event until `request.until`, or of the newest.
 */
export function replayRange(
	request: ReplayRequest,
	endpoint: Endpoint,
	{ beforeFirst, last }: { readonly beforeFirst: number | undefined; readonly last: number },
): ReplayRange {
	const { endpointId, since, cursor, onlyFailed } = request;
	return {
		position:
			since === undefined
				? (readCursor(cursor)?.after ?? 0)
				: (beforeFirst ?? Number.MAX_SAFE_INTEGER),
		lastPosition: last,
		types: replayTypes(request, endpoint),
		onlyFailed,
		endpointId,
	};
}

/**
 * True if a replay sends the event with this JSON `body` to the endpoint, whatever callback its notification had. An
 * unreadable event counts as well: its webhook becomes a dead letter. `earlier` are the events of its notification before
 * it.
 */
export function isReplayedTo(
	endpoint: Endpoint,
	body: unknown,
	earlier: (event: WebhookEvent) => readonly FeedEvent[],
): boolean {
	try {
		const event = fromJson<WebhookEvent>(body);
		const background = { hasCallback: false, earlier: () => earlier(event) };
		return subscribersOf(event, background, [endpoint]).length > 0;
	} catch {
		return true;
	}
}
