import { between, draw } from '../draw.ts';

/**
 * The clocks of several machines are apart by this at most. A fleet whose clocks are further apart is not in order: NTP
 * keeps them far closer together (https://www.rfc-editor.org/rfc/rfc5905#section-1).
 */
const MOST_APART_MS = 2_000;

/** Told how far its clock is ahead now, and which move of all that was. */
type Listener = (shiftMs: number, move: number) => void;

/**
 * The runners' clocks: how far each is ahead, in milliseconds. They move together, as machines do that follow the same
 * source of time, and are a little apart all the time. A process of its own time would prove nothing: what it made due by
 * a clock that is ten minutes ahead is not due for the others.
 */
export class Clocks {
	private readonly apart: readonly number[];
	private readonly listeners = new Map<number, Listener>();
	private shiftMs = 0;
	private moves = 0;

	constructor(seed: string, processes: number) {
		const most = processes > 1 ? MOST_APART_MS / 2 : 0;
		this.apart = Array.from({ length: processes }, (_, slot) =>
			between(-most, most, draw(seed, 'apart', slot)),
		);
	}

	shiftOf(slot: number): number {
		return this.shiftMs + (this.apart[slot] ?? 0);
	}

	move(byMs: number): void {
		if (byMs === 0) return;
		this.shiftMs += byMs;
		this.moves++;
		for (const [slot, moved] of this.listeners) moved(this.shiftOf(slot), this.moves);
	}

	/** For as long as a process lives; undefined when it does not any more. */
	listen(slot: number, moved: Listener | undefined): void {
		if (moved) this.listeners.set(slot, moved);
		else this.listeners.delete(slot);
	}
}
