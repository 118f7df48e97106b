import type { IPollFunctions } from 'n8n-workflow';
import { z } from 'zod/v4';
import { readFetched } from '../../engine/receive/read-fetched.ts';
import type { ReceivedEvent } from '../../engine/received-event.ts';
import { isoTime } from '../../engine/time.ts';
import type { ApiReply } from '../http/call-api.ts';
import type { Unanswered } from '../http/transport-failure.ts';
import type { Explanation } from '../http/explanation.ts';
import { apiUrl } from '../services/hosted-service.ts';
import { PINGRAM, PINGRAM_PATHS } from '../services/pingram/answers.ts';
import { PINGRAM_CHANNELS, type PingramLog, pingramLogsSchema } from '../services/pingram/logs.ts';
import { askHosted, bodyOf, explainHosted } from './ask-source.ts';
import { A_FEW, listedIds, type Polled, POLL_BUDGET_MS, type Source } from './source.ts';

const PAGE = 100;
/** The most ids in one `GET /logs/{trackingIds}` (npm pingram, `LogsApi`). */
const MOST_IDS = 25;

/** How late an entry may appear in the log after one that happened later. */
const LATE_MS = 10 * 60_000;

/** `GET /logs`, newest first (npm pingram, `GetLogsResponse`). */
const pageSchema = z.object({
	messages: z.array(
		z.looseObject({
			trackingId: z.string(),
			eventType: z.string(),
			timestamp: z.string().optional(),
			epochMs: z.number(),
		}),
	),
	nextCursor: z.string().optional(),
});
type Message = z.infer<typeof pageSchema>['messages'][number];

const stateSchema = z.object({
	/** The time of the newest entry seen, in milliseconds since 1970. */
	newestMs: z.number().default(0),
	/** Events that may appear again: `event id → time`. */
	seen: z.record(z.string(), z.number()).default({}),
});
type State = z.infer<typeof stateSchema>;

/** Pingram's logs: of the whole account, or of the notifications that are listed. */
export const pingramSource: Source = {
	origin: async (context) => {
		const { baseUrl } = await context.getCredentials(PINGRAM.credential);
		return `${apiUrl(PINGRAM, baseUrl, '')} ${listed(context).length > 0 ? 'listed' : 'all'}`;
	},
	async since(context, state, now) {
		const known = stateSchema.safeParse(state).data;
		const ids = listed(context);
		return ids.length > 0
			? await readListed(context, known, ids, now)
			: await readAll(context, known, now);
	},
	async latest(context, now) {
		const ids = listed(context).slice(-MOST_IDS);
		if (ids.length > 0) return await readListed(context, undefined, ids, now);
		const page = await getPage(context, A_FEW);
		if (!page.ok) return page;
		return fresh(
			NOTHING,
			page.messages.flatMap((message) => messageEvents(message, now)),
			LATE_MS,
		);
	},
};

const NOTHING: State = { newestMs: 0, seen: {} };

const listed = (context: IPollFunctions): string[] =>
	listedIds(context.getNodeParameter('trackingIds', ''));

/** The entries after the newest one of the last poll. The first poll only finds that one. */
async function readAll(
	context: IPollFunctions,
	known: State | undefined,
	now: number,
): Promise<Polled> {
	let horizon = known && known.newestMs - LATE_MS;
	const messages: Message[] = [];
	let cursor: string | undefined;
	do {
		const page = await getPage(context, PAGE, cursor);
		if (!page.ok) return page;
		messages.push(...page.messages);
		horizon ??= (page.messages[0]?.epochMs ?? 0) - LATE_MS;
		const oldest = page.messages.at(-1)?.epochMs ?? -Infinity;
		cursor = oldest >= horizon ? page.nextCursor : undefined;
		if (cursor !== undefined && Date.now() - now > POLL_BUDGET_MS) {
			context.logger.warn(
				`${context.getNode().name}: Pingram has more new log entries than one poll can read; the oldest ones are skipped`,
			);
			break;
		}
	} while (cursor !== undefined);

	const since = horizon;
	const found = messages
		.filter(({ epochMs }) => epochMs >= since)
		.flatMap((message) => messageEvents(message, now));
	const polled = fresh(known ?? NOTHING, found, LATE_MS);
	return known ? polled : { ...polled, events: [] };
}

type PageAnswer =
	({ readonly ok: true } & z.infer<typeof pageSchema>) | Extract<Polled, { ok: false }>;

async function getPage(
	context: IPollFunctions,
	size: number,
	cursor?: string,
): Promise<PageAnswer> {
	const query = new URLSearchParams({ limit: String(size), ...(cursor && { cursor }) });
	const reply = await get(context, `${PINGRAM_PATHS.log}?${query.toString()}`);
	const page = bodyOf(reply, pageSchema);
	return page ? { ok: true, ...page } : { ok: false, explanation: explain(reply) };
}

