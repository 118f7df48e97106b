import { HAS_FORMER_DEFAULT } from '../../rows/former-default-events.ts';

/**
 * The schema, step by step. Steps are only ever added, and each leaves older versions working that run meanwhile: it
 * adds tables, indexes and columns with a default, and takes away nothing but indexes. A step that rewrites many rows or
 * builds large indexes does so in the phases that follow it (`PHASES`).
 *
 * Ids compare by their bytes (`C`), as they sort by time. Times are milliseconds since 1970. `due_at` is set exactly while
 * an attempt is owed, and `owner` while a process works on it, so the indexes that claims read hold nothing but work that
 * can be taken: a claim costs the same whatever else a table holds. There are no foreign keys: every row is written in one
 * transaction with those that it names, and checking each again would cost more than writing it.
 *
 * A step stays as it was released, its comments and the names of columns included: `told` is `Notification.published`,
 * `depth` is `Notification.depth`, and a `turn` is the reserved start of a delivery to a recipient with a limit.
 */
export const MIGRATIONS: readonly string[] = [
	`
	CREATE TABLE sureping.notifications (
		id text COLLATE "C" PRIMARY KEY,
		created_at bigint NOT NULL,
		api_key text NOT NULL,
		status text NOT NULL,
		message text NOT NULL,
		subject text,
		metadata text NOT NULL,
		priority smallint NOT NULL,
		send_at bigint,
		expires_at bigint,
		fallbacks text NOT NULL,
		callbacks text NOT NULL
	);
	CREATE INDEX notifications_by_status ON sureping.notifications (status, id);

	CREATE TABLE sureping.deliveries (
		id text COLLATE "C" PRIMARY KEY,
		notification_id text COLLATE "C" NOT NULL,
		position integer NOT NULL,
		role text NOT NULL,
		channel text NOT NULL,
		connection text NOT NULL,
		recipient text NOT NULL,
		policy text NOT NULL,
		state text NOT NULL,
		attempts text NOT NULL,
		sequence integer NOT NULL,
		priority smallint NOT NULL,
		due_at bigint,
		report text,
		message_id text,
		confirmation text,
		lane text COLLATE "C" NOT NULL,
		last_at bigint,
		expires_at bigint,
		turn_at bigint,
		owner text
	);
	CREATE UNIQUE INDEX deliveries_of_notification ON sureping.deliveries (notification_id, position);
	CREATE INDEX deliveries_due ON sureping.deliveries (lane, priority, due_at)
		WHERE due_at IS NOT NULL AND owner IS NULL;
	CREATE INDEX deliveries_last ON sureping.deliveries (lane, priority, last_at)
		WHERE last_at IS NOT NULL AND owner IS NULL;
	CREATE INDEX deliveries_expiring ON sureping.deliveries (expires_at)
		WHERE expires_at IS NOT NULL AND owner IS NULL;
	CREATE INDEX deliveries_owned ON sureping.deliveries (owner) WHERE owner IS NOT NULL;
	CREATE INDEX deliveries_by_channel ON sureping.deliveries (channel, notification_id);
	CREATE INDEX deliveries_by_message ON sureping.deliveries (connection, md5(message_id))
		WHERE message_id IS NOT NULL;

	CREATE TABLE sureping.events (
		position bigint PRIMARY KEY,
		id text COLLATE "C" NOT NULL UNIQUE,
		notification_id text COLLATE "C" NOT NULL,
		type text NOT NULL,
		body text NOT NULL,
		created_at bigint NOT NULL
	);
	CREATE INDEX events_of_notification ON sureping.events (notification_id, position);
	CREATE INDEX events_by_time ON sureping.events (created_at, position);
	CREATE INDEX events_by_type ON sureping.events (type, position);

	CREATE TABLE sureping.feed (
		id integer PRIMARY KEY CHECK (id = 1),
		endpoints_version bigint NOT NULL,
		-- Of what requests taught about endpoints, which nothing that is written depends on.
		health_version bigint NOT NULL,
		-- Events up to this position are not all there any more.
		pruned_position bigint NOT NULL
	) WITH (fillfactor = 10);
	INSERT INTO sureping.feed VALUES (1, 0, 0, 0);

	CREATE TABLE sureping.endpoints (
		id text COLLATE "C" PRIMARY KEY,
		name text NOT NULL,
		url text NOT NULL,
		profile text NOT NULL,
		secret text NOT NULL,
		events text NOT NULL,
		is_default smallint NOT NULL,
		status text NOT NULL,
		signature_input text NOT NULL,
		ack text NOT NULL,
		policy text NOT NULL,
		source text NOT NULL,
		created_at bigint NOT NULL,
		expires_at bigint,
		batch text,
		report_type text NOT NULL,
		previous_secrets text,
		headers text,
		rate_limit text,
		health text
	);
	CREATE UNIQUE INDEX endpoints_by_url ON sureping.endpoints (md5(url)) WHERE source = 'api';
	CREATE UNIQUE INDEX endpoints_by_name ON sureping.endpoints (name) WHERE source = 'config';

	CREATE TABLE sureping.webhook_deliveries (
		id text COLLATE "C" PRIMARY KEY,
		event_position bigint NOT NULL,
		endpoint_id text COLLATE "C",
		callback text,
		lane text COLLATE "C" NOT NULL,
		tries integer NOT NULL DEFAULT 0,
		state text NOT NULL,
		attempts text NOT NULL,
		due_at bigint,
		most_together integer,
		owner text
	);
	CREATE INDEX webhook_deliveries_due ON sureping.webhook_deliveries (lane, tries, due_at, event_position)
		WHERE due_at IS NOT NULL AND owner IS NULL;
	CREATE INDEX webhook_deliveries_owned ON sureping.webhook_deliveries (owner) WHERE owner IS NOT NULL;
	CREATE INDEX webhook_deliveries_of_endpoint ON sureping.webhook_deliveries (endpoint_id, state, id);
	CREATE INDEX webhook_deliveries_by_state ON sureping.webhook_deliveries (state, id);
	CREATE INDEX webhook_deliveries_newest ON sureping.webhook_deliveries (endpoint_id, id);
	CREATE INDEX webhook_deliveries_of_event
		ON sureping.webhook_deliveries (event_position, endpoint_id);

	CREATE TABLE sureping.idempotency (
		api_key text NOT NULL,
		key text NOT NULL,
		body_hash text NOT NULL,
		answer text NOT NULL,
		created_at bigint NOT NULL,
		PRIMARY KEY (api_key, key)
	);
	CREATE INDEX idempotency_by_time ON sureping.idempotency (created_at);

	CREATE TABLE sureping.replays (
		id text COLLATE "C" PRIMARY KEY,
		endpoint_id text COLLATE "C" NOT NULL,
		status text NOT NULL,
		position bigint NOT NULL,
		last_position bigint NOT NULL,
		types text NOT NULL,
		only_failed smallint NOT NULL,
		replayed bigint NOT NULL,
		total bigint NOT NULL,
		created_at bigint NOT NULL
	);
	CREATE INDEX replays_running ON sureping.replays (id) WHERE status = 'running';

	CREATE TABLE sureping.reports (
		position bigint GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY,
		id text COLLATE "C" NOT NULL UNIQUE,
		provider text NOT NULL,
		connection text NOT NULL,
		event_id text NOT NULL,
		message_id text NOT NULL,
		part text NOT NULL,
		type text NOT NULL,
		state text NOT NULL,
		delivery_id text,
		received_at bigint NOT NULL,
		forward_at bigint,
		body text NOT NULL
	);
	CREATE UNIQUE INDEX reports_once ON sureping.reports (provider, connection, md5(event_id));
	CREATE INDEX reports_of_message ON sureping.reports (connection, md5(message_id));
	CREATE INDEX reports_by_state ON sureping.reports (state, id);
	CREATE INDEX reports_by_origin ON sureping.reports (provider, connection, id);
	CREATE INDEX reports_by_time ON sureping.reports (received_at);
	CREATE INDEX reports_to_forward ON sureping.reports (forward_at) WHERE forward_at IS NOT NULL;

	CREATE TABLE sureping.inbound_tokens (
		provider text NOT NULL,
		connection text NOT NULL,
		token text NOT NULL,
		body_hash text NOT NULL,
		seen_at bigint NOT NULL
	);
	CREATE UNIQUE INDEX inbound_tokens_once ON sureping.inbound_tokens (provider, connection, md5(token));
	CREATE INDEX inbound_tokens_by_time ON sureping.inbound_tokens (seen_at);

	CREATE TABLE sureping.dead_letters (
		id text COLLATE "C" PRIMARY KEY,
		kind text NOT NULL,
		of text NOT NULL,
		reason text NOT NULL,
		created_at bigint NOT NULL,
		UNIQUE (kind, of)
	);

	CREATE TABLE sureping.quota_use (
		api_key text NOT NULL,
		period_start bigint NOT NULL,
		notifications bigint NOT NULL,
		PRIMARY KEY (api_key, period_start)
	);

	CREATE TABLE sureping.workers (
		id text PRIMARY KEY,
		lease_until timestamptz NOT NULL
	);

	CREATE TABLE sureping.probe (id integer PRIMARY KEY, times bigint NOT NULL);
	INSERT INTO sureping.probe VALUES (1, 0);
	`,
	// Limits of connections and endpoints that processes share. Older versions keep their own limits beside these.
	`
	CREATE TABLE sureping.connection_limits (
		lane text COLLATE "C" PRIMARY KEY,
		state text NOT NULL DEFAULT '{}',
		version bigint NOT NULL DEFAULT 0,
		-- The worker that has let out a probe.
		probed_by text
	) WITH (fillfactor = 10);

	CREATE TABLE sureping.recipient_turns (
		lane text COLLATE "C" NOT NULL,
		recipient text COLLATE "C" NOT NULL,
		full_at double precision NOT NULL,
		PRIMARY KEY (lane, recipient)
	);
	CREATE INDEX recipient_turns_by_time ON sureping.recipient_turns (full_at);

	CREATE TABLE sureping.endpoint_limits (LIKE sureping.connection_limits INCLUDING ALL);
	`,
	`
	-- Since when a process has renewed its lease without a break of more than two beats.
	ALTER TABLE sureping.workers ADD COLUMN steady_since timestamptz NOT NULL DEFAULT clock_timestamp();
	`,
	`
	ALTER TABLE sureping.notifications ADD COLUMN source text, ADD COLUMN depth integer NOT NULL DEFAULT 0,
		-- Its events about no single delivery so far, as a JSON list; NULL for none.
		ADD COLUMN told text;
	ALTER TABLE sureping.deliveries ADD COLUMN error text;
	-- Of its notification, so that a chain of sends is known for as long as the event is kept.
	ALTER TABLE sureping.events ADD COLUMN depth integer NOT NULL DEFAULT 0;
	ALTER TABLE sureping.endpoints ADD COLUMN events_chosen smallint NOT NULL DEFAULT 1;
	UPDATE sureping.endpoints SET events_chosen = 0 WHERE ${HAS_FORMER_DEFAULT};
	`,
	`
	-- When its notification was accepted, or is to be sent; NULL where an older version wrote it.
	ALTER TABLE sureping.deliveries ADD COLUMN owed_since bigint;
	UPDATE sureping.deliveries d SET owed_since = greatest(n.created_at, n.send_at)
		FROM sureping.notifications n WHERE n.id = d.notification_id AND d.due_at IS NOT NULL;
	CREATE INDEX deliveries_oldest ON sureping.deliveries (owed_since)
		WHERE due_at IS NOT NULL AND lane <> '';
	`,
	`
	-- The version of Sureping that made the step (NULL before this one), and the steps that a runner must know to go on
	-- working with the schema once it has this step.
	ALTER TABLE sureping.schema_steps ADD COLUMN made_by text, ADD COLUMN usable_from integer NOT NULL DEFAULT 1;
	`,
	`
	-- Only indexes, one by one: see the phases of this step.
	`,
	`
	-- An incident is its body; the other columns are there to find it by. dedup_key is NULL where it has none, or gave it up
	-- because its body is damaged. due_at is also NULL while a dead letter keeps it from being tried. ended_at is the last
	-- change of one that nobody answered.
	CREATE TABLE sureping.incidents (
		id text COLLATE "C" PRIMARY KEY,
		key_owner text COLLATE "C" NOT NULL,
		dedup_key text COLLATE "C",
		status text NOT NULL,
		due_at bigint,
		opened_at bigint NOT NULL,
		ended_at bigint,
		policy_name text,
		api_key text NOT NULL,
		callbacks text NOT NULL,
		body text NOT NULL
	);
	CREATE UNIQUE INDEX incidents_of_open_key ON sureping.incidents (dedup_key, key_owner)
		WHERE dedup_key IS NOT NULL AND status IN ('open', 'acknowledged', 'exhausted');
	CREATE INDEX incidents_by_key ON sureping.incidents (dedup_key, id) WHERE dedup_key IS NOT NULL;
	CREATE INDEX incidents_by_status ON sureping.incidents (status, id);
	CREATE INDEX incidents_due ON sureping.incidents (due_at, id) WHERE due_at IS NOT NULL;
	CREATE INDEX incidents_ended ON sureping.incidents (ended_at) WHERE ended_at IS NOT NULL;

	-- The notifications that are pages of incidents.
	CREATE TABLE sureping.incident_pages (
		notification_id text COLLATE "C" PRIMARY KEY,
		incident_id text COLLATE "C" NOT NULL
	);
	CREATE INDEX incident_pages_of_incident ON sureping.incident_pages (incident_id);
	`,
	`
	-- Secrets that the runner made for itself, in base64.
	CREATE TABLE sureping.runner_secrets (
		name text PRIMARY KEY,
		value text NOT NULL,
		created_at bigint NOT NULL
	);
	`,
	`
	-- Contacts, on-calls and policies that were made over the API. A contact's name is its id.
	CREATE TABLE sureping.directory_entries (
		kind text NOT NULL,
		name text COLLATE "C" NOT NULL,
		body text NOT NULL,
		created_at bigint NOT NULL,
		changed_at bigint NOT NULL,
		PRIMARY KEY (kind, name)
	);
	-- Rises with every change to one of them.
	ALTER TABLE sureping.feed ADD COLUMN directory_version bigint NOT NULL DEFAULT 0;
	`,
	`
	-- The incident that a notification is a page of.
	ALTER TABLE sureping.notifications ADD COLUMN incident_id text;

	-- Tasks that one process at a time does, how far each has come, and when that was noted.
	CREATE TABLE sureping.leases (
		name text COLLATE "C" PRIMARY KEY,
		holder text,
		expires_at bigint NOT NULL,
		position bigint,
		noted_at bigint
	);
	`,
	`
	-- The contact whose address a delivery goes to; NULL where its send named none.
	ALTER TABLE sureping.deliveries ADD COLUMN contact_id text COLLATE "C";
	`,
];

/**
 * The steps that a runner must know to work with a database that has all of the above. A step that older runners cannot
 * work with sets this to its own number: they refuse the database in words from then on.
 */
export const USABLE_FROM = 1;
