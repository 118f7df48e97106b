import type { StoreKind } from './fixtures.ts';

export interface Many {
	readonly notifications: number;
	/** Webhooks of the endpoint `many`, which gets all of them, go here. */
	readonly endpointUrl: string;
	/** When the newest notification was accepted, in milliseconds since 1970. The others came 10 ms apart. */
	readonly newest: number;
}

/** Schemas that `fillWith` writes: the last before a notification became one row. */
export const MANY_SCHEMA: Readonly<Record<StoreKind, number>> = { sqlite: 9, postgres: 6 };

/** One in so many notifications is owed, and one in so many owes a webhook. */
const ONE_IN = 100;

/** The counts of a database of so many notifications. */
export function countsOf(notifications: number): {
	readonly owed: number;
	readonly events: number;
	readonly owedWebhooks: number;
} {
	return {
		owed: Math.ceil(notifications / ONE_IN),
		events: eventsBefore(notifications),
		owedWebhooks: Math.ceil((notifications - 1) / ONE_IN),
	};
}

const eventsBefore = (i: number): number => 5 * Math.floor(i / 2) + (i % 2) * 2;

const POLICY = '{"delaysMs":[15000,60000],"jitter":0,"timeoutMs":5000}';

/**
 * SQL that fills an empty database of an older schema as a runner would have, without one: each notification with its
 * delivery or two, two or three events, and a webhook or two. One in a hundred is retried now, and one in a hundred owes a
 * webhook now; the others have ended.
 */
export function fillWith(store: StoreKind, { notifications, endpointUrl, newest }: Many): string {
	const isSqlite = store === 'sqlite';
	const prefix = isSqlite ? '' : 'sureping.';
	const id = (kind: string, number: string): string =>
		isSqlite
			? `'${kind}_' || printf('%026d', ${number})`
			: `'${kind}_' || lpad((${number})::text, 26, '0')`;
	const time = (i: string): string => `(${newest - notifications * 10} + 10 * ${i})`;
	const iso = (i: string): string =>
		isSqlite
			? `strftime('%Y-%m-%dT%H:%M:%fZ', ${time(i)} / 1000.0, 'unixepoch')`
			: `to_char(to_timestamp(${time(i)} / 1000.0) AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`;
	const series = (count: number, x: string): string =>
		isSqlite
			? `(WITH RECURSIVE s (${x}) AS (SELECT 0 UNION ALL SELECT ${x} + 1 FROM s WHERE ${x} < ${count - 1}) SELECT ${x} FROM s)`
			: `(SELECT generate_series(0, ${count - 1}) AS ${x})`;
	const all = `${series(notifications, 'i')} n`;
	const isOwed = `i % ${ONE_IN} = 0`;
	const fellBack = 'i % 50 = 7';
	/** Three events of every second notification, two of the others, in one sequence. */
	const position = '(5 * (i / 2) + (i % 2) * 2 + k + 1)';
	const isLast = 'k = 1 + i % 2';
	const type = `CASE WHEN k = 0 THEN 'notification.queued' WHEN ${isLast} AND NOT (${isOwed}) THEN 'notification.delivered' ELSE 'notification.retrying' END`;
	const status = `CASE WHEN k = 0 THEN 'queued' WHEN ${isLast} AND NOT (${isOwed}) THEN 'delivered' ELSE 'retrying' END`;
	const refused = `{"at":${newest},"latencyMs":14,"error":{"code":"SERVICE_UNAVAILABLE","message":"Slack answered 500"}}`;
	const owesWebhook = `(${isLast} AND i % ${ONE_IN} = 1)`;
	return `
		INSERT INTO ${prefix}endpoints (id, name, url, profile, secret, events, is_default, status, signature_input, ack,
				policy, source, created_at, report_type)
			VALUES (${id('ep', '0')}, 'many', '${endpointUrl}', 'sureping', 'whsec_endpoint_0123456789',
				'["notification.queued","notification.retrying","notification.delivered"]', 0, 'enabled', 'timestamped', '2xx',
				'${POLICY}', 'api', ${newest}, 'all');
		INSERT INTO ${prefix}notifications (id, created_at, api_key, status, message, metadata, priority, fallbacks, callbacks)
			SELECT ${id('msg', 'i')}, ${time('i')}, 'test', CASE WHEN ${isOwed} THEN 'in_progress' ELSE 'delivered' END,
				'Order ' || i || ' is confirmed and on its way to you', '{"order_id":"ORD-' || i || '"}', 1, '[]', '[]'
			FROM ${all};
		INSERT INTO ${prefix}deliveries (id, notification_id, position, role, channel, connection, recipient, policy, state,
				attempts, sequence, priority, due_at, message_id, confirmation, lane, last_at, owed_since)
			SELECT ${id('dlv', '2 * i + k')}, ${id('msg', 'i')}, k, CASE WHEN k = 0 THEN 'primary' ELSE 'fallback' END, 'slack',
				CASE WHEN k = 0 THEN 'ops' ELSE 'backup' END, CASE WHEN k = 0 THEN 'ops' ELSE 'backup' END, '${POLICY}',
				CASE WHEN ${isOwed} THEN 'retrying' WHEN k = 0 AND ${fellBack} THEN 'failed' ELSE 'delivered' END,
				CASE WHEN ${isOwed} OR (k = 0 AND ${fellBack}) THEN '[${refused}]' ELSE '[{"at":${newest},"latencyMs":21}]' END,
				2, 1, CASE WHEN ${isOwed} THEN ${newest} END, CASE WHEN i % 5 = 1 THEN 'SM' || i || '-' || k END,
				CASE WHEN NOT (${isOwed}) THEN 'service' END, 'slack:ops', CASE WHEN ${isOwed} THEN ${newest} END,
				CASE WHEN ${isOwed} THEN ${time('i')} END
			FROM ${all} CROSS JOIN ${series(2, 'k')} d WHERE k = 0 OR ${fellBack};
		INSERT INTO ${prefix}events (position, id, notification_id, type, body, created_at)
			SELECT ${position}, ${id('evt', position)}, ${id('msg', 'i')}, ${type},
				'{"event":"' || ${type} || '","status":"' || ${status} || '","notification_id":"' || ${id('msg', 'i')} ||
				'","delivery_id":"' || ${id('dlv', '2 * i')} || '","event_id":"' || ${id('evt', position)} || '","sequence":' ||
				(k + 1) || ',"channel":"slack","recipient":"ops","metadata":{"order_id":"ORD-' || i || '"},"timestamp":"' ||
				${iso('i')} || '"}', ${time('i')}
			FROM ${all} CROSS JOIN ${series(3, 'k')} e WHERE k < 2 OR i % 2 = 1;
		INSERT INTO ${prefix}webhook_deliveries (id, event_position, endpoint_id, state, attempts, due_at, lane, tries)
			SELECT ${id('whd', position)}, ${position}, ${id('ep', '0')},
				CASE WHEN ${owesWebhook} THEN 'pending' ELSE 'delivered' END,
				CASE WHEN ${owesWebhook} THEN '[]' ELSE '[{"at":${newest},"latencyMs":35,"status":200}]' END,
				CASE WHEN ${owesWebhook} THEN ${newest} END, ${id('ep', '0')}, CASE WHEN ${owesWebhook} THEN 0 ELSE 1 END
			FROM ${all} CROSS JOIN ${series(3, 'k')} e WHERE ${isLast} OR (k = 0 AND i % 2 = 1);
	`;
}
