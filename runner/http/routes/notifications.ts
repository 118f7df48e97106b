import { type Delivery, isoTime, NOTIFICATION_STATUSES } from '@sureping/engine';
import { z } from 'zod/v4';
import type { StoredNotification } from '../../store/contract/notifications.ts';
import { orBroken } from '../../store/rows/broken-row.ts';
import type { ApiWith } from '../api.ts';
import type { App } from '../app.ts';
import { pageFields } from '../paging.ts';
import { cancelIncidentOf } from '../cancel-incident.ts';
import { Problem } from '../problem.ts';
import { notificationListSchema, notificationSchema } from '../response-schemas.ts';

const paramsSchema = z.object({ id: z.string() });

const listSchema = z.strictObject({
	...pageFields,
	status: z.enum(NOTIFICATION_STATUSES).optional(),
	channel: z.string().max(64).optional(),
});

/** A cancelled notification as a key without the scope `read` sees it. */
const cancelledSchema = notificationSchema.pick({ notification_id: true, status: true });

/** Shows notifications and cancels one. */
export function notificationRoutes(app: App, api: ApiWith<'notifications' | 'incidents'>): void {
	app.get(
		'/notifications',
		{
			config: { scopes: ['read'] },
			schema: {
				summary: 'List notifications, newest first',
				tags: ['Notifications'],
				querystring: listSchema,
				response: { 200: notificationListSchema },
			},
		},
		async ({ query: { status, channel, after, limit } }) => {
			const page = await api.store.notifications.list({ status, channel }, { after, limit });
			return {
				notifications: page.items.map(({ id, status, createdAt, channels }) => ({
					notification_id: id,
					status,
					created_at: isoTime(createdAt),
					channels: [...channels],
				})),
				next_cursor: page.nextCursor,
			};
		},
	);

	app.get(
		'/notifications/:id',
		{
			// Each of its events repeats the metadata.
			config: { scopes: ['read'], isLarge: true },
			schema: {
				summary: 'Get a notification with its deliveries and events',
				tags: ['Notifications'],
				params: paramsSchema,
				response: { 200: notificationSchema },
			},
		},
		async ({ params }) => await show(params.id, api),
	);

	app.post(
		'/notifications/:id/cancel',
		{
			// It answers as the route above.
			config: { scopes: ['send'], isLarge: true },
			schema: {
				summary: 'Cancel what is pending of a notification',
				description:
					'Pending deliveries end as cancelled, and fallbacks are not used. An attempt under way is the last of its delivery. 409 when nothing is pending. A key without the scope read gets only the id and the status.',
				tags: ['Notifications'],
				params: paramsSchema,
				response: { 200: z.union([notificationSchema, cancelledSchema]) },
			},
		},
		async ({ params, apiKey }) => {
			const isCalledOff = await cancelIncidentOf(params.id, api);
			const result = isCalledOff ? 'cancelled' : await api.store.notifications.cancel(params.id);
			if (result === 'nothing') throw new Problem(409, 'Nothing of this notification is pending');
			// The first page of an incident may not have been made.
			const isMade = !isCalledOff || (await api.store.notifications.get(params.id)) !== undefined;
			if (!isMade) return { notification_id: params.id, status: 'cancelled' as const };
			const shown = await show(params.id, api);
			const mayRead = apiKey.scopes.includes('read') || apiKey.scopes.includes('admin');
			return mayRead ? shown : { notification_id: shown.notification_id, status: shown.status };
		},
	);
}

async function show(
	id: string,
	{ store }: ApiWith<'notifications'>,
): Promise<z.infer<typeof notificationSchema>> {
	const found = await store.notifications.get(id);
	if (!found) throw new Problem(404, 'There is no notification with this id');
	return orBroken(() => toWire(found));
}

function toWire({
	notification,
	status,
	events,
	sending,
}: StoredNotification): z.infer<typeof notificationSchema> {
	return {
		notification_id: notification.id,
		status: status === 'queued' && sending.size > 0 ? 'in_progress' : status,
		created_at: isoTime(notification.createdAt),
		message: notification.message,
		...(notification.subject === undefined ? {} : { subject: notification.subject }),
		...(notification.source ? { source: { ...notification.source } } : {}),
		metadata: { ...notification.metadata },
		deliveries: notification.deliveries.map((delivery) => ({
			id: delivery.id,
			channel: delivery.channel,
			connection: delivery.connection,
			recipient: delivery.recipient,
			...(delivery.contactId === undefined ? {} : { contact_id: delivery.contactId }),
			status: sending.has(delivery.id) ? 'sending' : delivery.state,
			...(delivery.messageId === undefined ? {} : { message_id: delivery.messageId }),
			attempts: delivery.attempts.map(attemptToWire),
		})),
		events: [...events],
	};
}

function attemptToWire({ at, latencyMs, error }: Delivery['attempts'][number]) {
	return { at: isoTime(at), latency_ms: latencyMs, ...(error ? { error } : {}) };
}
