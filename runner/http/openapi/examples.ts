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
	'post /endpoints/{id}/replay': { since: '2026-01-31T12:00:00Z', only_failed: true },
};
