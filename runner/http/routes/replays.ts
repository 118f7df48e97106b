import { isoTime } from '@sureping/engine';
import { z } from 'zod/v4';
import type { Replay } from '../../store/contract/replays.ts';
import type { ApiWith } from '../api.ts';
import type { App } from '../app.ts';
import { Problem } from '../problem.ts';
import { replaySchema } from '../response-schemas.ts';

/** `GET /replays/{id}`: the progress of a replay. */
export function replayRoutes(app: App, api: ApiWith<'replays'>): void {
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
			const replay = await api.store.replays.get(params.id);
			if (!replay) throw new Problem(404, 'There is no replay with this id');
			return replayToWire(replay);
		},
	);

	app.post(
		'/replays/:id/cancel',
		{
			config: { scopes: ['endpoints'] },
			schema: {
				summary: 'Stop a replay',
				description: 'Webhooks that it has already made due are still sent. 409 when it has ended.',
				tags: ['Endpoints'],
				params: z.object({ id: z.string() }),
				response: { 200: replaySchema },
			},
		},
		async ({ params: { id } }) => {
			const before = await api.store.replays.cancel(id);
			const replay = await api.store.replays.get(id);
			if (!before || !replay) throw new Problem(404, 'There is no replay with this id');
			if (before !== 'running') {
				throw new Problem(409, `This replay is ${before}, so there is nothing to stop`);
			}
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
