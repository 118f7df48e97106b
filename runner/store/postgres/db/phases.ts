import type { PhasesByStep } from '../../rules/phases.ts';

/**
 * Phases of the steps that rewrite many rows or build large indexes; the SQL of a step in `MIGRATIONS` runs before them. Like
 * that SQL, they stay as they were released. An index keeps writers waiting while it is built, so each has a transaction of
 * its own, and older versions that run meanwhile have the old ones until the end.
 */
export const PHASES: PhasesByStep = {
	// Indexes of what most rows come to are read for the other rows alone: most of what ends is delivered, and is found in the
	// order of its ids or positions.
	7: [
		{
			end: `CREATE INDEX notifications_not_delivered ON sureping.notifications (status, id)
				WHERE status <> 'delivered'`,
			reads: ['sureping.notifications'],
		},
		{
			end: `CREATE INDEX events_of_rare_types ON sureping.events (type, position)
				WHERE type NOT IN ('notification.queued', 'notification.delivered')`,
			reads: ['sureping.events'],
		},
		{
			// Equal keys share their entry.
			end: 'CREATE INDEX events_by_notification ON sureping.events (notification_id)',
			reads: ['sureping.events'],
		},
		{
			end: 'CREATE INDEX webhook_deliveries_by_event ON sureping.webhook_deliveries (event_position)',
			reads: ['sureping.webhook_deliveries'],
		},
		{
			end: `CREATE INDEX webhook_deliveries_not_delivered ON sureping.webhook_deliveries (state, id)
				WHERE state <> 'delivered'`,
			reads: ['sureping.webhook_deliveries'],
		},
		{
			end: `CREATE INDEX webhook_deliveries_of_endpoint_not_delivered
				ON sureping.webhook_deliveries (endpoint_id, state, id) WHERE state <> 'delivered'`,
			reads: ['sureping.webhook_deliveries'],
		},
		{
			end: `DROP INDEX sureping.notifications_by_status, sureping.events_by_type, sureping.events_of_notification,
				sureping.webhook_deliveries_of_endpoint, sureping.webhook_deliveries_by_state,
				sureping.webhook_deliveries_of_event`,
		},
	],
};
