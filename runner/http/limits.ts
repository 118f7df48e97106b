import type { Server } from 'node:http';
import type { FastifyHttpOptions } from 'fastify';
import { sendProtocolError } from './protocol-errors.ts';

/** What one caller can take of the runner. Times in milliseconds, sizes in bytes. */
export const LIMITS = {
	body: 1024 * 1024,
	batchBody: 10 * 1024 * 1024,
	/** Request line and headers together. */
	headers: 16 * 1024,
	/** Until the whole header section has come, and until the whole request has (slow-loris: RFC 9112 §9.5). */
	headersTimeout: 10_000,
	requestTimeout: 20_000,
	/** How often those two are looked at. */
	timeoutCheck: 1_000,
	/** Without a byte in either direction, or with an answer of which nothing is taken. */
	idleTimeout: 60_000,
	/** Open at once; one more is closed without an answer. */
	connections: 4_096,
	/** Requests of one connection whose answers were not taken yet; one more closes it. */
	unanswered: 100,
	/** Those of them that are worked on; the others wait for these (RFC 9112 §9.3.2: answers keep their order). */
	underWay: 16,
	/** Of a body that was refused, so that whoever still sends it gets to read why; more closes the connection. */
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
