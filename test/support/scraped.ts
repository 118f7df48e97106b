import type { Metrics } from '../../runner/metrics/index.ts';

/** The samples of one metric as Prometheus reads them, by their labels as they are written; `''` for none. */
export async function scraped(
	{ registry }: Metrics,
	name: string,
): Promise<Readonly<Record<string, number>>> {
	const text = await registry.getSingleMetricAsString(name);
	const samples = [...text.matchAll(/^\w+?((?:_sum|_count)?(?:\{.*\})?) (\S+)$/gm)];
	return Object.fromEntries(
		samples
			.filter(([line]) => !line.includes('_bucket{'))
			.map(([line = '', , value]) => [
				line.slice(name.length, line.lastIndexOf(' ')),
				Number(value),
			]),
	);
}
