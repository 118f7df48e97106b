/** A parameter in words, with a value that a person would give. */
export interface ParameterText {
	readonly description: string;
	readonly example?: unknown;
}

/** Parameters of paths and queries, by name; each means the same in every call that has it. */
export const PARAMETERS: Readonly<Record<string, ParameterText>> = {
	id: { description: 'The id that the runner gave it.' },
	after: {
		description: 'The next_cursor of the page before. Without it a list starts at its beginning.',
	},
	limit: { description: 'The most entries of a page.', example: 50 },
	since: {
		description: 'Where to start in place of a cursor: a time, or "now" for what is yet to happen.',
		example: '2026-01-31T12:00:00Z',
	},
	types: {
		description: 'Only events of these types, separated by commas.',
		example: 'notification.delivered,notification.failed',
	},
	status: { description: 'Only entries with this status.' },
	channel: { description: 'Only notifications through this channel.', example: 'slack' },
	endpoint: { description: 'Only webhooks to the endpoint with this id.' },
	kind: { description: 'Only what was put aside of this kind.' },
	provider: { description: 'The provider, as its inbound entry names it.', example: 'twilio' },
	connection: { description: 'The connection of the inbound entry.', example: 'sms' },
};
