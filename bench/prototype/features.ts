/** Things that the runner does and the bare prototype does not, each of which can be switched on by itself. */
export const FEATURES = {
	key: 'API keys, looked up by their digest',
	idempotency: 'an Idempotency-Key for each send, whose answer is kept',
	queued: 'an event for the acceptance',
	feed: 'events kept with ids, and indexes by id, notification, type and time',
	order: 'the oldest next, read from the database',
	log: 'a log line for each event',
} as const;
export type Feature = keyof typeof FEATURES;
