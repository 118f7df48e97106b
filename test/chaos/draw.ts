import { createHash } from 'node:crypto';

/**
 * A number in [0, 1) that depends on nothing but the seed and what it is for: whoever draws it, in whichever process,
 * order and run, draws the same.
 */
export function draw(seed: string, ...purpose: readonly (string | number)[]): number {
	const digest = createHash('sha256')
		.update([seed, ...purpose].join('\0'))
		.digest();
	return digest.readUIntBE(0, 6) / 2 ** 48;
}

/** Whole numbers from `least` to `most`, both included. */
export function between(least: number, most: number, chance: number): number {
	return least + Math.floor(chance * (most - least + 1));
}

/** One of several, each with its share; the shares add up to 1. */
export function pick<T>(
	choices: readonly (readonly [share: number, value: T])[],
	chance: number,
): T {
	let sum = 0;
	for (const [share, value] of choices) {
		sum += share;
		if (chance < sum) return value;
	}
	const last = choices.at(-1);
	if (!last) throw new Error('There is nothing to choose from');
	return last[1];
}
