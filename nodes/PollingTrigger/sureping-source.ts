import type { IDataObject, IPollFunctions } from 'n8n-workflow';
import { z } from 'zod/v4';
import { readFetched } from '../../engine/receive/read-fetched.ts';
import type { ReceivedEvent } from '../../engine/received-event.ts';
import { explainRefusal, problemOf } from '../runner/explain-refusal.ts';
import { explainOlderRunner, featuresOfEvents } from '../runner/older-runner.ts';
import {
	openRunner,
	RUNNER_CREDENTIAL,
	type RunnerApi,
	type RunnerReply,
} from '../runner/runner-api.ts';
import { ask, bodyOf } from './ask-source.ts';
import { A_FEW, type Polled, POLL_BUDGET_MS, type Source } from './source.ts';

const PAGE = 1_000;
/** The most pages in one execution; the next poll continues. */
const MOST_PAGES = 10;

/** A type that rarely occurs. Reading only this type is a fast way to the end of the feed. */
const RARE = 'notification.unsubscribed';

const pageSchema = z.object({
	events: z.array(z.unknown()),
	next_cursor: z.string(),
});
type Page = z.infer<typeof pageSchema>;

const stateSchema = z.object({
	cursor: z.string().optional(),
	/** The end of the feed, where the first poll starts, is not reached yet. */
	isSkipping: z.boolean().default(false),
});

type Answer = { readonly ok: true; readonly page: Page } | Lost | Refused;
/** The runner has removed the event at the cursor, or never had it. */
interface Lost {
	readonly ok: false;
	readonly isLost: true;
}
type Refused = Extract<Polled, { ok: false }> & { readonly isLost?: false };

/** A runner's event feed, `GET /events`: in commit order, none skipped. */
export const surepingSource: Source = {
	origin: async (context) => (await openRunner(context)).baseUrl,

	async since(context, state, now) {
		const known = stateSchema.safeParse(state).data;
		const feed = await openFeed(context, wantedTypes(context));
		if (!known && startsAtOldest(context)) return await read(context, feed, undefined, now);
		if (!known || known.isSkipping) return await skipToEnd(context, known?.cursor, now);
		return await read(context, feed, known.cursor, now);
	},

	/** The feed cannot be read backwards, so the events come from the newest notifications. */
	async latest(context, now) {
		const runner = await openRunner(context);
		const get = async (path: string): Promise<RunnerReply> =>
			await ask(context, RUNNER_CREDENTIAL, runner.baseUrl + path);
		const listed = await get(`/notifications?limit=${A_FEW}`);
		const notifications = bodyOf(listed, notificationsSchema)?.notifications;
		if (!notifications) return await refused(listed, runner);
		const payloads: unknown[] = [];
		for (const { notification_id: id } of notifications) {
			const one = await get(`/notifications/${encodeURIComponent(id)}`);
			payloads.push(...(bodyOf(one, eventsSchema)?.events ?? []));
		}
		const events = [...toEvents(payloads, now)].sort((a, b) =>
			a.occurredAt < b.occurredAt ? -1 : 1,
		);
		return { ok: true, events, state: {} };
	},
};

const notificationsSchema = z.object({
	notifications: z.array(z.object({ notification_id: z.string() })),
});
const eventsSchema = z.object({ events: z.array(z.unknown()) });

type Feed = (after: string | undefined) => Promise<Answer>;

async function openFeed(context: IPollFunctions, types: readonly string[]): Promise<Feed> {
	const runner = await openRunner(context);
	return async (after) => {
		const query = new URLSearchParams({
			limit: String(PAGE),
			...(after === undefined ? {} : { after }),
			...(types.length > 0 ? { types: types.join(',') } : {}),
		});
		const url = `${runner.baseUrl}/events?${query.toString()}`;
		const reply = await ask(context, RUNNER_CREDENTIAL, url);
		const page = bodyOf(reply, pageSchema);
		if (page) return { ok: true, page };
		return after !== undefined && isLost(reply)
			? { ok: false, isLost: true }
			: await refused(reply, runner, types);
	};
}

/** 410 when the cursor was pruned; 422 about `after` when the runner has another feed, such as a new database. */
function isLost(reply: RunnerReply): boolean {
	if ('failure' in reply) return false;
	const about = problemOf(reply.body).errors.map(({ path }) => path);
	return reply.status === 410 || (reply.status === 422 && about.includes('after'));
}

/** Reads from a cursor, page by page, until an empty page. */
async function read(
	context: IPollFunctions,
	feed: Feed,
	start: string | undefined,
	now: number,
): Promise<Polled> {
	const events: ReceivedEvent[] = [];
	let cursor = start;
	for (let pages = 0; pages < MOST_PAGES && Date.now() - now < POLL_BUDGET_MS; pages++) {
		const answer = await feed(cursor);
		if (!answer.ok) {
			if (answer.isLost) {
				context.logger.warn(
					`${context.getNode().name}: the runner no longer stores the events after the last poll; continuing with the oldest that it has`,
				);
				cursor = undefined;
				continue;
			}
			// The events read so far are emitted; the next poll continues after them.
			if (events.length > 0) break;
			return answer;
		}
		const { events: payloads, next_cursor: next } = answer.page;
		const found = toEvents(payloads, now);
		const unread = found.filter((event) => event.unreadable && event.provider === 'sureping');
		if (unread.length > 0) {
			context.logger.warn(
				`${context.getNode().name}: ${unread.length} events of the runner could not be read; is it newer than this node?`,
			);
		}
		events.push(...found);
		cursor = next;
		if (payloads.length === 0) break;
	}
	return { ok: true, events, state: { ...(cursor === undefined ? {} : { cursor }) } };
}

/** Skips the events from before the workflow was activated. */
async function skipToEnd(
	context: IPollFunctions,
	start: string | undefined,
	now: number,
): Promise<Polled> {
	const feed = await openFeed(context, [RARE]);
	let cursor = start;
	while (Date.now() - now < POLL_BUDGET_MS) {
		const answer = await feed(cursor);
		if (!answer.ok && answer.isLost) {
			cursor = undefined;
			continue;
		}
		if (!answer.ok) return answer;
		cursor = answer.page.next_cursor;
		if (answer.page.events.length === 0) return { ok: true, events: [], state: { cursor } };
	}
	return { ok: true, events: [], state: { ...(cursor && { cursor }), isSkipping: true } };
}

function toEvents(payloads: readonly unknown[], now: number): readonly ReceivedEvent[] {
	return payloads.length === 0 ? [] : readFetched('sureping', { events: payloads }, { now }).events;
}

/** `types` are those that the request named. */
async function refused(
	reply: RunnerReply,
	runner: RunnerApi,
	types: readonly string[] = [],
): Promise<Refused> {
	const circumstances = {
		baseUrl: runner.baseUrl,
		action: 'show its events',
		scope: 'read',
		nameOf: (path: string) => path,
	};
	const older = await explainOlderRunner(runner, reply, featuresOfEvents(types));
	return { ok: false, explanation: older ?? explainRefusal(reply, circumstances) };
}

function wantedTypes(context: IPollFunctions): readonly string[] {
	const chosen = context.getNodeParameter('events', []);
	return Array.isArray(chosen) ? chosen.map(String) : [];
}

function startsAtOldest(context: IPollFunctions): boolean {
	const { startAt } = context.getNodeParameter('options', {}) as IDataObject; // a collection
	return startAt === 'oldest';
}
