import { setImmediate } from 'node:timers/promises';
import type { Clock } from '@sureping/engine';

/** A clock that stands still until `run` moves it to the next sleeper: hours of waiting take no time. */
export class VirtualClock implements Clock {
	/** Every sleep that was asked for, in milliseconds. */
	readonly sleeps: number[] = [];
	private time: number;
	private sleepers: { readonly at: number; readonly wake: () => void }[] = [];

	/** Set where work is waited for that the event loop does not show, as that of a database. */
	isBusy: () => boolean = () => false;
	/** Set with it: looking again and again would take the processor from whoever is waited for. */
	whenIdle: () => Promise<unknown> = () => setImmediate();
	private readonly quiet: { readonly turns: number; activity(): number };

	/**
	 * Time moves on when `activity` has not changed for so many turns of the event loop: a group commit takes one, and what
	 * it wakes another.
	 */
	constructor(start: number, quiet = { turns: 8, activity: () => 0 }) {
		this.time = start;
		this.quiet = quiet;
	}

	now(): number {
		return this.time;
	}

	/** Lets time pass, as while a channel takes its time to answer. */
	advance(ms: number): void {
		this.time += ms;
	}

	sleep(ms: number): Promise<void> {
		this.sleeps.push(ms);
		return new Promise((wake) => this.sleepers.push({ at: this.time + ms, wake }));
	}

	/** As a timer: `action` runs when `run` has moved the clock there. */
	at(time: number, action: () => void): { cancel(): void } {
		const sleeper = { at: time, wake: action };
		this.sleepers.push(sleeper);
		return { cancel: () => void (this.sleepers = this.sleepers.filter((one) => one !== sleeper)) };
	}

	/** Moves time on whenever nothing else can happen, until `work` is done. */
	async run<T>(work: Promise<T>): Promise<T> {
		let settled = false;
		const done = work.finally(() => (settled = true));
		// Awaited below; a rejection before that is not an unhandled one.
		const settlement = done.catch(() => undefined);
		for (;;) {
			// All promises that can move have moved after this.
			let before = this.quiet.activity();
			for (let turn = 0; turn < this.quiet.turns && !settled; turn++) {
				await setImmediate();
				const now = this.quiet.activity();
				if (this.isBusy()) await Promise.race([this.whenIdle(), settlement]);
				else if (now === before) continue;
				turn = 0;
				before = now;
			}
			if (settled) return done;
			const next = Math.min(...this.sleepers.map(({ at }) => at));
			if (next === Infinity) throw new Error('The work waits for something that no clock brings');
			this.time = Math.max(this.time, next);
			const due = this.sleepers.filter(({ at }) => at <= this.time);
			this.sleepers = this.sleepers.filter(({ at }) => at > this.time);
			for (const { wake } of due) wake();
		}
	}
}
