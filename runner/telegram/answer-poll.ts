import {
	type AnswerSource,
	type AnswersRead,
	type ButtonAnswer,
	exchange,
	type HttpClient,
	type Random,
} from '@sureping/engine';
import type { Logger } from 'pino';
import type { Timers } from '../clock.ts';
import type { Leases } from '../store/contract/leases.ts';
import type { AppliedAnswer } from './apply-answer.ts';
import { rest } from './rest.ts';

export interface AnswerPollOptions {
	readonly source: AnswerSource;
	readonly leases: Leases;
	readonly http: HttpClient;
	readonly clock: Timers;
	readonly random: Random;
	readonly log: Logger;
	/** True while there may be answers: a message with buttons was sent, or may be. */
	isWanted(): Promise<boolean>;
	/** Applies an answer, and notes `position` with it as the place that has been reached. */
	apply(answer: ButtonAnswer, position: number): Promise<AppliedAnswer>;
}

/** A process that dies is replaced within this time and `RENEW_MS`. */
const LEASE_MS = 10_000;
const RENEW_MS = 3_000;
/** Interval of looks whether answers are wanted, while they are not. */
const LOOK_MS = 3_000;
/** Longest wait of a request; Telegram's server closes it after 50 s (github.com/tdlib/telegram-bot-api, Client.h). */
const WAIT_S = 50;
/** A server that does not wait for answers, as Telegram's does, is not asked more often. */
const EARLY_MS = 500;
const TELL_MS = 5_000;
const FIRST_PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 60_000;
/** Failures in a row at which they are logged: one may be a process that has just died, or a lost packet. */
const LOGGED_AT = 2;

/**
 * Telegram forgets updates after 24 hours, and begins a new, random numbering after a week without any
 * (core.telegram.org/bots/api#update). An older position says nothing, and could skip new answers.
 */
const POSITION_LASTS_MS = 48 * 3600_000;

/**
 * Fetches the answers of one account for as long as they are wanted. Of several processes one at a time does so: Telegram ends
 * a request when another comes.
 */
export class AnswerPoll {
	private readonly options: AnswerPollOptions;
	private readonly stopped = new AbortController();
	private running: Promise<void> | undefined;
	private position: { readonly value: number; readonly at: number } | undefined;
	private readonly telling = new Set<Promise<unknown>>();
	private failures = 0;

	constructor(options: AnswerPollOptions) {
		this.options = options;
	}

	start(): void {
		this.running ??= this.run();
	}

	/** Ends the request under way; nothing is left running. */
	async stop(): Promise<void> {
		this.stopped.abort();
		await this.running;
		await Promise.all(this.telling);
	}

	private async run(): Promise<void> {
		const { source, log } = this.options;
		const { signal } = this.stopped;
		while (!signal.aborted) {
			try {
				const pauseMs = await this.turn();
				if (pauseMs === undefined) return;
				await this.rest(pauseMs);
			} catch (err) {
				log.error({ err, account: source.account }, 'answers to buttons could not be fetched');
				await this.rest(this.pauseMs());
			}
		}
	}

	/** Fetches while this process may; returns the pause until the next try, or undefined for the end. */
	private async turn(): Promise<number | undefined> {
		const { leases, source, isWanted } = this.options;
		if (!(await isWanted())) return LOOK_MS;
		const held = await leases.hold(source.account, LEASE_MS);
		if (!held) return RENEW_MS;
		const { position: value, notedAt: at } = held;
		this.position = value === undefined || at === undefined ? undefined : { value, at };
		const lost = new AbortController();
		const end = (): void => lost.abort();
		this.stopped.signal.addEventListener('abort', end);
		const renewing = this.renew(lost);
		try {
			return await this.fetchAll(lost.signal);
		} finally {
			end();
			this.stopped.signal.removeEventListener('abort', end);
			await renewing;
			await leases.release(source.account).catch(() => undefined);
		}
	}

