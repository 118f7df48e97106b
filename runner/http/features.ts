/**
 * Features that earlier versions did not have, so that a newer node or command line can tell if it may use them. A
 * listed word is never removed.
 */
export const FEATURES = [
	/** `POST /send` takes `source`, and events have subject, message and source. */
	'source',
	/** `POST /send` takes `in_reply_to`, and chains of sends end at `loop_limit`. */
	'in_reply_to',
	/** Event `notification.undelivered`. */
	'undelivered',
	/** Endpoints may have `events: ["*"]`. */
	'all_events',
] as const;
