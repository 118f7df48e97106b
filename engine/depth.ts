/**
 * Whether objects and lists nest deeper than `levels`. `JSON.parse` takes any depth while `JSON.stringify` has that of
 * the stack, so what is to be kept must be refused before it is written.
 */
export function nestsDeeper(value: unknown, levels: number): boolean {
	let level = [value];
	for (let depth = 0; level.length > 0; depth++) {
		if (depth > levels) return true;
		level = level.flatMap((one) =>
			typeof one === 'object' && one !== null ? Object.values(one) : [],
		);
	}
	return false;
}
