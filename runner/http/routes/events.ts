import { eventTypeSchema } from '@sureping/engine';
import { z } from 'zod/v4';
import type { ApiWith } from '../api.ts';
import type { App } from '../app.ts';
import { pageFields } from '../paging.ts';
import type { EventPage } from '../../store/contract/feed.ts';
import { invalid, Problem } from '../problem.ts';
import { eventPageSchema, operationalPageSchema } from '../response-schemas.ts';

const querySchema = z
	.strictObject({
		...pageFields,
		// A start in place of a cursor.
		since: z
			.union([z.literal('now'), z.iso.datetime({ offset: true })], {
				error: 'must be "now" or a time such as 2026-01-31T12:00:00Z',
			})
			.optional(),
		// Separated by commas.
		types: z
			.string()
			.transform((text) => text.split(',').filter((type) => type !== ''))
			.pipe(z.array(eventTypeSchema).min(1))
			.optional(),
	})
	.refine(({ after, since }) => after === undefined || since === undefined, {
		path: ['since'],
		error: 'must be left out when after is given',
	});

/** `GET /events`: every delivery event in commit order, for callers that poll instead of receiving webhooks. */
export function eventRoutes(app: App, api: ApiWith<'feed'>): void {
	app.get(
		'/events',
		{
			config: { scopes: ['read'] },
			schema: {
				summary: 'Read the event feed',
				description:
					'Every delivery event in the order in which it was stored, with none skipped. Continue with next_cursor, which is there even when there is nothing new. Without a cursor the feed starts at the oldest event; since starts it at a time, or at "now" for future events only.',
				tags: ['Events'],
				querystring: querySchema,
				response: { 200: eventPageSchema },
			},
		},
		async ({ query: { after, since, limit, types } }) => {
			const cursor = since === undefined ? after : await api.store.feed.cursorSince(toTime(since));
			const page = readable(await api.store.feed.read(cursor, limit, types));
			return { events: [...page.events], next_cursor: page.nextCursor };
		},
	);

	app.get(
		'/operational-events',
		{
			config: { scopes: ['read', 'endpoints'] },
			schema: {
				summary: 'Read operational events',
				description:
					'Endpoints that failed, recovered, were disabled or enabled, in order. These events are not in the feed of delivery events.',
				tags: ['Events'],
				querystring: z.strictObject(pageFields),
				response: { 200: operationalPageSchema },
			},
		},
		async ({ query: { after, limit } }) => {
			const page = readable(await api.store.feed.readOperational(after, limit));
			return { events: [...page.events], next_cursor: page.nextCursor };
		},
	);
}

const toTime = (since: string): number =>
	since === 'now' ? Number.MAX_SAFE_INTEGER : Date.parse(since);

/** The page. Throws a 422 or 410 if its cursor, given in the field `path`, cannot be read from. */
export function readable<Event>(
	page: EventPage<Event> | undefined,
	path = 'after',
): EventPage<Event> {
	if (!page) {
		throw invalid([{ path, message: 'must be a next_cursor that this feed gave' }]);
	}
	if (page.isPruned) {
		throw new Problem(
			410,
			`Events after this cursor have been removed, so reading on would skip them. Leave ${path} out to start at the oldest event that is kept; retention.events_s sets how long events are kept.`,
		);
	}
	return page;
}
