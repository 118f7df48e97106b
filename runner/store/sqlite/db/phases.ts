import type { PhasesByStep } from '../../rules/phases.ts';

/**
 * Phases of the steps that rewrite many rows; the SQL of a step in `MIGRATIONS` runs before them. Like that SQL, they stay as
 * they were released.
 */
export const PHASES: PhasesByStep = {
	10: [
		{
			rows: {
				from: 'notifications',
				key: 'id',
				before: '',
				copied: ['notifications', 'deliveries'],
				move: [
					// Text that is not JSON any more becomes a JSON string, so that its delivery stays as unreadable as it was.
					`INSERT INTO notifications_next (id, created_at, api_key, status, message, subject, metadata, priority, send_at,
						expires_at, fallbacks, callbacks, source, depth, told, deliveries)
					SELECT id, created_at, api_key, status, message, subject, metadata, priority, send_at,
						expires_at, fallbacks, callbacks, source, depth, told, (
							SELECT json_group_array(json(json_patch(
								json_object('id', id, 'role', role, 'channel', channel, 'connection', connection,
									'recipient', recipient, 'policy', json(iif(json_valid(policy), policy, json_quote(policy))),
									'state', state, 'attempts', json(iif(json_valid(attempts), attempts, json_quote(attempts))),
									'sequence', sequence),
								json_object('dueAt', due_at, 'messageId', message_id, 'confirmation', confirmation,
									'report', json(iif(json_valid(report), report, json_quote(report))),
									'error', json(iif(json_valid(error), error, json_quote(error)))))) ORDER BY position)
							FROM deliveries WHERE notification_id = n.id)
					FROM notifications n WHERE id > ?1 AND id <= ?2 ORDER BY id`,
					`INSERT INTO deliveries_due
					SELECT notification_id, id, lane, priority, due_at, recipient, last_at, expires_at, turn_at, owed_since
					FROM deliveries WHERE notification_id > ?1 AND notification_id <= ?2 AND (due_at IS NOT NULL
						OR state NOT IN ('delivered', 'failed', 'bounced', 'cancelled', 'expired'))
					ORDER BY notification_id, id`,
					`INSERT INTO notification_channels
					SELECT DISTINCT channel, notification_id FROM deliveries
					WHERE notification_id > ?1 AND notification_id <= ?2 ORDER BY channel, notification_id`,
					`INSERT INTO message_ids
					SELECT connection, message_id, notification_id, id FROM deliveries
					WHERE notification_id > ?1 AND notification_id <= ?2 AND message_id IS NOT NULL
					ORDER BY connection, message_id`,
				],
			},
			end: 'DROP TABLE deliveries; DROP TABLE notifications; ALTER TABLE notifications_next RENAME TO notifications;',
		},
		{
			// Most end as delivered, and are found from the newest on.
			end: `CREATE INDEX notifications_not_delivered ON notifications (status, id)
				WHERE status = 'failed' OR status = 'cancelled';
			-- With owed_since, so that the backlog is counted from this index alone.
			CREATE INDEX deliveries_due_next ON deliveries_due (lane, priority, due_at, owed_since) WHERE due_at IS NOT NULL;
			CREATE INDEX deliveries_due_last ON deliveries_due (lane, priority, last_at) WHERE last_at IS NOT NULL;
			CREATE INDEX deliveries_due_expiring ON deliveries_due (expires_at) WHERE expires_at IS NOT NULL;
			CREATE INDEX deliveries_due_stopped ON deliveries_due (id) WHERE due_at IS NULL;`,
		},
		{
			end: `INSERT INTO event_periods SELECT created_at / 10000, min(position) FROM events GROUP BY 1;
			DROP INDEX events_by_time;
			-- What is frequent is found by walking the table.
			DROP INDEX events_by_type;
			DROP INDEX webhook_deliveries_of_endpoint;
			DROP INDEX webhook_deliveries_by_state;`,
		},
		{
			end: `CREATE INDEX events_of_rare_types ON events (type, position)
				WHERE type NOT IN ('notification.queued', 'notification.delivered');`,
		},
		{
			end: `CREATE INDEX webhook_deliveries_of_endpoint ON webhook_deliveries (endpoint_id, state)
				WHERE state <> 'delivered';
			CREATE INDEX webhook_deliveries_by_state ON webhook_deliveries (state, id) WHERE state <> 'delivered';`,
		},
	],
};
