import type { Stored, StoredIncidents } from './stored.ts';

export type Row = Readonly<Record<string, unknown>>;

/** The tables that a run is judged by. They and their columns have the same names in every store, but for deliveries. */
export const QUERIES = {
	notifications: 'SELECT * FROM notifications',
	incidents: 'SELECT id, body FROM incidents ORDER BY id',
	events: 'SELECT id, body FROM events ORDER BY position',
	webhooks: `SELECT w.*, e.id AS event_id, p.name FROM webhook_deliveries w
		JOIN events e ON e.position = w.event_position
		LEFT JOIN endpoints p ON p.id = w.endpoint_id`,
} as const;

/** The deliveries of notifications in their order, and the table of those that are owed. */
export interface DeliveryQueries {
	readonly all: string;
	readonly due: string;
}

/** Counts the deliveries and webhook deliveries that are owed, and the incidents that are due some day, as `owed`. */
export const owedIn = ({ due }: DeliveryQueries): string => `SELECT
	(SELECT count(*) FROM ${due} WHERE due_at IS NOT NULL) + (SELECT count(*) FROM webhook_deliveries WHERE due_at IS NOT NULL) +
	(SELECT count(*) FROM incidents WHERE due_at IS NOT NULL) AS owed`;

/** Reads JSON that the runner wrote; it comes back as it was. */
const json = (value: unknown) => JSON.parse(String(value));

export function toStored(
	rows: Readonly<Record<Exclude<keyof typeof QUERIES, 'incidents'> | 'deliveries', readonly Row[]>>,
	damage: readonly string[],
): Stored {
	return {
		notifications: rows.notifications.map((row) => ({
			id: String(row.id),
			n: json(row.metadata).n,
			// Words of the engine, as it wrote them.
			status: String(row.status) as Stored['notifications'][number]['status'],
			createdAt: Number(row.created_at),
			...(row.send_at === null ? {} : { sendAt: Number(row.send_at) }),
			fallbacksLeft: json(row.fallbacks).length,
			hasCallback: json(row.callbacks).length > 0,
		})),
		deliveries: rows.deliveries.map((row) => ({
			id: String(row.id),
			notificationId: String(row.notification_id),
			// Words of the engine, as it wrote them.
			role: String(row.role) as Stored['deliveries'][number]['role'],
			connection: `${String(row.channel)}:${String(row.connection)}`,
			state: String(row.state) as Stored['deliveries'][number]['state'],
			attempts: json(row.attempts),
			mostAttempts: json(row.policy).delaysMs.length + 1,
			sequence: Number(row.sequence),
			isDue: row.due_at !== null,
		})),
		events: rows.events.map((row) => {
			const { event, delivery_id, sequence, attempt, next_retry_at } = json(row.body);
			return {
				id: String(row.id),
				type: event,
				deliveryId: delivery_id,
				sequence,
				...(next_retry_at ? { attempt, nextRetryAt: Date.parse(next_retry_at) } : {}),
			};
		}),
		webhooks: rows.webhooks.map((row) => ({
			id: String(row.id),
			eventId: String(row.event_id),
			to: row.endpoint_id === null ? 'callback' : String(row.name),
			state: String(row.state),
			attempts: json(row.attempts),
			isDue: row.due_at !== null,
		})),
		damage,
	};
}

export const toStoredIncidents = (
	incidents: readonly Row[],
	events: readonly Row[],
	damage: readonly string[],
): StoredIncidents => ({
	incidents: incidents.map(({ body }) => json(body)),
	events: events.flatMap(({ id, body }) => {
		const { incident_id: incidentId, delivery_id: deliveryId, sequence } = json(body);
		return incidentId && !deliveryId ? [{ id: String(id), incidentId, sequence }] : [];
	}),
	damage,
});
