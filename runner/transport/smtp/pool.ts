import type { SmtpServer } from '@sureping/engine';
import type { Composed } from './composer.ts';
import { isConnectionLimit, isGoodbye } from './replies.ts';
import { Session } from './session.ts';

/** A connection is renewed after so many mails: servers limit them, such as Exchange and Gmail. */
const MOST_MAILS = 100;

/**
 * A connection is renewed after so many refusals in a row: servers slow down and then close one that collects errors. Postfix
 * begins after smtpd_soft_error_limit, 10, with a second for every reply; a refused mail is two errors where it is pipelined.
 */
const MOST_REFUSALS = 4;

/** Connections that the server had closed meanwhile are replaced at most so often for one mail. */
const MOST_RETRIES = 2;

/** After a server refused one more connection, that many are not tried again for so long. */
const SHRUNK_MS = 60_000;

/** Between two looks whether a server that has all its connections given to others has one for us. */
const LOOK_AGAIN_MS = 1_000;

interface Slot {
	session: Session | undefined;
	/** When an idle one is closed. */
	idle: NodeJS.Timeout | undefined;
}

export interface PoolOptions {
	/** Milliseconds after which an unused connection is closed. */
	readonly idleMs: number;
}

/** A mail server allows no more connections from this host for now; `reply` is what it said. */
export class NoConnection extends Error {
	override readonly name = 'NoConnection';
	override readonly cause: unknown;

	constructor(cause: unknown) {
		super('no connection is free');
		this.cause = cause;
	}
}

/**
 * Connections to one server, opened when they are needed and shared by its mails. A mail that waits for a free one uses up
 * no time. Where the server refuses another connection, those that are open do the work, and fewer are opened.
 */
export class SmtpPool {
	private readonly server: SmtpServer;
	private readonly options: PoolOptions;
	private readonly idle: Slot[] = [];
	private readonly waiting: { readonly go: () => void; readonly end: (error: Error) => void }[] =
		[];
	private busy = 0;
	private shrunkTo = Infinity;
	private shrunkUntil = 0;
	private isClosed = false;

	constructor(server: SmtpServer, options: PoolOptions) {
		this.server = server;
		this.options = options;
	}

	/**
	 * The server's answer. `timeoutMs` is for making a connection, and then for the mail; what the server refuses is thrown.
	 */
	async send(mail: Composed, timeoutMs: number): Promise<string> {
		const triedSince = performance.now();
		for (let retries = 0; ;) {
			const slot = await this.take();
			try {
				const isReused = slot.session !== undefined;
				const session = (slot.session ??= await Session.open(this.server, timeoutMs));
				try {
					const answer = await session.send(mail, timeoutMs);
					this.give(slot);
					return answer;
				} catch (error) {
					if (isReused && isUnsent(error) && !session.isOpen && isGoodbye(error)) {
						this.drop(slot);
						// It had been closed by the server while it was idle.
						if (retries++ < MOST_RETRIES) continue;
						throw error;
					}
					if (session.isOpen && session.refusals < MOST_REFUSALS) {
						void session.reset(timeoutMs).then(() => this.give(slot));
					} else {
						this.end(slot);
						this.drop(slot);
					}
					throw error;
				}
			} catch (error) {
				if (slot.session) throw error;
				// No connection came about.
				const others = this.busy - 1 + this.idle.length;
				this.drop(slot);
				if (!isConnectionLimit(error) || this.isClosed) throw error;
				if (others > 0) {
					this.shrink(others);
					continue;
				}
				if (performance.now() - triedSince >= timeoutMs) throw new NoConnection(error);
				await later(LOOK_AGAIN_MS);
			}
		}
	}

	/** Closes what is open. Mails under way are finished first; those that wait are not sent. */
	close(): void {
		this.isClosed = true;
		for (const slot of this.idle.splice(0)) this.end(slot);
		for (const { end } of this.waiting.splice(0)) end(new Error('The pool was closed'));
	}

	private get most(): number {
		const isShrunk = performance.now() < this.shrunkUntil;
		return Math.min(this.server.connections, isShrunk ? this.shrunkTo : Infinity);
	}

	private async take(): Promise<Slot> {
		for (;;) {
			if (this.isClosed) throw new Error('The pool was closed');
			// The one that was used last is the one that its server has most likely not closed.
			const slot = this.idle.pop();
			if (slot) {
				clearTimeout(slot.idle);
				if (!slot.session?.isOpen) continue;
				this.busy++;
				return slot;
			}
			if (this.busy < this.most) {
				this.busy++;
				return { session: undefined, idle: undefined };
			}
			await new Promise<void>((go, end) => this.waiting.push({ go, end }));
		}
	}

	/** A slot whose connection is to be used again. */
	private give(slot: Slot): void {
		const { session } = slot;
		if (!session?.isOpen || session.mails >= MOST_MAILS || this.isClosed || this.busy > this.most) {
			this.end(slot);
			this.drop(slot);
			return;
		}
		this.busy--;
		slot.idle = setTimeout(() => {
			this.idle.splice(this.idle.indexOf(slot), 1);
			this.end(slot);
		}, this.options.idleMs);
		this.idle.push(slot);
		this.waiting.shift()?.go();
	}

	private drop(slot: Slot): void {
		slot.session?.close();
		this.busy--;
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
