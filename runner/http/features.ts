/**
 * What a caller may rely on here that earlier versions did not have, so that a newer node or command line learns whether
 * it may use it. A word that was ever listed stays.
 */
export const FEATURES = [
	/** `POST /send` takes `source`, and events tell subject, message and source. */
	'source',
	/** `POST /send` takes `in_reply_to`, and chains of sends end at `loop_limit`. */
	'in_reply_to',
	/** `notification.undelivered` is told. */
	'undelivered',
	/** Endpoints may have `events: ["*"]`. */
	'all_events',
] as const;
