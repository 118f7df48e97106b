import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { FastifyRequest } from 'fastify';
import ipaddr from 'ipaddr.js';
import type { App } from './app.ts';
import { LIMITS } from './limits.ts';
import { Problem } from './problem.ts';

/** The state of an open connection. */
interface Connection {
	/** Requests whose answers the client has not read, and those of them that are being processed. */
	unanswered: number;
	underWay: number;
	/** The one that is being processed is a read. */
	isReading: boolean;
	/** Requests that wait until those before them are answered, or fewer are being processed. */
	readonly waiting: Waiting[];
	/** Bytes that have left the process, and when that number last changed; milliseconds. */
	written: number;
	writtenAt: number;
	/** Bytes that had been read when a request was answered before the end of its body; undefined otherwise. */
	drainedFrom?: number | undefined;
}

interface Waiting {
	readonly isRead: boolean;
	go(): void;
}

/** Interval at which connections are checked; milliseconds. */
const CHECK_EVERY_MS = 1_000;

/** Stands for the address of a connection that was reset before it was accepted. */
const NOWHERE = 'unknown';

/**
 * Limits what one connection may leave unanswered and unread. Reads, whose answers may be large, are processed one at a
 * time; sends together, because they are stored together. A client that pipelines requests without reading the
 * answers, goes on sending a body that was refused, or stops reading, is disconnected before it costs memory.
 */
export class ClientConnections {
	private readonly open = new Map<Socket, Connection>();
	/** Noted when a connection opens: one that was reset has no address any more. */
	private readonly addresses = new WeakMap<Socket, string>();
	private readonly mostStall: (socket: Socket) => number;
	private readonly now: () => number;

	/** `mostStall`: longest time that a connection may read nothing of its answer; milliseconds. */
	constructor(
		mostStall: (socket: Socket) => number = () => LIMITS.idleTimeout,
		now: () => number = () => performance.now(),
	) {
		this.mostStall = mostStall;
		this.now = now;
	}

	/** Watches the connections of `app`. Call it first: its hook must run before any work is done for a request. */
	watch(app: App): void {
		const { server } = app;
		this.follow(server);
		const timer = setInterval(() => this.check(), CHECK_EVERY_MS);
		timer.unref();
		app.addHook('onClose', async () => clearInterval(timer));
		app.addHook('onRequest', (request, reply, done) => {
			const turn = this.take(request, reply.raw);
			if (turn) turn.then(() => done(), done);
			else done();
		});
	}

	/** The client's address; of an IPv6 address, its /64. */
	addressOf({ raw }: { readonly raw: { readonly socket: Socket } }): string {
		return this.addresses.get(raw.socket) ?? NOWHERE;
	}

	/** Closes connections that read nothing, and those that send more of a refused body than is drained. */
	check(): void {
		const now = this.now();
		for (const [socket, connection] of this.open) {
			const written = socket.bytesWritten - socket.writableLength;
			if (socket.writableLength === 0 || written !== connection.written) {
				connection.written = written;
				connection.writtenAt = now;
			}
			const isStuck = now - connection.writtenAt >= this.mostStall(socket);
			const { drainedFrom = Infinity } = connection;
			if (isStuck || socket.bytesRead - drainedFrom > LIMITS.drained) socket.destroy();
		}
	}

	private follow(server: Server): void {
		server.on('connection', (socket: Socket) => {
			this.addresses.set(socket, networkOf(socket.remoteAddress));
			this.open.set(socket, {
				unanswered: 0,
				underWay: 0,
				isReading: false,
				waiting: [],
				written: 0,
				writtenAt: this.now(),
			});
			socket.once('close', () => {
				const connection = this.open.get(socket);
				this.open.delete(socket);
				for (const { go } of connection?.waiting.splice(0) ?? []) go();
			});
		});
	}

	/** Resolves when the request may be worked on; undefined when that is now. */
	private take(
		{ raw, routeOptions }: FastifyRequest,
		response: ServerResponse,
	): Promise<void> | undefined {
		const { socket } = raw;
		const connection = this.open.get(socket);
		// Injected by a test, or closed meanwhile.
		if (!connection) return undefined;
		connection.unanswered++;
		if (connection.unanswered > LIMITS.unanswered) {
			socket.destroy();
			throw gone();
		}
		const isRead =
			raw.method === 'GET' || raw.method === 'HEAD' || routeOptions.config.isLarge === true;
		if (connection.waiting.length === 0 && mayStart(connection, isRead)) {
			start(connection, isRead);
			followAnswer(connection, raw, response);
			return undefined;
		}
		return new Promise<void>((go) => connection.waiting.push({ isRead, go })).then(() => {
			if (socket.destroyed) throw gone();
			followAnswer(connection, raw, response);
		});
	}
}

/** Notes the end of a request that was started. */
function followAnswer(
	connection: Connection,
	request: IncomingMessage,
	response: ServerResponse,
): void {
	const { socket } = request;
	connection.drainedFrom = undefined;
	// The answer is written before the body has come: the rest of that is read and dropped (RFC 9112 §9.6).
	response.once('finish', () => {
		if (!request.complete) connection.drainedFrom = socket.bytesRead;
	});
	response.once('close', () => {
		connection.unanswered--;
		connection.underWay--;
		connection.isReading = false;
		startWaiting(connection);
	});
}

function mayStart({ underWay, isReading }: Connection, isRead: boolean): boolean {
	return !isReading && underWay < (isRead ? 1 : LIMITS.underWay);
}

function start(connection: Connection, isRead: boolean): void {
	connection.underWay++;
	connection.isReading = isRead;
}

function startWaiting(connection: Connection): void {
	for (const { isRead, go } of [...connection.waiting]) {
		if (!mayStart(connection, isRead)) return;
		connection.waiting.shift();
		start(connection, isRead);
		go();
	}
}

/** Ends the work on a request whose connection is closed; the client never reads it. */
const gone = (): Problem =>
	new Problem(429, `At most ${LIMITS.unanswered} requests of a connection wait for their answers`);

/** A customer of an IPv6 provider has at least a /64 (RFC 6177). */
function networkOf(address: string | undefined): string {
	if (address === undefined || !ipaddr.isValid(address)) return NOWHERE;
	const parsed = ipaddr.process(address);
	return parsed instanceof ipaddr.IPv6
		? `${parsed.parts
				.slice(0, 4)
				.map((part) => part.toString(16))
				.join(':')}::/64`
		: parsed.toString();
}
