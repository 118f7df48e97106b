/** The columns of each table that the store writes in sets, with the types that PostgreSQL is told. */
export const TABLES = {
	notifications: {
		id: 'text',
		created_at: 'bigint',
		api_key: 'text',
		status: 'text',
		message: 'text',
		subject: 'text',
		metadata: 'text',
		priority: 'smallint',
		send_at: 'bigint',
		expires_at: 'bigint',
		fallbacks: 'text',
		callbacks: 'text',
	},
	deliveries: {
		id: 'text',
		notification_id: 'text',
		position: 'integer',
		role: 'text',
		channel: 'text',
		connection: 'text',
		recipient: 'text',
		policy: 'text',
		state: 'text',
		attempts: 'text',
		sequence: 'integer',
		priority: 'smallint',
		due_at: 'bigint',
		report: 'text',
		message_id: 'text',
		confirmation: 'text',
		lane: 'text',
		last_at: 'bigint',
		expires_at: 'bigint',
		turn_at: 'bigint',
	},
	events: {
		position: 'bigint',
		id: 'text',
		notification_id: 'text',
		type: 'text',
		body: 'text',
		created_at: 'bigint',
	},
	endpoints: {
		id: 'text',
		name: 'text',
		url: 'text',
		profile: 'text',
		secret: 'text',
		events: 'text',
		is_default: 'smallint',
		status: 'text',
		signature_input: 'text',
		ack: 'text',
		policy: 'text',
		source: 'text',
		created_at: 'bigint',
		expires_at: 'bigint',
		batch: 'text',
		report_type: 'text',
		previous_secrets: 'text',
		headers: 'text',
		rate_limit: 'text',
		health: 'text',
	},
	webhook_deliveries: {
		id: 'text',
		event_position: 'bigint',
		endpoint_id: 'text',
		callback: 'text',
		lane: 'text',
		tries: 'integer',
		state: 'text',
		attempts: 'text',
		due_at: 'bigint',
		most_together: 'integer',
	},
	idempotency: {
		api_key: 'text',
		key: 'text',
		body_hash: 'text',
		answer: 'text',
		created_at: 'bigint',
	},
	replays: {
		id: 'text',
		endpoint_id: 'text',
		status: 'text',
		position: 'bigint',
		last_position: 'bigint',
		types: 'text',
		only_failed: 'smallint',
		replayed: 'bigint',
		total: 'bigint',
		created_at: 'bigint',
	},
	reports: {
		position: 'bigint',
		id: 'text',
		provider: 'text',
		connection: 'text',
		event_id: 'text',
		message_id: 'text',
		part: 'text',
		type: 'text',
		state: 'text',
		delivery_id: 'text',
		received_at: 'bigint',
		forward_at: 'bigint',
		body: 'text',
	},
	inbound_tokens: {
		provider: 'text',
		connection: 'text',
		token: 'text',
		body_hash: 'text',
		seen_at: 'bigint',
	},
	dead_letters: {
		id: 'text',
		kind: 'text',
		of: 'text',
		reason: 'text',
		created_at: 'bigint',
	},
	quota_use: {
		api_key: 'text',
		period_start: 'bigint',
		notifications: 'bigint',
	},
} as const;

export type Table = keyof typeof TABLES;

/** By name, never `*`: a newer version may add columns while this one runs. */
export function columnsOf(table: Table, alias: string = table): string {
	return Object.keys(TABLES[table])
		.map((column) => `${alias}.${column}`)
		.join(', ');
}

export function typeOf(table: Table, column: string): string {
	const types: Readonly<Record<string, string>> = TABLES[table];
	const type = types[column];
	if (type === undefined) throw new Error(`${table} has no column ${column}`);
	return type;
}
