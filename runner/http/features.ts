/**
 * Features that earlier versions did not have, so that a newer node or command line can tell what this runner supports.
 * A word that was ever listed stays.
 */
export const FEATURES = [
	/** `POST /send` takes `source`; events carry subject, message and source. */
	'source',
	/** `POST /send` takes `in_reply_to`, and chains of sends end at `loop_limit`. */
	'in_reply_to',
	/** The event `notification.undelivered` is published. */
	'undelivered',
	/** Endpoints may have `events: ["*"]`. */
	'all_events',
	/** `POST /send` takes `escalation`; there are contacts, on-calls, policies and incidents, and events of incidents. */
	'escalation',
] as const;
