import type { Socket } from 'node:net';
import { z } from 'zod/v4';
import { ReadsBusy } from '../store/contract/errors.ts';
import { MOST_PAGE_BYTES } from '../store/rules/feed-page.ts';
import type { App } from './app.ts';
import { LIMITS } from './limits.ts';

/** Reserved for a page before it is read: the store ends it at the first row beyond `MOST_PAGE_BYTES`. */
const PAGE_BYTES = MOST_PAGE_BYTES + LIMITS.body;

/** The part of the budget that the answer on a connection holds. */
interface Room {
	readonly key: string;
	bytes: number;
}

/** A request for a page that waits for room. */
interface Waiting {
	readonly socket: Socket;
	readonly key: string;
	readonly timer: NodeJS.Timeout;
	admit(): void;
	refuse(): void;
}

/**
 * Bounds the memory of pages that are being read from the store or by their clients, over all connections. A page may have
 * megabytes, so a request for one waits until there is room. A slow reader keeps its room for as long as it reads. A key
 * gets at most as much as remains for the others.
 */
export class AnswerBudget {
	private readonly isShared: boolean;
	private readonly waitMs: number;
	/** By connection, which has at most one: `ClientConnections` starts one read at a time. */
	private readonly rooms = new Map<Socket, Room>();
	private waiting: Waiting[] = [];

	/** `isShared`: there are several keys, so none may use up the whole budget. `waitMs`: longest wait for room. */
	constructor(isShared: boolean, waitMs: number = LIMITS.roomTimeout) {
		this.isShared = isShared;
		this.waitMs = waitMs;
	}

	/** Makes the routes that answer with a page wait for room. Call it after the hook that finds the caller's key. */
	guard(app: App): void {
		app.server.on('connection', (socket: Socket) => {
			socket.once('close', () => this.release(socket));
		});
		app.addHook('onRequest', async ({ apiKey, routeOptions, raw: { socket } }, reply) => {
			if (!answersPage(routeOptions.schema?.querystring)) return;
			await this.reserve(socket, apiKey.name);
			reply.raw.once('close', () => this.release(socket));
		});
	}

	/** Gives back what was reserved beyond the answer's size. */
	readonly sized = (
		{ raw }: { readonly raw: { readonly socket: Socket } },
		bytes: number,
	): void => {
		const room = this.rooms.get(raw.socket);
		if (!room) return;
		room.bytes = bytes;
		this.admitNext();
	};

	/** Longest time that the connection may read nothing of its answer; milliseconds. Shorter while others wait for room. */
	readonly mostStall = (socket: Socket): number =>
		this.waiting.length > 0 && this.rooms.has(socket) ? LIMITS.stallTimeout : LIMITS.idleTimeout;

	private async reserve(socket: Socket, key: string): Promise<void> {
		// Its `close` may be over, and would not release what it takes.
		if (socket.destroyed) throw new ReadsBusy('The connection is closed');
		if (!this.waiting.some((other) => other.key === key) && this.take(socket, key)) return;
		await new Promise<void>((resolve, reject) => {
			const refuse = (): void =>
				reject(
					new ReadsBusy(
						'Too many lists wait to be read by their clients. Read the answers that are under way, or ask for shorter pages with limit',
					),
				);
			const timer = setTimeout(() => this.stopWaiting(socket), this.waitMs);
			this.waiting.push({ socket, key, timer, admit: resolve, refuse });
		});
	}

	/** Reserves room for a page; false when there is none. */
	private take(socket: Socket, key: string): boolean {
		const rooms = [...this.rooms.values()];
		const left = LIMITS.unreadPages - sum(rooms);
		const own = this.isShared ? sum(rooms.filter((room) => room.key === key)) : 0;
		if (own + PAGE_BYTES > left) return false;
		this.rooms.set(socket, { key, bytes: PAGE_BYTES });
		return true;
	}

	private release(socket: Socket): void {
		this.stopWaiting(socket);
		if (this.rooms.delete(socket)) this.admitNext();
	}

	private stopWaiting(socket: Socket): void {
		const one = this.waiting.find((other) => other.socket === socket);
		if (!one) return;
		this.waiting = this.waiting.filter((other) => other !== one);
		clearTimeout(one.timer);
		one.refuse();
	}

	private admitNext(): void {
		this.waiting = this.waiting.filter(({ socket, key, timer, admit }) => {
			if (!this.take(socket, key)) return true;
			clearTimeout(timer);
			admit();
			return false;
		});
	}
}

const sum = (rooms: readonly Room[]): number => rooms.reduce((all, { bytes }) => all + bytes, 0);

/** True for the query of a list: it has a `limit`. */
const answersPage = (query: unknown): boolean =>
	query instanceof z.ZodObject && 'limit' in query.shape;
