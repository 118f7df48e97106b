import { between, draw } from './draw.ts';

/** One time that the database server is away. */
export interface Stop {
	/** In order, or without a word to anybody: then it has to recover what was committed from its log. */
	readonly how: 'stop' | 'crash';
	/** It comes this long after the runners were killed often enough for it; milliseconds. */
	readonly afterMs: number;
	/** From its end to its next start; milliseconds. */
	readonly forMs: number;
}

/** The `number`-th stop, from 1. */
export function planStop(seed: string, number: number): Stop {
	const chance = (purpose: string): number => draw(seed, 'stop', number, purpose);
	return {
		how: number % 2 === 1 ? 'crash' : 'stop',
		afterMs: between(0, 800, chance('moment')),
		forMs: between(200, 3_000, chance('away')),
	};
}
