/** Looks again and again until `condition` holds; fails by name when it does not within `limitMs`. */
export async function waitUntil(
	what: string,
	condition: () => boolean | Promise<boolean>,
	limitMs = 10_000,
): Promise<void> {
	const end = Date.now() + limitMs;
	while (!(await condition())) {
		if (Date.now() > end) throw new Error(`Waited ${limitMs / 1000} s in vain until ${what}`);
		await new Promise((resolve) => setTimeout(resolve, 10));
	}
}
