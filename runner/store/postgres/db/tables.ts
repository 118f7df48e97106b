type Type = 'text' | 'bigint' | 'integer' | 'smallint';

/** The tables that the store writes in sets of rows, with the names of their columns by type. */
const COLUMNS = {
	notifications: {
		text: 'id api_key status message subject metadata fallbacks callbacks source told incident_id',
		bigint: 'created_at send_at expires_at',
		integer: 'depth',
		smallint: 'priority',
	},
	deliveries: {
		text: 'id notification_id role channel connection recipient policy state attempts report message_id confirmation lane error contact_id',
		bigint: 'due_at last_at expires_at turn_at owed_since',
		integer: 'position sequence',
		smallint: 'priority',
	},
	events: {
		text: 'id notification_id type body',
		bigint: 'position created_at',
		integer: 'depth',
	},
	endpoints: {
		text: 'id name url profile secret events status signature_input ack policy source batch report_type previous_secrets headers rate_limit health',
		bigint: 'created_at expires_at',
		smallint: 'is_default events_chosen',
	},
	webhook_deliveries: {
		text: 'id endpoint_id callback lane state attempts',
		bigint: 'event_position due_at',
		integer: 'tries most_together',
	},
	idempotency: { text: 'api_key key body_hash answer', bigint: 'created_at' },
	replays: {
		text: 'id endpoint_id status types',
		bigint: 'position last_position replayed total created_at',
		smallint: 'only_failed',
	},
	reports: {
		text: 'id provider connection event_id message_id part type state delivery_id body',
		bigint: 'position received_at forward_at',
	},
	inbound_tokens: { text: 'provider connection token body_hash', bigint: 'seen_at' },
	dead_letters: { text: 'id kind of reason', bigint: 'created_at' },
	directory_entries: { text: 'kind name body', bigint: 'created_at changed_at' },
	incidents: {
		text: 'id key_owner dedup_key status policy_name api_key callbacks body',
		bigint: 'due_at opened_at ended_at',
	},
	incident_pages: { text: 'notification_id incident_id' },
	quota_use: { text: 'api_key', bigint: 'period_start notifications' },
	runner_secrets: { text: 'name value', bigint: 'created_at' },
} as const satisfies Readonly<Record<string, Partial<Record<Type, string>>>>;

export type Table = keyof typeof COLUMNS;

// The names of its own members.
export const TABLES = Object.keys(COLUMNS) as Table[];

/** The types of each table's columns, by name. */
const TYPES: Readonly<Record<string, ReadonlyMap<string, string>>> = Object.fromEntries(
	Object.entries(COLUMNS).map(([table, byType]) => {
		const types = Object.entries<string>(byType).flatMap(([type, names]) =>
			names.split(' ').map((name) => [name, type] as const),
		);
		return [table, new Map(types)];
	}),
);

export const columnNames = (table: Table): readonly string[] => [...(TYPES[table]?.keys() ?? [])];

/** The columns of a table by name, never `*`: a newer version may add columns while this one runs. */
export function columnsOf(table: Table, alias: string = table): string {
	return columnNames(table)
		.map((column) => `${alias}.${column}`)
		.join(', ');
}

/** The process that has claimed a row. It ends with the process, and so is no part of what a table holds. */
export const OWNER = 'owner';

export function typeOf(table: Table, column: string): string {
	const type = column === OWNER ? 'text' : TYPES[table]?.get(column);
	if (type === undefined) throw new Error(`${table} has no column ${column}`);
	return type;
}
