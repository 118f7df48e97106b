import { median } from './process.ts';

/** Lines with the first column to the left and the others to the right, as wide as their widest cell. */
export function table(rows: readonly (readonly string[])[]): string {
	const widths = rows[0]?.map((_, column) =>
		Math.max(...rows.map((row) => row[column]?.length ?? 0)),
	);
	return rows
		.map((row) =>
			row
				.map((cell, column) => {
					const width = widths?.[column] ?? 0;
					return column === 0 ? cell.padEnd(width) : cell.padStart(width);
				})
				.join('   '),
		)
		.join('\n');
}

/** The median, with the smallest and the largest; a dash when nothing is known. */
export function withSpread(values: readonly (number | undefined)[], digits = 2): string {
	const known = values.filter((value) => value !== undefined);
	if (known.length === 0) return '–';
	const [middle, least, most] = [median(known), Math.min(...known), Math.max(...known)];
	return `${middle.toFixed(digits)} (${least.toFixed(digits)}–${most.toFixed(digits)})`;
}