/** The events in the rows of these notifications. */
async function readListed(
	context: IPollFunctions,
	known: State | undefined,
	ids: readonly string[],
	now: number,
): Promise<Polled> {
	const found: ReceivedEvent[] = [];
	for (let start = 0; start < ids.length; start += MOST_IDS) {
		const some = ids.slice(start, start + MOST_IDS);
		const reply = await get(context, PINGRAM_PATHS.logsOf(some));
		const rows = bodyOf(reply, pingramLogsSchema)?.logs;
		if (!rows && !('failure' in reply) && reply.status === 404) continue;
		if (!rows) return { ok: false, explanation: explain(reply) };
		found.push(...rows.flatMap((row) => rowEvents(row, now)));
	}
	// Seen events are remembered as long as their rows are returned.
	const met = new Set(found.map(({ eventId }) => eventId));
	const seen = Object.entries(known?.seen ?? {}).filter(([eventId]) => met.has(eventId));
	return fresh({ newestMs: 0, seen: Object.fromEntries(seen) }, found, Infinity);
}

/** The events that were not seen before, oldest first, and the new state. */
function fresh(
	{ newestMs, seen }: State,
	found: readonly ReceivedEvent[],
	keptMs: number,
): Extract<Polled, { ok: true }> {
	const timeOf = ({ occurredAt }: ReceivedEvent): number => Date.parse(occurredAt);
	const unseen = new Map<string, ReceivedEvent>();
	for (const event of found) if (!(event.eventId in seen)) unseen.set(event.eventId, event);
	const events = [...unseen.values()].sort((a, b) => timeOf(a) - timeOf(b));
	const newest = Math.max(newestMs, ...found.map(timeOf));
	const remembered = [
		...Object.entries(seen),
		...events.map((event) => [event.eventId, timeOf(event)] as const),
	].filter(([, at]) => at >= newest - keptMs);
	return { ok: true, events, state: { newestMs: newest, seen: Object.fromEntries(remembered) } };
}

function messageEvents(message: Message, now: number): ReceivedEvent[] {
	const { trackingId, epochMs } = message;
	return read({ ...message, receivedAt: isoTime(epochMs) }, trackingId, epochMs, message, now);
}

/** By the ending of a row's field: the last word of the webhook's event type for the same fact. */
const WORDS = {
	delivered: 'DELIVERED',
	failed: 'FAILED',
	opened: 'OPEN',
	clicked: 'CLICK',
	unsubscribe: 'UNSUBSCRIBE',
	subscribe: 'SUBSCRIBE',
	inbound: 'INBOUND',
} as const;

/** The events of a row; it may hold several. */
function rowEvents(row: PingramLog, now: number): ReceivedEvent[] {
	return Object.entries(PINGRAM_CHANNELS).flatMap(([prefix, { channel }]) =>
		Object.entries(WORDS).flatMap(([ending, word]) => {
			const at = row[`${prefix}_${ending}_at`];
			const time = typeof at === 'string' ? Date.parse(at) : NaN;
			if (Number.isNaN(time)) return [];
			// The logs have a busy or unanswered call as delivered with a code, although nobody was reached.
			const code = row[`${prefix}_${ending}_code`];
			const isMissed = ending === 'delivered' && (code === 'BUSY' || code === 'NO_ANSWER');
			const payload = {
				eventType: `${channel}_${isMissed ? 'FAILED' : word}`,
				channel,
				trackingId: row.trackingId,
				notificationId: row.type,
				userId: row.user_id,
				failureCode: isMissed || ending === 'failed' ? code : undefined,
				clickedLink: row[`${prefix}_${ending}_link`],
				from: row[`${prefix}_${ending}_from`],
				receivedAt: at,
			};
			return read(payload, row.trackingId, time, row, now);
		}),
	);
}

/** Reads an event as of its own time, which tells it from others of the same kind. */
function read(
	payload: object,
	trackingId: string,
	time: number,
	raw: Record<string, unknown>,
	now: number,
): ReceivedEvent[] {
	const { events } = readFetched('pingram', payload, { now: time, id: trackingId });
	return events.map((event) => ({ ...event, receivedAt: isoTime(now), raw }));
}

async function get(context: IPollFunctions, path: string): Promise<ApiReply | Unanswered> {
	const { baseUrl } = await context.getCredentials(PINGRAM.credential);
	return await askHosted(context, PINGRAM, apiUrl(PINGRAM, baseUrl, path));
}

function explain(reply: ApiReply | Unanswered): Explanation {
	return explainHosted(PINGRAM, reply, 'show its logs');
}
