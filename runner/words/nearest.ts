/** Longest text that is compared: a caller could send a name of a megabyte. */
const LONGEST_COMPARED = 64;

/** `; did you mean "x"?` with the known word that is nearest to a misspelt one, or '' if none is near. */
export function didYouMean(written: string, known: readonly string[]): string {
	const found = nearest(written, known);
	return found === undefined ? '' : `; did you mean "${found}"?`;
}

/** The known word that differs by the fewest letters, at most a third of them; undefined if there is none. */
export function nearest(written: string, known: readonly string[]): string | undefined {
	if (written.length > LONGEST_COMPARED) return undefined;
	const asked = plain(written);
	const near = known
		.map((word) => ({ word, ...distanceTo(asked, plain(word)) }))
		.filter(({ distance, most }) => distance <= most)
		.sort((a, b) => a.distance - b.distance);
	return near[0]?.word;
}

/** Ignores capitals, dashes and the like: `apiKeys` means `api_keys`. */
const plain = (word: string): string => word.toLowerCase().replace(/[^a-z0-9]/g, '');

function distanceTo(asked: string, word: string): { distance: number; most: number } {
	const most = Math.floor(Math.max(asked.length, word.length) / 3);
	return { distance: editDistance(asked, word), most };
}

/** Letters to insert, remove, replace or swap with their neighbour (optimal string alignment). */
function editDistance(from: string, to: string): number {
	let before: readonly number[] = [];
	let row: readonly number[] = Array.from({ length: to.length + 1 }, (_, i) => i);
	for (let i = 1; i <= from.length; i++) {
		const next = [i];
		for (let j = 1; j <= to.length; j++) {
			const same = from[i - 1] === to[j - 1];
			const swapped = i > 1 && j > 1 && from[i - 1] === to[j - 2] && from[i - 2] === to[j - 1];
			next.push(
				Math.min(
					(row[j] ?? 0) + 1,
					(next[j - 1] ?? 0) + 1,
					(row[j - 1] ?? 0) + (same ? 0 : 1),
					swapped ? (before[j - 2] ?? 0) + 1 : Infinity,
				),
			);
		}
		[before, row] = [row, next];
	}
	return row[to.length] ?? 0;
}
