/**
 * True when objects and lists nest deeper than `levels`. `JSON.parse` takes any depth, but `JSON.stringify` overflows
 * the stack, so values that are too deep must be refused before they are stored. Looks no deeper than `levels` itself.
 */
export function nestsDeeper(value: unknown, levels: number): boolean {
	if (typeof value !== 'object' || value === null) return false;
	const inside: unknown[] = Array.isArray(value) ? value : Object.values(value);
	if (levels === 0) return inside.length > 0;
	return inside.some((one) => nestsDeeper(one, levels - 1));
}
