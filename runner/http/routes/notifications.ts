import { type Delivery, isoTime } from '@sureping/engine';
import type { FastifyInstance } from 'fastify';
import type { StoredNotification } from '../../store/store.ts';
import type { Api } from '../api.ts';
import { Problem } from '../problem.ts';

/** `GET /notifications/{id}`: what became of it. */
export function notificationRoutes(app: FastifyInstance, api: Api): void {
	app.get<{ Params: { id: string } }>('/notifications/:id', async (request) => {
		api.authenticate(request, 'read');
		const found = await api.store.notification(request.params.id);
		if (!found) throw new Problem(404, 'There is no notification with this id');
		return toWire(found);
	});
}

function toWire({ notification, status, events, sending }: StoredNotification): unknown {
	return {
		notification_id: notification.id,
		status: status === 'queued' && sending.size > 0 ? 'in_progress' : status,
		created_at: isoTime(notification.createdAt),
		metadata: notification.metadata,
		deliveries: notification.deliveries.map((delivery) => ({
			id: delivery.id,
			channel: delivery.channel,
			connection: delivery.connection,
			recipient: delivery.recipient,
			status: sending.has(delivery.id) ? 'sending' : delivery.state,
			attempts: delivery.attempts.map(attemptToWire),
		})),
		events,
	};
}

function attemptToWire({ at, latencyMs, error }: Delivery['attempts'][number]): unknown {
	return { at: isoTime(at), latency_ms: latencyMs, ...(error ? { error } : {}) };
}
