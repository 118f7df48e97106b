import { healthGate, isoTime, isOperational } from '@sureping/engine';
import { z } from 'zod/v4';
import { type StoredWebhook, WEBHOOK_STATES } from '../../store/contract/webhooks.ts';
import type { ApiWith } from '../api.ts';
import type { App } from '../app.ts';
import { pageFields } from '../paging.ts';
import { Problem } from '../problem.ts';
import { webhookDetailSchema, webhookListSchema, webhookSchema } from '../response-schemas.ts';
import type { ApiKey } from '../../config/config.ts';
import { shownUrl } from '../shown-url.ts';

const listSchema = z.strictObject({
	...pageFields,
	status: z.enum(WEBHOOK_STATES).optional(),
	endpoint: z.string().max(64).optional(),
});

const retriedSchema = webhookSchema.pick({ id: true, next_attempt_at: true }).extend({
	/** `held`: its endpoint is disabled; it is sent once that is enabled. */
	status: z.enum(['pending', 'held']),
});

/** The log of webhooks, and sending one again by hand. */
export function webhookDeliveryRoutes(app: App, api: ApiWith<'webhooks' | 'endpoints'>): void {
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
		async ({ query: { status, endpoint, after, limit }, apiKey }) => {
			const filter = { state: status, endpointId: endpoint };
			const page = await api.store.webhooks.list(filter, { after, limit });
			const opensAt = await openingsOf(api);
			const webhooks = page.items.map((webhook) => toWire(webhook, opensAt, apiKey));
			return { webhook_deliveries: webhooks, next_cursor: page.nextCursor };
		},
	);

	app.get(
		'/webhook-deliveries/:id',
		{
			config: { scopes: ['read', 'endpoints'] },
			schema: {
				summary: 'Get a webhook delivery with the answers of its endpoint',
				tags: ['Endpoints'],
				params: z.object({ id: z.string() }),
				response: { 200: webhookDetailSchema },
			},
		},
		async ({ params: { id }, apiKey }) => {
			const webhook = await api.store.webhooks.get(id);
			if (!webhook) throw notFound();
			const { attempts, ...rest } = toWire(webhook, await openingsOf(api), apiKey);
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
				description:
					'For a webhook that is pending, held or exhausted; 409 for any other. While its endpoint is disabled, it is held. While the endpoint is paused, it waits until next_attempt_at; POST /endpoints/{id}/enable ends the pause.',
				tags: ['Endpoints'],
				params: z.object({ id: z.string() }),
				response: { 202: retriedSchema },
			},
		},
		async ({ params: { id } }, reply) => {
			const status = await api.store.webhooks.retry(id);
			if (!status) throw notFound();
			if (status !== 'pending' && status !== 'held') {
				throw new Problem(409, `This webhook delivery is ${status}, so there is nothing to retry`);
			}
			const webhook = await api.store.webhooks.get(id);
			api.wake();
			const next = webhook && nextAttempt(webhook, await openingsOf(api));
			return await reply.code(202).send({ id, status, ...next });
		},
	);
}

/** Time at which the endpoint with this id opens again, 0 if it is open; milliseconds since 1970. */
type OpensAt = (endpointId: string) => number;

async function openingsOf({
	store,
	clock,
	healthOf,
}: ApiWith<'webhooks' | 'endpoints'>): Promise<OpensAt> {
	const endpoints = new Map((await store.endpoints.all()).map((one) => [one.id, one]));
	const now = clock.now();
	return (id) => {
		const endpoint = endpoints.get(id);
		const gate = endpoint && healthGate(healthOf(endpoint), now);
		return gate?.most === 0 ? gate.opensAt : 0;
	};
}

function nextAttempt(
	{ dueAt, endpointId }: StoredWebhook,
	opensAt: OpensAt,
): { next_attempt_at?: string } {
	if (dueAt === undefined) return {};
	const opening = endpointId === undefined ? 0 : opensAt(endpointId);
	return { next_attempt_at: isoTime(Math.max(dueAt, opening)) };
}

const notFound = (): Problem => new Problem(404, 'There is no webhook delivery with this id');

function toWire(
	webhook: StoredWebhook,
	opensAt: OpensAt,
	apiKey: ApiKey,
): z.infer<typeof webhookSchema> {
	const { id, state, attempts, event, endpointId, callbackUrl } = webhook;
	return {
		id,
		event_id: event.event_id,
		event: event.event,
		...(isOperational(event) ? {} : { notification_id: event.notification_id }),
		...(endpointId === undefined ? {} : { endpoint_id: endpointId }),
		...(callbackUrl === undefined ? {} : { callback_url: shownUrl(callbackUrl, apiKey) }),
		status: state,
		attempts: attempts.map(({ at, latencyMs, status, error }) => ({
			at: isoTime(at),
			latency_ms: latencyMs,
			...(status === undefined ? {} : { status }),
			...(error ? { error } : {}),
		})),
		...nextAttempt(webhook, opensAt),
	};
}
