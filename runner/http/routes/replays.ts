import { isoTime } from '@sureping/engine';
import { z } from 'zod/v4';
import type { Replay } from '../../store/store.ts';
import type { Api, App } from '../api.ts';
import { Problem } from '../problem.ts';
import { replaySchema } from '../schemas.ts';

/** `GET /replays/{id}`: how far a bulk replay has come. */
export function replayRoutes(app: App, api: Api): void {
	app.get(
		'/replays/:id',
		{
			config: { scopes: ['endpoints', 'read'] },
			schema: {
				summary: 'Watch a replay',
				tags: ['Endpoints'],
				params: z.object({ id: z.string() }),
				response: { 200: replaySchema },
			},
		},
		async ({ params }) => {
			const replay = await api.store.replay(params.id);
			if (!replay) throw new Problem(404, 'There is no replay with this id');
			return replayToWire(replay);
		},
	);
}

export function replayToWire({
	id,
	endpointId,
	status,
	replayed,
	total,
	createdAt,
}: Replay): z.infer<typeof replaySchema> {
	return {
		replay_id: id,
		endpoint_id: endpointId,
		status,
		replayed,
		total,
		created_at: isoTime(createdAt),
	};
}