	/** Keeps the lease; where it cannot, another process may have it, and `lost` is aborted. */
	private async renew(lost: AbortController): Promise<void> {
		const { leases, source, clock } = this.options;
		for (;;) {
			await rest(RENEW_MS, clock, lost.signal);
			if (lost.signal.aborted) return;
			const held = await leases.hold(source.account, LEASE_MS).catch(() => undefined);
			if (!held) lost.abort();
		}
	}

	private async fetchAll(signal: AbortSignal): Promise<number | undefined> {
		const { source, http, clock, isWanted } = this.options;
		while (!signal.aborted && (await isWanted())) {
			const asked = source.poll(this.offset(), WAIT_S);
			const askedAt = clock.now();
			const read = await exchange(asked, (one) => http({ ...one, signal }), clock);
			if (signal.aborted) break;
			if (read.result === 'answers') {
				await this.take(read, signal);
				const isEarly = read.answers.length === 0 && clock.now() - askedAt < EARLY_MS;
				if (isEarly) await rest(EARLY_MS, clock, signal);
			} else if (read.error.code === 'AUTH_FAILED') return this.end(read.error.message);
			else await rest(this.failed(read), clock, signal);
		}
		return 0;
	}

	private offset(): number | undefined {
		const { position } = this;
		const age = this.options.clock.now() - (position?.at ?? 0);
		return age < POSITION_LASTS_MS ? position?.value : undefined;
	}

	private async take(
		{ answers, next }: Extract<AnswersRead, { result: 'answers' }>,
		signal: AbortSignal,
	): Promise<void> {
		const { apply, leases, source, clock } = this.options;
		this.recovered();
		for (const answer of answers) {
			// Given out again to the process that has the lease now.
			if (signal.aborted) return;
			const { line } = await apply(answer, answer.position + 1);
			this.position = { value: answer.position + 1, at: clock.now() };
			this.tell(answer, line);
		}
		if (next === undefined || next === this.position?.value) return;
		await leases.note({ lease: source.account, position: next });
		this.position = { value: next, at: clock.now() };
	}

	/** A line that cannot be shown, as the person waited too long, changes nothing. */
	private tell(answer: ButtonAnswer, line: string): void {
		const { source, http, clock, log } = this.options;
		const told = exchange(source.tell(answer.id, line, TELL_MS), http, clock)
			.then((outcome) => {
				if (outcome.result === 'delivered') return;
				log.info({ account: source.account, error: outcome.error }, 'an answer was not confirmed');
			})
			.catch((err: unknown) => log.error({ err }, 'an answer was not confirmed'))
			.finally(() => this.telling.delete(told));
		this.telling.add(told);
	}

	private failed({ error, retryAfterMs }: Exclude<AnswersRead, { result: 'answers' }>): number {
		const { source, log } = this.options;
		this.failures++;
		if (this.failures === LOGGED_AT) {
			const message = `answers to buttons cannot be fetched: ${error.message}`;
			log.warn({ account: source.account, code: error.code }, message);
		}
		return Math.max(this.pauseMs(), retryAfterMs ?? 0);
	}

	private recovered(): void {
		const { source, log } = this.options;
		if (this.failures >= LOGGED_AT) {
			log.info({ account: source.account }, 'answers to buttons are fetched again');
		}
		this.failures = 0;
	}

	private end(reason: string): undefined {
		const { source, log } = this.options;
		const message = `answers to buttons are not fetched until the runner is started again: ${reason}`;
		log.error({ account: source.account }, message);
		return undefined;
	}

	/** Doubles with every failure, and is shortened at random by up to a half. */
	private pauseMs(): number {
		const longest = FIRST_PAUSE_MS * 2 ** Math.min(this.failures, 10);
		return Math.min(longest, LONGEST_PAUSE_MS) * (1 - this.options.random() / 2);
	}

	private rest(ms: number): Promise<void> {
		return rest(ms, this.options.clock, this.stopped.signal);
	}
}
