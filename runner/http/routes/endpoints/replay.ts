import { eventTypeSchema } from '@sureping/engine';
import { z } from 'zod/v4';
import { MOST_TYPES } from '../../../config/settings/index.ts';
import { CURSOR_FORM } from '../../../store/rules/feed-cursor.ts';
import type { ApiWith } from '../../api.ts';
import type { App } from '../../app.ts';
import { replaySchema } from '../../response-schemas.ts';
import { readable } from '../events.ts';
import { replayToWire } from '../replays.ts';
import { findEndpoint, noEndpoint } from './find.ts';
import { MAY_CHANGE, paramsSchema, TAGS } from './route-options.ts';

const replayRequestSchema = z
	.strictObject({
		since: z.iso.datetime({ offset: true }).optional(),
		cursor: z.string().regex(CURSOR_FORM, 'must be a next_cursor of GET /events').optional(),
		until: z.iso.datetime({ offset: true }).optional(),
		types: z.array(eventTypeSchema).min(1).max(MOST_TYPES).optional(),
		only_failed: z.boolean().default(false),
	})
	.refine(({ since, cursor }) => since === undefined || cursor === undefined, {
		path: ['cursor'],
		error: 'must be left out when since is given',
	})
	.refine(
		({ since, until }) =>
			since === undefined || until === undefined || Date.parse(since) <= Date.parse(until),
		{ path: ['until'], error: 'must not be before since' },
	);

/** `POST /endpoints/{id}/replay`. */
export function replayRoute(app: App, api: ApiWith<'endpoints' | 'feed' | 'replays'>): void {
	app.post(
		'/endpoints/:id/replay',
		{
			...MAY_CHANGE,
			schema: {
				summary: 'Send past events again',
				description:
					'Sends events from since or cursor (default: the oldest kept) up to until (default: now). With only_failed, only those whose webhooks are exhausted. GET /replays/{replay_id} shows the progress.',
				tags: TAGS,
				params: paramsSchema,
				body: replayRequestSchema,
				response: { 202: replaySchema },
			},
		},
		async ({ params, body: { since, cursor, until, types, only_failed } }, reply) => {
			await findEndpoint(params.id, api);
			if (cursor !== undefined) readable(await api.store.feed.read(cursor, 1), 'cursor');
			const replay = await api.store.replays.start({
				endpointId: params.id,
				since: since === undefined ? undefined : Date.parse(since),
				cursor,
				until: until === undefined ? undefined : Date.parse(until),
				types,
				onlyFailed: only_failed,
			});
			if (!replay) throw noEndpoint();
			api.replayStarted();
			return await reply.code(202).send(replayToWire(replay));
		},
	);
}
