/** Bytes of an answer's body that are read; the rest says nothing more about success or failure. */
export const MOST_BODY_BYTES = 64 * 1024;

/** Milliseconds to make a connection, however long the attempt may take: a network that answers takes far less. */
export const CONNECT_MS = 10_000;

/** The limits that undici keeps. */
export const LIMITS = {
	/**
	 * Per origin; more than all workers have under way. With fewer, requests that hang would hold up others to the same host
	 * here, out of sight of the queues that share fairly.
	 */
	connections: 512,
	pipelining: 1,
	/** Bytes of an answer's header section. */
	maxHeaderSize: 16 * 1024,
	// One protocol, so that these limits hold whatever a server offers.
	allowH2: false,
} as const;
