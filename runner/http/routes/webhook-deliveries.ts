import { isoTime, isOperational } from '@sureping/engine';
import { z } from 'zod/v4';
import { type StoredWebhook, WEBHOOK_STATES } from '../../store/store.ts';
import type { Api, App } from '../api.ts';
import { pageFields } from '../paging.ts';
import { Problem } from '../problem.ts';
import { webhookDetailSchema, webhookListSchema, type webhookSchema } from '../schemas.ts';
import { withoutQuery } from '../without-query.ts';

const listSchema = z.strictObject({
	...pageFields,
	status: z.enum(WEBHOOK_STATES).optional(),
	endpoint: z.string().max(64).optional(),
});

const RETRIED = z.object({ id: z.string(), status: z.literal('pending') });

/** The log of webhooks, and sending one again by hand. */
export function webhookDeliveryRoutes(app: App, api: Api): void {
	app.get(
		'/webhook-deliveries',
		{
			config: { scopes: ['read', 'endpoints'] },
			schema: {
				summary: 'List webhook deliveries, newest first',
				tags: ['Endpoints'],
				querystring: listSchema,
				response: { 200: webhookListSchema },
			},
		},
		async ({ query: { status, endpoint, after, limit } }) => {
			const filter = { state: status, endpointId: endpoint };
			const page = await api.store.webhooks(filter, { after, limit });
			return { webhook_deliveries: page.items.map(toWire), next_cursor: page.nextCursor };
		},
	);

	app.get(
		'/webhook-deliveries/:id',
		{
			config: { scopes: ['read', 'endpoints'] },
			schema: {
				summary: 'Get a webhook delivery, with what its endpoint answered',
				tags: ['Endpoints'],
				params: z.object({ id: z.string() }),
				response: { 200: webhookDetailSchema },
			},
		},
		async ({ params: { id } }) => {
			const webhook = await api.store.webhook(id);
			if (!webhook) throw notFound();
			const { attempts, ...rest } = toWire(webhook);
			return {
				...rest,
				attempts: attempts.map((attempt, i) => {
					const answer = webhook.attempts[i]?.answer;
					return answer === undefined ? attempt : { ...attempt, answer };
				}),
			};
		},
	);

	app.post(
		'/webhook-deliveries/:id/retry',
		{
			config: { scopes: ['endpoints'] },
			schema: {
				summary: 'Send a webhook again, now',
				description: 'One that is pending or was given up; 409 for any other.',
				tags: ['Endpoints'],
				params: z.object({ id: z.string() }),
				response: { 202: RETRIED },
			},
		},
		async ({ params: { id } }, reply) => {
			const before = await api.store.retryWebhook(id);
			if (!before) throw notFound();
			if (before !== 'pending' && before !== 'exhausted') {
				throw new Problem(409, `This webhook delivery is ${before}, so there is nothing to retry`);
			}
			api.wake();
			return await reply.code(202).send({ id, status: 'pending' });
		},
	);
}

const notFound = (): Problem => new Problem(404, 'There is no webhook delivery with this id');

function toWire(webhook: StoredWebhook): z.infer<typeof webhookSchema> {
	const { id, state, attempts, dueAt, event, endpointId, callbackUrl } = webhook;
	return {
		id,
		event_id: event.event_id,
		event: event.event,
		...(isOperational(event) ? {} : { notification_id: event.notification_id }),
		...(endpointId === undefined ? {} : { endpoint_id: endpointId }),
		...(callbackUrl === undefined ? {} : { callback_url: withoutQuery(callbackUrl) }),
		status: state,
		attempts: attempts.map(({ at, latencyMs, status, error }) => ({
			at: isoTime(at),
			latency_ms: latencyMs,
			...(status === undefined ? {} : { status }),
			...(error ? { error } : {}),
		})),
		...(dueAt === undefined ? {} : { next_attempt_at: isoTime(dueAt) }),
	};
}
