import type { Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { FastifyRequest } from 'fastify';
import ipaddr from 'ipaddr.js';
import type { App } from './api.ts';
import { LIMITS } from './limits.ts';
import { Problem } from './problem.ts';

/** What is known of an open connection. */
interface Connection {
	/** Requests whose answers have not been taken, and those of them that are worked on. */
	unanswered: number;
	underWay: number;
	/** Requests that wait for one of these. */
	readonly waiting: (() => void)[];
	/** Bytes that have left the process, and when that number last changed. */
	written: number;
	writtenAt: number;
	/** Bytes that had come when a request was answered before its body had; undefined while that is not so. */
	drainedFrom?: number | undefined;
}

/** How often connections are looked at; milliseconds. */
const LOOK_EVERY_MS = 1_000;

/** A connection that was reset before it was accepted. */
const NOWHERE = 'unknown';

/**
 * What one connection may leave unanswered and unread. Whoever pipelines requests without reading the answers, sends a
 * body that was refused long ago, or stops reading, loses the connection before it costs anything.
 */
export class Connections {
	private readonly open = new Map<Socket, Connection>();
	/** Asked for as soon as it opens: a connection that was reset has no address any more. */
	private readonly addresses = new WeakMap<Socket, string>();
	private readonly now: () => number;

	constructor(now: () => number = () => performance.now()) {
		this.now = now;
	}

	/** Watches the connections of `app`. Its hook comes first, so that nothing is done for a request out of turn. */
	watch(app: App): void {
		const { server } = app;
		this.follow(server);
		const timer = setInterval(() => this.look(), LOOK_EVERY_MS);
		timer.unref();
		app.addHook('onClose', async () => clearInterval(timer));
		app.addHook('onRequest', async (request, reply) => await this.take(request, reply.raw));
	}

	/** The address that a request came from, IPv6 as its /64. */
	addressOf({ raw }: { readonly raw: { readonly socket: Socket } }): string {
		return this.addresses.get(raw.socket) ?? NOWHERE;
	}

	/** Closes connections that take nothing of what is written to them, or send more of a refused body than is drained. */
	look(): void {
		const now = this.now();
		for (const [socket, connection] of this.open) {
			const written = socket.bytesWritten - socket.writableLength;
			if (socket.writableLength === 0 || written !== connection.written) {
				connection.written = written;
				connection.writtenAt = now;
			}
			const isStuck = now - connection.writtenAt >= LIMITS.idleTimeout;
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
				waiting: [],
				written: 0,
				writtenAt: this.now(),
			});
			socket.once('close', () => {
				const connection = this.open.get(socket);
				this.open.delete(socket);
				for (const go of connection?.waiting.splice(0) ?? []) go();
			});
		});
	}

	/** Resolves when the request may be worked on. */
	private async take({ raw }: FastifyRequest, response: ServerResponse): Promise<void> {
		const { socket } = raw;
		const connection = this.open.get(socket);
		// Injected by a test, or closed meanwhile.
		if (!connection) return;
		connection.unanswered++;
		if (connection.unanswered > LIMITS.unanswered) {
			socket.destroy();
			throw gone();
		}
		if (connection.underWay >= LIMITS.underWay) {
			await new Promise<void>((resolve) => connection.waiting.push(resolve));
			if (socket.destroyed) throw gone();
		} else connection.underWay++;
		connection.drainedFrom = undefined;
		// The answer is written before the body has come: the rest of that is read and dropped (RFC 9112 §9.6).
		response.once('finish', () => {
			if (!raw.complete) connection.drainedFrom = socket.bytesRead;
		});
		response.once('close', () => {
			connection.unanswered--;
			const next = connection.waiting.shift();
			if (next) next();
			else connection.underWay--;
		});
	}
}

/** Nobody reads it: the connection is closed. */
const gone = (): Problem =>
	new Problem(429, `At most ${LIMITS.unanswered} requests of a connection wait for their answers`);

/** One customer of an IPv6 provider has a /64 at least (RFC 6177). */
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
