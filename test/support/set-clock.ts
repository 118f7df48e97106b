/** 1 January 2026. */
export const START = Date.parse('2026-01-01T00:00:00Z');

/** A clock that stands still until a test sets it. */
export class SetClock {
	/** Milliseconds since 1970. */
	time = START;

	now(): number {
		return this.time;
	}
}
