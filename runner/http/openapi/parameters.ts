/** A parameter in words, with a value that a person would give. */
export interface ParameterText {
	readonly description: string;
	readonly example?: unknown;
}

/** Parameters of paths and queries, by name; each means the same in every call that has it. */
export const PARAMETERS: Readonly<Record<string, ParameterText>> = {
	id: { description: 'ID that the runner assigned, or that the caller chose for a contact.' },
	name: { description: 'Name of the on-call or the policy.', example: 'primary' },
	after: {
		description:
			'Cursor: the next_cursor of the previous page. Without it the list starts at its beginning.',
	},
	limit: { description: 'Most entries in a page.', example: 50 },
	since: {
		description: 'Start in place of a cursor: a time, or "now" for future events only.',
		example: '2026-01-31T12:00:00Z',
	},
	types: {
		description: 'Only events of these types, separated by commas.',
		example: 'notification.delivered,notification.failed',
	},
	status: { description: 'Only entries with this status.' },
	channel: { description: 'Only notifications through this channel.', example: 'slack' },
	dedup_key: {
		description: 'Only incidents with this deduplication key.',
		example: 'backup-failed',
	},
	endpoint: { description: 'Only webhooks to the endpoint with this id.' },
	kind: { description: 'Only dead letters of this kind.' },
	provider: { description: 'Provider of the inbound entry.', example: 'twilio' },
	connection: { description: 'Connection of the inbound entry.', example: 'sms' },
};
