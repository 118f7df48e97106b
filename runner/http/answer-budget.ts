import type { Socket } from 'node:net';
import { z } from 'zod/v4';
import { ReadsBusy } from '../store/contract/errors.ts';
import { MOST_PAGE_BYTES } from '../store/rules/feed-page.ts';
import type { App } from './app.ts';
import { LIMITS } from './limits.ts';

/**
 * Reserved for an answer before its size is known. The store ends a page at the row that reaches `MOST_PAGE_BYTES`; an
 * `isLarge` answer may turn out larger, and then holds what it has.
 */
const PAGE_BYTES = MOST_PAGE_BYTES + LIMITS.body;

/** The part of the budget that the answer on a connection holds. */
interface Room {
	readonly key: string;
	bytes: number;
}

/** A request that waits for room. */
interface Waiting {
	readonly socket: Socket;
	readonly key: string;
	readonly timer: NodeJS.Timeout;
	admit(): void;
	refuse(): void;
}

/**
 * Bounds the memory of large answers that are being read from the store or by their clients, over all connections. Such an
 * answer may have megabytes, so its request waits until there is room. A slow reader keeps its room for as long as it
 * reads. A key gets at most as much as remains for the others.
 */
export class AnswerBudget {
	private readonly isShared: boolean;
	private readonly waitMs: number;
	/** By connection, which has at most one: `ClientConnections` starts one read at a time. */
	private readonly rooms = new Map<Socket, Room>();
	/** Bytes of the rooms of each key. */
	private readonly heldBy = new Map<string, number>();
	private readonly waiting = new Map<Socket, Waiting>();
	/** Those that wait, by key, the first one first. A key without any has no entry. */
	private readonly queues = new Map<string, Set<Waiting>>();

	/** `isShared`: there are several keys, so none may use up the whole budget. `waitMs`: longest wait for room. */
	constructor(isShared: boolean, waitMs: number = LIMITS.roomTimeout) {
		this.isShared = isShared;
		this.waitMs = waitMs;
	}

	/** Makes lists and the routes that are `isLarge` wait for room. Call it after the hook that finds the caller's key. */
	guard(app: App): void {
		app.server.on('connection', (socket: Socket) => {
			socket.once('close', () => this.release(socket));
		});
		app.addHook('onRequest', ({ apiKey, routeOptions, raw: { socket } }, reply, done) => {
			const { config, schema } = routeOptions;
			if (config.isLarge !== true && !answersPage(schema?.querystring)) return done();
			this.reserve(socket, apiKey.name).then(() => {
				reply.raw.once('close', () => this.release(socket));
				done();
			}, done);
		});
	}

	/** Gives back what was reserved beyond the answer's size. */
	readonly sized = (
		{ raw }: { readonly raw: { readonly socket: Socket } },
		bytes: number,
	): void => {
		const room = this.rooms.get(raw.socket);
		if (!room) return;
		this.count(room.key, bytes - room.bytes);
		room.bytes = bytes;
		this.admitNext();
	};

	/** Longest time that the connection may read nothing of its answer; milliseconds. Shorter while others wait for room. */
	readonly mostStall = (socket: Socket): number =>
		this.waiting.size > 0 && this.rooms.has(socket) ? LIMITS.stallTimeout : LIMITS.idleTimeout;

	private async reserve(socket: Socket, key: string): Promise<void> {
		// Its `close` may be over, and would not release what it takes.
		if (socket.destroyed) throw new ReadsBusy('The connection is closed');
		if (!this.queues.has(key) && this.take(socket, key)) return;
		await new Promise<void>((resolve, reject) => {
			const refuse = (): void =>
				reject(
					new ReadsBusy(
						'Too many large answers wait to be read by their clients. Read those under way to their ends, or close their connections, and ask again',
					),
				);
			const timer = setTimeout(() => this.refuse(socket), this.waitMs);
			const one = { socket, key, timer, admit: resolve, refuse };
			this.waiting.set(socket, one);
			this.queues.set(key, (this.queues.get(key) ?? new Set()).add(one));
		});
	}

	/** Reserves room for an answer; false when there is none. */
	private take(socket: Socket, key: string): boolean {
		const left = LIMITS.unreadPages - this.counted();
		const own = this.isShared ? (this.heldBy.get(key) ?? 0) : 0;
		if (own + PAGE_BYTES > left) return false;
		this.rooms.set(socket, { key, bytes: PAGE_BYTES });
		this.count(key, PAGE_BYTES);
		return true;
	}

	/** Bytes of all rooms. A key's answers may turn out larger than its share, and then take no more from the others. */
	private counted(): number {
		const most = this.isShared ? LIMITS.unreadPages / 2 : Infinity;
		let all = 0;
		for (const own of this.heldBy.values()) all += Math.min(own, most);
		return all;
	}

	private release(socket: Socket): void {
		this.refuse(socket);
		const room = this.rooms.get(socket);
		if (!room) return;
		this.rooms.delete(socket);
		this.count(room.key, -room.bytes);
		this.admitNext();
	}

	private count(key: string, more: number): void {
		const own = (this.heldBy.get(key) ?? 0) + more;
		if (own === 0) this.heldBy.delete(key);
		else this.heldBy.set(key, own);
	}

	private refuse(socket: Socket): void {
		const one = this.waiting.get(socket);
		if (!one) return;
		this.leave(one);
		one.refuse();
	}

	private leave(one: Waiting): void {
		const { socket, key, timer } = one;
		clearTimeout(timer);
		this.waiting.delete(socket);
		const queue = this.queues.get(key);
		queue?.delete(one);
		if (queue?.size === 0) this.queues.delete(key);
	}

	/** Admits those for whom there is room now. Where the first of a key does not fit, the others of that key do not. */
	private admitNext(): void {
		for (const [key, queue] of this.queues) {
			const [next] = queue;
			if (!next || !this.take(next.socket, key)) continue;
			this.leave(next);
			// Keys take turns: this one comes again at the end of this very loop, if more of it wait.
			if (this.queues.delete(key)) this.queues.set(key, queue);
			next.admit();
		}
	}
}

/** True for the query of a list: it has a `limit`. */
const answersPage = (query: unknown): boolean =>
	query instanceof z.ZodObject && 'limit' in query.shape;
