import type { Server } from 'node:http';
import type { FastifyHttpOptions } from 'fastify';
import { sendProtocolError } from './protocol-errors.ts';

/** Limits on the resources that one caller can use. Times in milliseconds, sizes in bytes. */
export const LIMITS = {
	body: 1024 * 1024,
	batchBody: 10 * 1024 * 1024,
	/** Request line and headers together. */
	headers: 16 * 1024,
	/** Longest time for the header section, and for the whole request (slow-loris: RFC 9112 §9.5). */
	headersTimeout: 10_000,
	requestTimeout: 20_000,
	/** Interval at which those two are checked. */
	timeoutCheck: 1_000,
	/** Longest time without a byte in either direction, or with an answer that is not read. */
	idleTimeout: 60_000,
	/** Connections open at once; one more is closed without an answer. */
	connections: 4_096,
	/** Requests of one connection whose answers were not read yet; one more closes it. */
	unanswered: 100,
	/** Those of them that are processed at once; the others wait (RFC 9112 §9.3.2: answers keep their order). */
	underWay: 16,
	/**
	 * Bytes of a refused body that are read, so that a client that still sends it can read the answer; more closes the
	 * connection.
	 */
	drained: 16 * 1024 * 1024,
	/** Levels of arrays and objects in a body. */
	nesting: 100,
	/** Members and elements in a body, and members of one object: each takes up to a hundred times the room of its text. */
	values: 50_000,
	members: 2_000,
} as const;

/** The limits that Node's server and fastify's router keep. */
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
	routerOptions: { maxParamLength: 128 },
	clientErrorHandler: sendProtocolError,
} as const satisfies FastifyHttpOptions<Server>;
