/** Bodies that a person would send, by call. */
export const EXAMPLES: Readonly<Record<string, unknown>> = {
	'post /send': {
		message: 'Order 1042 was paid.',
		subject: 'Order 1042',
		channels: ['slack:ops'],
		fallback_channels: ['email'],
		recipient: { email: 'ada@example.com' },
		metadata: { order: 1042 },
	},
	'post /send/batch': {
		sends: [
			{ message: 'Order 1042 was paid.', channels: ['slack:ops'] },
			{ message: 'Order 1043 was paid.', channels: ['slack:ops'] },
		],
	},
	'post /incidents/{id}/acknowledge': { by: 'ada', note: 'I am on it' },
	'post /incidents/{id}/resolve': { by: 'ada', note: 'The disk is replaced' },
	'post /incidents/{id}/escalate': { note: 'Nobody is awake' },
	'post /incidents/acknowledge': { dedup_key: 'backup-failed', by: 'ada' },
	'post /incidents/resolve': { dedup_key: 'backup-failed', note: 'It works again' },
	'post /endpoints': {
		name: 'audit',
		url: 'https://example.com/events',
		events: ['notification.failed'],
	},
	'patch /endpoints/{id}': { events: ['notification.delivered', 'notification.failed'] },
	'post /contacts': {
		id: 'anna',
		name: 'Anna Berg',
		addresses: [
			{ channel: 'slack', address: '#anna' },
			{ channel: 'email', address: 'anna@example.com' },
		],
		time_zone: 'Europe/Berlin',
		quiet_hours: [{ from: '22:00', to: '07:00' }],
	},
	'patch /contacts/{id}': { time_zone: 'Europe/Lisbon', quiet_hours: null },
	'post /on-call': {
		name: 'primary',
		members: ['anna', 'ben'],
		every: 'week',
		handover: 'Mon 09:00',
		time_zone: 'Europe/Berlin',
	},
	'patch /on-call/{name}': { members: ['ben', 'anna'] },
	'post /on-call/{name}/overrides': {
		who: 'ben',
		from: '2030-12-24T12:00:00+01:00',
		to: '2030-12-27T09:00:00+01:00',
	},
	'post /policies': {
		name: 'critical',
		steps: [
			{ after_s: 0, notify: ['on_call:primary'] },
			{ after_s: 300, notify: ['contact:anna', 'slack:ops'], urgency: 'important' },
		],
		repeat: 2,
	},
	'patch /policies/{name}': { ack_timeout_s: 3600 },
	'post /endpoints/{id}/replay': { since: '2026-01-31T12:00:00Z', only_failed: true },
};
