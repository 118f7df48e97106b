import type { Server } from 'node:http';
import type { FastifyHttpOptions } from 'fastify';
import { sendProtocolError } from './protocol-errors.ts';

/** Limits on what one caller can use up. Times in milliseconds, sizes in bytes. */
export const LIMITS = {
	body: 1024 * 1024,
	batchBody: 10 * 1024 * 1024,
	/** Request line and headers together. */
	headers: 16 * 1024,
	/** Time until the whole header section has arrived, and until the whole request has (slow-loris: RFC 9112 §9.5). */
	headersTimeout: 10_000,
	requestTimeout: 20_000,
	/** Interval at which those two are checked. */
	timeoutCheck: 1_000,
	/** Time without a byte in either direction, or with an answer that the client does not read. */
	idleTimeout: 60_000,
	/** Open connections; one more is closed without an answer. */
	connections: 4_096,
	/** Requests of one connection whose answers it has not read; one more closes it. */
	unanswered: 100,
	/**
	 * Sends and changes of one connection that are processed at once; the others wait (RFC 9112 §9.3.2: answers keep
	 * their order). Reads are processed one at a time.
	 */
	underWay: 16,
	/** Pages of lists that are being read, by the store or by their clients, over all connections. */
	unreadPages: 64 * 1024 * 1024,
	/** Time that a list waits for room among them. */
	roomTimeout: 10_000,
	/** Time without progress after which a page that is not read gives way to the lists that wait. */
	stallTimeout: 5_000,
	/**
	 * Bytes of a refused body that are still read, so that the client gets to read the answer; more closes the
	 * connection.
	 */
	drained: 16 * 1024 * 1024,
	/** Levels of arrays and objects in a body. */
	nesting: 100,
	/**
	 * Members and elements in a body, and members of one object: each uses up to a hundred times the memory of its
	 * text.
	 */
	values: 50_000,
	members: 2_000,
} as const;

/** The limits that the servers of Node and fastify keep. */
export const SERVER_OPTIONS = {
	bodyLimit: LIMITS.body,
	requestTimeout: LIMITS.requestTimeout,
	connectionTimeout: LIMITS.idleTimeout,
	http: {
		maxHeaderSize: LIMITS.headers,
		headersTimeout: LIMITS.headersTimeout,
		connectionsCheckingInterval: LIMITS.timeoutCheck,
		// Node answers a request without one by an empty 400; `refuseAmbiguousHeaders` says what is missing.
		requireHostHeader: false,
	},
	// Keep-alive connections would otherwise hold up a shutdown.
	forceCloseConnections: 'idle',
	// The token of an answering link has at most 211 characters: the longest names of a channel and a connection.
	routerOptions: { maxParamLength: 256 },
	clientErrorHandler: sendProtocolError,
} as const satisfies FastifyHttpOptions<Server>;
