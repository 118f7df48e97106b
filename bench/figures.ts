// The figures of a contender, how a server is measured, and how they are printed.
import { BENCH_SECONDS, load, saturate, type SendOptions } from './load.ts';
import { median } from './process.ts';
import type { Scene } from './scene.ts';
import { table, withSpread } from './table.ts';

/**
 * Until then V8 compiles and pools fill. It matters most to what has much code: for each notification the runner's threads
 * of the compiler took 99 µs after a second, 66 after four, and 38 after twelve.
 */
const WARM_UP_SECONDS = Number(process.env.BENCH_WARM_UP ?? 8);

export interface Figures {
	readonly endToEnd: number;
	/** Microseconds of processor time for each, all processes of the contender together. */
	readonly cpu: number;
	readonly peakMb: number;
	/** Only of those that one can send to. Latencies in milliseconds. */
	readonly accepts?: number;
	readonly p99?: number;
	/** At half the end-to-end rate, on a schedule. */
	readonly p99AtHalf?: number;
}

const COLUMNS: readonly { title: string; key: keyof Figures; digits: number }[] = [
	{ title: 'accepts/s', key: 'accepts', digits: 0 },
	{ title: 'p99, ms', key: 'p99', digits: 1 },
	{ title: 'p99 at half, ms', key: 'p99AtHalf', digits: 1 },
	{ title: 'end to end/s', key: 'endToEnd', digits: 0 },
	{ title: 'CPU each, µs', key: 'cpu', digits: 0 },
	{ title: 'peak, MB', key: 'peakMb', digits: 0 },
];

const RATIOS: readonly { title: string; key: keyof Figures }[] = [
	{ title: 'accepts/s', key: 'accepts' },
	{ title: 'end to end/s', key: 'endToEnd' },
	{ title: 'CPU each', key: 'cpu' },
	{ title: 'p99 at half', key: 'p99AtHalf' },
	{ title: 'peak', key: 'peakMb' },
];

/**
 * Measures servers that share the work, each with the same load at the same time.
 * @param usage what all of their processes have used so far
 * @param atHalf whether to measure latency at half the rate too
 */
export async function measureServers(
	scene: Scene,
	urls: readonly string[],
	usage: () => { readonly cpuSeconds: number; readonly peakMb: number },
	{ atHalf = true, ...options }: SendOptions & { readonly atHalf?: boolean } = {},
): Promise<Figures> {
	const sum = (numbers: readonly number[]): number => numbers.reduce((all, one) => all + one, 0);
	const all = async (seconds: number) => {
		const loads = await Promise.all(urls.map((url) => saturate(url, seconds, options)));
		return {
			accepted: sum(loads.map(({ accepted }) => accepted)),
			perSecond: sum(loads.map(({ perSecond }) => perSecond)),
			p99: Math.max(...loads.map(({ p99 }) => p99)),
		};
	};
	await scene.allArrived((await all(WARM_UP_SECONDS)).accepted);
	const warmUp = await scene.settled();
	const before = usage().cpuSeconds;
	const start = performance.now();
	const full = await all(BENCH_SECONDS);
	await scene.allArrived(warmUp + full.accepted);
	const seconds = (performance.now() - start) / 1000;
	const { cpuSeconds, peakMb } = usage();
	const settled = await scene.settled();
	const endToEnd = full.accepted / seconds;
	const figures = {
		endToEnd,
		cpu: ((cpuSeconds - before) / full.accepted) * 1e6,
		peakMb,
		accepts: full.perSecond,
		p99: full.p99,
	};
	if (!atHalf) return figures;
	const plan = { seconds: BENCH_SECONDS, perSecond: endToEnd / 2 / urls.length };
	const half = await Promise.all(urls.map((url) => load(url, plan)));
	await scene.allArrived(settled + sum(half.map(({ accepted }) => accepted)));
	return { ...figures, p99AtHalf: Math.max(...half.map(({ p99 }) => p99)) };
}

export type Results = ReadonlyMap<string, readonly Figures[]>;

/** The median of the rounds, a row for each contender. */
export function figuresTable(results: Results): string {
	const rows = [...results].map(([name, figures]) => [
		name,
		...COLUMNS.map(({ key, digits }) => {
			const known = figures.map((one) => one[key]).filter((value) => value !== undefined);
			return known.length > 0 ? median(known).toFixed(digits) : '–';
		}),
	]);
	return table([['', ...COLUMNS.map(({ title }) => title)], ...rows]);
}

/** The figures of `name` by those of each other: the median of the rounds, with the smallest and the largest. */
export function ratiosTable(results: Results, name: string): string {
	const others = [...results.keys()].filter((other) => other !== name);
	const rows = others.map((other) => [
		other,
		...RATIOS.map(({ key }) => withSpread(ratios(results, name, other, key))),
	]);
	return table([['', ...RATIOS.map(({ title }) => title)], ...rows]);
}

/** Of each round and not of the medians: what disturbs a round mostly disturbs both. */
export function ratios(
	results: Results,
	name: string,
	other: string,
	key: keyof Figures,
): readonly number[] {
	const theirs = results.get(other) ?? [];
	return (results.get(name) ?? []).flatMap((our, round) => {
		const [one, another] = [our[key], theirs[round]?.[key]];
		return one === undefined || another === undefined ? [] : [one / another];
	});
}
