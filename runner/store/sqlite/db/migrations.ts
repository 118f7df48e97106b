import { HAS_FORMER_DEFAULT } from '../../rows/former-default-events.ts';

/**
 * The schema, step by step; a database's `user_version` counts the steps that it has. Steps are only ever added. One that
 * rewrites many rows does so in the phases that follow it (`PHASES`).
 * Times are milliseconds since 1970. `due_at` is set exactly while an attempt is owed, so the partial indexes hold
 * nothing but pending work, and a claim costs the same whatever else the table holds.
 *
 * A step stays as it was released, its comments and the names of columns included: `told` is `Notification.published`,
 * `depth` is `Notification.depth`, and a `turn` is the reserved start of a delivery to a recipient with a limit.
 */
export const MIGRATIONS: readonly string[] = [
	`
	CREATE TABLE notifications (
		id TEXT PRIMARY KEY,
		created_at INTEGER NOT NULL,
		api_key TEXT NOT NULL,
		status TEXT NOT NULL,
		message TEXT NOT NULL,
		subject TEXT,
		metadata TEXT NOT NULL,
		priority INTEGER NOT NULL,
		send_at INTEGER,
		expires_at INTEGER,
		fallbacks TEXT NOT NULL,
		callback_url TEXT
	) STRICT, WITHOUT ROWID;

	CREATE TABLE deliveries (
		id TEXT PRIMARY KEY,
		notification_id TEXT NOT NULL REFERENCES notifications (id),
		position INTEGER NOT NULL,
		role TEXT NOT NULL,
		channel TEXT NOT NULL,
		connection TEXT NOT NULL,
		recipient TEXT NOT NULL,
		policy TEXT NOT NULL,
		state TEXT NOT NULL,
		attempts TEXT NOT NULL,
		sequence INTEGER NOT NULL,
		priority INTEGER NOT NULL,
		due_at INTEGER
	) STRICT, WITHOUT ROWID;
	CREATE UNIQUE INDEX deliveries_of_notification ON deliveries (notification_id, position);
	CREATE INDEX deliveries_due ON deliveries (priority, due_at) WHERE due_at IS NOT NULL;

	CREATE TABLE events (
		position INTEGER PRIMARY KEY AUTOINCREMENT,
		id TEXT NOT NULL UNIQUE,
		notification_id TEXT NOT NULL,
		type TEXT NOT NULL,
		body TEXT NOT NULL
	) STRICT;
	CREATE INDEX events_of_notification ON events (notification_id, position);

	CREATE TABLE endpoints (
		id TEXT PRIMARY KEY,
		name TEXT NOT NULL,
		url TEXT NOT NULL,
		profile TEXT NOT NULL,
		secret TEXT NOT NULL,
		events TEXT NOT NULL,
		is_default INTEGER NOT NULL,
		status TEXT NOT NULL,
		signature_input TEXT NOT NULL,
		ack TEXT NOT NULL,
		policy TEXT NOT NULL,
		source TEXT NOT NULL,
		created_at INTEGER NOT NULL
	) STRICT, WITHOUT ROWID;
	CREATE UNIQUE INDEX endpoints_by_url ON endpoints (url) WHERE source = 'api';

	CREATE TABLE webhook_deliveries (
		id TEXT PRIMARY KEY,
		event_position INTEGER NOT NULL REFERENCES events (position),
		endpoint_id TEXT,
		callback_url TEXT,
		api_key TEXT,
		state TEXT NOT NULL,
		attempts TEXT NOT NULL,
		due_at INTEGER
	) STRICT, WITHOUT ROWID;
	CREATE INDEX webhook_deliveries_due ON webhook_deliveries (due_at) WHERE due_at IS NOT NULL;
	CREATE INDEX webhook_deliveries_of_endpoint ON webhook_deliveries (endpoint_id, state);

	CREATE TABLE idempotency (
		api_key TEXT NOT NULL,
		key TEXT NOT NULL,
		body_hash TEXT NOT NULL,
		answer TEXT NOT NULL,
		created_at INTEGER NOT NULL,
		PRIMARY KEY (api_key, key)
	) STRICT, WITHOUT ROWID;

	CREATE TABLE probe (id INTEGER PRIMARY KEY, times INTEGER NOT NULL) STRICT;
	INSERT INTO probe VALUES (1, 0);
	`,
	`
	ALTER TABLE endpoints ADD COLUMN expires_at INTEGER;
	ALTER TABLE events ADD COLUMN created_at INTEGER NOT NULL DEFAULT 0;
	UPDATE events SET created_at = CAST(unixepoch(json_extract(body, '$.timestamp'), 'subsec') * 1000 AS INTEGER);
	CREATE INDEX events_by_time ON events (created_at);
	CREATE INDEX notifications_by_status ON notifications (status, id);
	CREATE INDEX webhook_deliveries_by_state ON webhook_deliveries (state, id);
	CREATE INDEX webhook_deliveries_newest ON webhook_deliveries (endpoint_id, id);
	CREATE INDEX deliveries_by_channel ON deliveries (channel, notification_id);
	CREATE INDEX events_by_type ON events (type, position);
	CREATE INDEX idempotency_by_time ON idempotency (created_at);
	CREATE INDEX webhook_deliveries_of_event ON webhook_deliveries (event_position, endpoint_id);

	CREATE TABLE replays (
		id TEXT PRIMARY KEY,
		endpoint_id TEXT NOT NULL,
		status TEXT NOT NULL,
		position INTEGER NOT NULL,
		last_position INTEGER NOT NULL,
		types TEXT NOT NULL,
		only_failed INTEGER NOT NULL,
		replayed INTEGER NOT NULL,
		total INTEGER NOT NULL,
		created_at INTEGER NOT NULL
	) STRICT, WITHOUT ROWID;
	CREATE INDEX replays_running ON replays (id) WHERE status = 'running';
	`,
	`
	ALTER TABLE deliveries ADD COLUMN report TEXT;
	ALTER TABLE deliveries ADD COLUMN message_id TEXT;
	ALTER TABLE deliveries ADD COLUMN confirmation TEXT;
	CREATE INDEX deliveries_by_message ON deliveries (connection, message_id) WHERE message_id IS NOT NULL;

	CREATE TABLE reports (
		position INTEGER PRIMARY KEY,
		id TEXT NOT NULL UNIQUE,
		provider TEXT NOT NULL,
		connection TEXT NOT NULL,
		event_id TEXT NOT NULL,
		message_id TEXT NOT NULL,
		part TEXT NOT NULL,
		type TEXT NOT NULL,
		state TEXT NOT NULL,
		delivery_id TEXT,
		received_at INTEGER NOT NULL,
		forward_at INTEGER,
		body TEXT NOT NULL
	) STRICT;
	CREATE UNIQUE INDEX reports_once ON reports (provider, connection, event_id);
	CREATE INDEX reports_of_message ON reports (connection, message_id, part, type);
	CREATE INDEX reports_by_state ON reports (state, id);
	CREATE INDEX reports_by_origin ON reports (provider, connection, id);
	CREATE INDEX reports_to_forward ON reports (forward_at) WHERE forward_at IS NOT NULL;

	CREATE TABLE inbound_tokens (
		provider TEXT NOT NULL,
		connection TEXT NOT NULL,
		token TEXT NOT NULL,
		body_hash TEXT NOT NULL,
		seen_at INTEGER NOT NULL,
		PRIMARY KEY (provider, connection, token)
	) STRICT, WITHOUT ROWID;
	CREATE INDEX inbound_tokens_by_time ON inbound_tokens (seen_at);
	`,
	`
	ALTER TABLE endpoints ADD COLUMN batch TEXT;
	ALTER TABLE endpoints ADD COLUMN report_type TEXT NOT NULL DEFAULT 'all';
	ALTER TABLE endpoints ADD COLUMN previous_secret TEXT;

	ALTER TABLE notifications ADD COLUMN callbacks TEXT NOT NULL DEFAULT '[]';
	UPDATE notifications SET callbacks = json_array(json_object(
		'url', callback_url, 'profile', 'one-ping', 'reportType', 'all', 'apiKey', api_key))
		WHERE callback_url IS NOT NULL;
	ALTER TABLE notifications DROP COLUMN callback_url;

	DROP INDEX webhook_deliveries_due;
	ALTER TABLE webhook_deliveries ADD COLUMN callback TEXT;
	ALTER TABLE webhook_deliveries ADD COLUMN lane TEXT NOT NULL DEFAULT '';
	ALTER TABLE webhook_deliveries ADD COLUMN tries INTEGER NOT NULL DEFAULT 0;
	ALTER TABLE webhook_deliveries ADD COLUMN most_together INTEGER;
	UPDATE webhook_deliveries SET
		callback = CASE WHEN callback_url IS NULL THEN NULL ELSE json_object(
			'url', callback_url, 'profile', 'one-ping', 'reportType', 'all', 'apiKey', api_key) END,
		lane = coalesce(endpoint_id, callback_url, ''),
		tries = CASE WHEN json_valid(attempts) THEN json_array_length(attempts) ELSE 0 END;
	ALTER TABLE webhook_deliveries DROP COLUMN callback_url;
	ALTER TABLE webhook_deliveries DROP COLUMN api_key;
	CREATE INDEX webhook_deliveries_due
		ON webhook_deliveries (lane, tries, due_at, event_position, most_together)
		WHERE due_at IS NOT NULL;
	`,
	`
	ALTER TABLE endpoints ADD COLUMN headers TEXT;
	ALTER TABLE endpoints ADD COLUMN rate_limit TEXT;
	ALTER TABLE endpoints ADD COLUMN health TEXT;
	ALTER TABLE endpoints RENAME COLUMN previous_secret TO previous_secrets;
	UPDATE endpoints SET previous_secrets = json_array(json(previous_secrets))
		WHERE previous_secrets IS NOT NULL;

	CREATE TABLE dead_letters (
		id TEXT PRIMARY KEY,
		kind TEXT NOT NULL,
		of TEXT NOT NULL,
		reason TEXT NOT NULL,
		created_at INTEGER NOT NULL,
		UNIQUE (kind, of)
	) STRICT, WITHOUT ROWID;

	-- Events up to this position are not all there any more.
	CREATE TABLE feed (id INTEGER PRIMARY KEY, pruned_position INTEGER NOT NULL) STRICT;
	INSERT INTO feed VALUES (1, 0);
	CREATE INDEX reports_by_time ON reports (received_at);
	`,
	`
	DROP INDEX deliveries_due;
	ALTER TABLE deliveries ADD COLUMN lane TEXT NOT NULL DEFAULT '';
	ALTER TABLE deliveries ADD COLUMN last_at INTEGER;
	ALTER TABLE deliveries ADD COLUMN expires_at INTEGER;
	ALTER TABLE deliveries ADD COLUMN turn_at INTEGER;
	UPDATE deliveries SET lane = channel || ':' || connection, last_at = due_at, expires_at = (
		SELECT expires_at FROM notifications WHERE notifications.id = deliveries.notification_id)
		WHERE due_at IS NOT NULL AND state <> 'sent';
	CREATE INDEX deliveries_due ON deliveries (lane, priority, due_at) WHERE due_at IS NOT NULL;
	CREATE INDEX deliveries_last ON deliveries (lane, priority, last_at) WHERE last_at IS NOT NULL;
	CREATE INDEX deliveries_expiring ON deliveries (expires_at) WHERE expires_at IS NOT NULL;

	CREATE TABLE quota_use (
		api_key TEXT NOT NULL,
		period_start INTEGER NOT NULL,
		notifications INTEGER NOT NULL,
		PRIMARY KEY (api_key, period_start)
	) STRICT, WITHOUT ROWID;
	`,
	`
	ALTER TABLE notifications ADD COLUMN source TEXT;
	ALTER TABLE notifications ADD COLUMN depth INTEGER NOT NULL DEFAULT 0;
	-- Its events about no single delivery so far, as a JSON list; NULL for none.
	ALTER TABLE notifications ADD COLUMN told TEXT;
	ALTER TABLE deliveries ADD COLUMN error TEXT;
	-- Of its notification, so that a chain of sends is known for as long as the event is kept.
	ALTER TABLE events ADD COLUMN depth INTEGER NOT NULL DEFAULT 0;
	ALTER TABLE endpoints ADD COLUMN events_chosen INTEGER NOT NULL DEFAULT 1;
	UPDATE endpoints SET events_chosen = 0 WHERE ${HAS_FORMER_DEFAULT};
	`,
	`
	-- When its notification was accepted, or is to be sent.
	ALTER TABLE deliveries ADD COLUMN owed_since INTEGER;
	UPDATE deliveries SET owed_since = (
		SELECT max(created_at, coalesce(send_at, 0)) FROM notifications
		WHERE notifications.id = deliveries.notification_id)
		WHERE due_at IS NOT NULL;
	CREATE INDEX deliveries_oldest ON deliveries (owed_since) WHERE due_at IS NOT NULL AND lane <> '';
	`,
	`
	-- The version of Sureping that made each step from this one on: an older one names it when it refuses the file.
	CREATE TABLE schema_steps (step INTEGER PRIMARY KEY, made_by TEXT NOT NULL, made_at INTEGER NOT NULL) STRICT;
	`,
	`
	-- A notification is one row, with all its deliveries in order as a JSON list. Its key is a number: a row of more than
	-- 1,000 bytes would leave the tree of a table WITHOUT ROWID for pages of its own.
	CREATE TABLE notifications_next (
		position INTEGER PRIMARY KEY,
		id TEXT NOT NULL UNIQUE,
		created_at INTEGER NOT NULL,
		api_key TEXT NOT NULL,
		status TEXT NOT NULL,
		message TEXT NOT NULL,
		subject TEXT,
		metadata TEXT NOT NULL,
		priority INTEGER NOT NULL,
		send_at INTEGER,
		expires_at INTEGER,
		fallbacks TEXT NOT NULL,
		callbacks TEXT NOT NULL,
		source TEXT,
		depth INTEGER NOT NULL,
		told TEXT,
		deliveries TEXT NOT NULL
	) STRICT;

	DROP INDEX deliveries_due;
	-- The deliveries that have not ended. due_at is NULL while a dead letter keeps one from being tried; last_at is when its
	-- last attempt is due, and lane is '' while it waits for a report.
	CREATE TABLE deliveries_due (
		notification_id TEXT NOT NULL,
		id TEXT NOT NULL,
		lane TEXT NOT NULL,
		priority INTEGER NOT NULL,
		due_at INTEGER,
		recipient TEXT NOT NULL,
		last_at INTEGER,
		expires_at INTEGER,
		reserved_at INTEGER,
		owed_since INTEGER,
		PRIMARY KEY (notification_id, id)
	) STRICT, WITHOUT ROWID;

	-- For the lists of a channel. Ids sort by time, so rows are added at the end of each channel.
	CREATE TABLE notification_channels (
		channel TEXT NOT NULL,
		notification_id TEXT NOT NULL,
		PRIMARY KEY (channel, notification_id)
	) STRICT, WITHOUT ROWID;

	-- The services' own ids of messages, which their reports name.
	CREATE TABLE message_ids (
		connection TEXT NOT NULL,
		message_id TEXT NOT NULL,
		notification_id TEXT NOT NULL,
		delivery_id TEXT NOT NULL,
		PRIMARY KEY (connection, message_id, notification_id, delivery_id)
	) STRICT, WITHOUT ROWID;

	-- Webhook deliveries that have no row yet, as a JSON list: they are sent right away.
	ALTER TABLE events ADD COLUMN owed TEXT;
	-- Every webhook delivery of an event up to this position has a row.
	ALTER TABLE feed ADD COLUMN settled_position INTEGER NOT NULL DEFAULT 0;
	UPDATE feed SET settled_position = coalesce((SELECT max(position) FROM events), 0);

	-- The first event of each ten seconds since 1970.
	CREATE TABLE event_periods (period INTEGER PRIMARY KEY, position INTEGER NOT NULL) STRICT;
	`,
	`
	-- An incident is its body; the other columns are there to find it by. dedup_key is NULL where it has none, or gave it up
	-- because its body is damaged. due_at is also NULL while a dead letter keeps it from being tried. ended_at is the last
	-- change of one that nobody answered.
	CREATE TABLE incidents (
		position INTEGER PRIMARY KEY,
		id TEXT NOT NULL UNIQUE,
		key_owner TEXT NOT NULL,
		dedup_key TEXT,
		status TEXT NOT NULL,
		due_at INTEGER,
		opened_at INTEGER NOT NULL,
		ended_at INTEGER,
		policy_name TEXT,
		api_key TEXT NOT NULL,
		callbacks TEXT NOT NULL,
		body TEXT NOT NULL
	) STRICT;
	CREATE UNIQUE INDEX incidents_of_open_key ON incidents (dedup_key, key_owner)
		WHERE dedup_key IS NOT NULL AND status IN ('open', 'acknowledged', 'exhausted');
	CREATE INDEX incidents_by_key ON incidents (dedup_key, id) WHERE dedup_key IS NOT NULL;
	CREATE INDEX incidents_by_status ON incidents (status, id);
	CREATE INDEX incidents_due ON incidents (due_at, id) WHERE due_at IS NOT NULL;
	CREATE INDEX incidents_ended ON incidents (ended_at) WHERE ended_at IS NOT NULL;

	-- The notifications that are pages of incidents.
	CREATE TABLE incident_pages (
		notification_id TEXT PRIMARY KEY,
		incident_id TEXT NOT NULL
	) STRICT, WITHOUT ROWID;
	CREATE INDEX incident_pages_of_incident ON incident_pages (incident_id);
	`,
	`
	-- Secrets that the runner made for itself, in base64.
	CREATE TABLE runner_secrets (
		name TEXT PRIMARY KEY,
		value TEXT NOT NULL,
		created_at INTEGER NOT NULL
	) STRICT, WITHOUT ROWID;
	`,
	`
	-- Contacts, on-calls and policies that were made over the API. A contact's name is its id.
	CREATE TABLE directory_entries (
		kind TEXT NOT NULL,
		name TEXT NOT NULL,
		body TEXT NOT NULL,
		created_at INTEGER NOT NULL,
		changed_at INTEGER NOT NULL,
		PRIMARY KEY (kind, name)
	) STRICT;
	`,
	`
	-- The incident that a notification is a page of.
	ALTER TABLE notifications ADD COLUMN incident_id TEXT;

	-- How far each task has come that one process at a time does, and when that was noted.
	CREATE TABLE leases (name TEXT PRIMARY KEY, position INTEGER NOT NULL, noted_at INTEGER NOT NULL) STRICT, WITHOUT ROWID;
	`,
];
