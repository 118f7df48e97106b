import type { SmtpServer } from '@sureping/engine';
import type { Composed } from './composer.ts';
import { isConnectionLimit, isCutOff, isGoodbye } from './replies.ts';
import { Session } from './session.ts';

/** Mails after which a connection is renewed: servers such as Exchange and Gmail limit them. */
const MOST_MAILS = 100;

/**
 * Refusals in a row after which a connection is renewed: servers slow down and then close one that collects errors.
 * Postfix starts after smtpd_soft_error_limit, 10, with a second for every reply; a refused mail is two errors where it
 * is pipelined.
 */
const MOST_REFUSALS = 4;

/** Most connections that are replaced for one mail because the server had closed them. */
const MOST_RETRIES = 2;

/** Time that the number of connections stays reduced after the server refused one more; milliseconds. */
const SHRUNK_MS = 60_000;

/** Interval at which a server that gave all its connections to other clients is asked again; milliseconds. */
const LOOK_AGAIN_MS = 1_000;

interface Slot {
	session: Session | undefined;
	/** Time at which an idle connection is closed. */
	idle: NodeJS.Timeout | undefined;
}

export interface PoolOptions {
	/** Milliseconds after which an unused connection is closed. */
	readonly idleMs: number;
}

/** The mail server allows this host no connection for now; `cause` has its answer. */
export class NoConnection extends Error {
	override readonly name = 'NoConnection';
	override readonly cause: unknown;

	constructor(cause: unknown) {
		super('no connection is free');
		this.cause = cause;
	}
}

/**
 * Connections to one server, opened when needed and shared by its mails. Waiting for a free one does not count towards
 * the timeout of a mail. When the server refuses another connection, the open ones do the work, and fewer are opened.
 */
export class SmtpPool {
	private readonly server: SmtpServer;
	private readonly options: PoolOptions;
	private readonly idle: Slot[] = [];
	private readonly waiting: { readonly go: () => void; readonly end: (error: Error) => void }[] =
		[];
	private readonly busy = new Set<Slot>();
	private shrunkTo = Infinity;
	private shrunkUntil = 0;
	private isClosed = false;

	constructor(server: SmtpServer, options: PoolOptions) {
		this.server = server;
		this.options = options;
	}

	/**
	 * Sends a mail and returns the server's answer. `timeoutMs` applies to making a connection, and then to the mail.
	 * Throws what the server refuses.
	 */
	async send(mail: Composed, timeoutMs: number): Promise<string> {
		let retries = 0;
		let refusedSince: number | undefined;
		for (;;) {
			const slot = await this.take();
			const isReused = slot.session !== undefined;
			const session = slot.session ?? (await this.connect(slot, timeoutMs));
			if (session instanceof NoConnection) {
				// All connections that the server allows belong to other clients.
				refusedSince ??= performance.now();
				if (performance.now() - refusedSince >= timeoutMs) throw session;
				await later(LOOK_AGAIN_MS);
			} else if (session) {
				try {
					return await this.carry(slot, session, mail, timeoutMs);
				} catch (error) {
					// The server closed it while it was idle.
					const isStale = isReused && isUnsent(error) && !session.isOpen && isGoodbye(error);
					if (!isStale || retries++ >= MOST_RETRIES) throw error;
				}
			}
		}
	}

	/** Opens a connection; undefined if the server refused it and open ones will do. */
	private async connect(
		slot: Slot,
		timeoutMs: number,
	): Promise<Session | NoConnection | undefined> {
		try {
			slot.session = await Session.open(this.server, timeoutMs);
			return slot.session;
		} catch (error) {
			this.drop(slot);
			const isLimit = isConnectionLimit(error) || (this.hasOpen && isCutOff(error));
			if (!isLimit || this.isClosed) throw error;
			const others = this.busy.size + this.idle.length;
			if (others === 0) return new NoConnection(error);
			this.shrink(others);
			return undefined;
		}
	}

	private async carry(
		slot: Slot,
		session: Session,
		mail: Composed,
		timeoutMs: number,
	): Promise<string> {
		try {
			const answer = await session.send(mail, timeoutMs);
			this.give(slot);
			return answer;
		} catch (error) {
			if (session.isOpen && session.refusals < MOST_REFUSALS) {
				// Only the next mail waits until it is ready.
				void session.reset(timeoutMs).then(() => this.give(slot));
			} else {
				this.end(slot);
				this.drop(slot);
			}
			throw error;
		}
	}

	/** Closes all connections. Mails under way are finished first; waiting ones are not sent. */
	close(): void {
		this.isClosed = true;
		for (const slot of this.idle.splice(0)) this.end(slot);
		for (const { end } of this.waiting.splice(0)) end(new Error('The pool was closed'));
	}

	/** True while another connection to the server is open. */
	private get hasOpen(): boolean {
		return [...this.busy, ...this.idle].some(({ session }) => session?.isOpen);
	}

	private get most(): number {
		const isShrunk = performance.now() < this.shrunkUntil;
		return Math.min(this.server.connections, isShrunk ? this.shrunkTo : Infinity);
	}

	private async take(): Promise<Slot> {
		for (;;) {
			if (this.isClosed) throw new Error('The pool was closed');
			// The most recently used one, which the server is least likely to have closed.
			const slot = this.idle.pop();
			if (slot) {
				clearTimeout(slot.idle);
				if (!slot.session?.isOpen) continue;
				this.busy.add(slot);
				return slot;
			}
			if (this.busy.size < this.most) {
				const fresh: Slot = { session: undefined, idle: undefined };
				this.busy.add(fresh);
				return fresh;
			}
			await new Promise<void>((go, end) => this.waiting.push({ go, end }));
		}
	}

	/** A slot whose connection is to be used again. */
	private give(slot: Slot): void {
		const { session } = slot;
		if (
			!session?.isOpen ||
			session.mails >= MOST_MAILS ||
			this.isClosed ||
			this.busy.size > this.most
		) {
			this.end(slot);
			this.drop(slot);
			return;
		}
		this.busy.delete(slot);
		slot.idle = setTimeout(() => {
			this.idle.splice(this.idle.indexOf(slot), 1);
			this.end(slot);
		}, this.options.idleMs);
		this.idle.push(slot);
		this.waiting.shift()?.go();
	}

	private drop(slot: Slot): void {
		slot.session?.close();
		this.busy.delete(slot);
		this.waiting.shift()?.go();
	}

	private end({ session, idle }: Slot): void {
		clearTimeout(idle);
		if (session?.isOpen) session.quit();
	}

	private shrink(to: number): void {
		this.shrunkTo = Math.max(1, to);
		this.shrunkUntil = performance.now() + SHRUNK_MS;
	}
}

const isUnsent = (error: unknown): boolean =>
	error instanceof Error && 'isUnsent' in error && error.isUnsent === true;

const later = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
