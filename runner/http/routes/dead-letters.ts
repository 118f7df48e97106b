import { isoTime } from '@sureping/engine';
import { z } from 'zod/v4';
import { DEAD_LETTER_KINDS } from '../../store/contract/dead-letters.ts';
import type { ApiWith } from '../api.ts';
import type { App } from '../app.ts';
import { pageFields } from '../paging.ts';
import { Problem } from '../problem.ts';
import { deadLetterListSchema } from '../response-schemas.ts';

const listSchema = z.strictObject({
	...pageFields,
	kind: z.enum(DEAD_LETTER_KINDS).optional(),
});

/** Lists rows that a fault of the runner keeps from being processed, and requeues them. */
export function deadLetterRoutes(app: App, api: ApiWith<'deadLetters'>): void {
	app.get(
		'/dead-letters',
		{
			config: { scopes: ['read', 'admin'] },
			schema: {
				summary: 'List dead letters, newest first',
				description:
					'Work set aside because of a fault of the runner or a row that cannot be read. Webhooks that an endpoint did not acknowledge are not here: GET /webhook-deliveries?status=exhausted lists them.',
				tags: ['Operation'],
				querystring: listSchema,
				response: { 200: deadLetterListSchema },
			},
		},
		async ({ query: { kind, after, limit } }) => {
			const page = await api.store.deadLetters.list({ kind }, { after, limit });
			const letters = page.items.map(({ createdAt, ...letter }) => ({
				...letter,
				created_at: isoTime(createdAt),
			}));
			return { dead_letters: letters, next_cursor: page.nextCursor };
		},
	);

	app.post(
		'/dead-letters/:id/retry',
		{
			config: { scopes: ['admin'] },
			schema: {
				summary: 'Requeue a dead letter',
				description: 'If it fails again, it becomes a dead letter again.',
				tags: ['Operation'],
				params: z.object({ id: z.string() }),
				response: { 202: z.object({ id: z.string(), status: z.literal('retried') }) },
			},
		},
		async ({ params: { id } }, reply) => {
			const result = await api.store.deadLetters.requeue(id);
			if (!result) throw new Problem(404, 'There is no dead letter with this id');
			if (result === 'gone') {
				throw new Problem(409, 'Nothing is left to retry; the dead letter was removed');
			}
			api.wake();
			return await reply.code(202).send({ id, status: 'retried' });
		},
	);
}
