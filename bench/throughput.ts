// The runner next to what is possible, to what it once was compared with, and to what people run instead, in turn, in one
// run. Absolute figures are this machine's; the ratios are what to look at.
import { type Contender, CONTENDERS, runner, type Server } from './contenders.ts';
import { CONNECTIONS, load, LOAD_GENERATOR, saturate } from './load.ts';
import { median } from './process.ts';
import { withScene } from './scene.ts';
import { table, withSpread } from './table.ts';
import { usageOf } from './usage.ts';

/** Seconds of as many sends as are accepted. */
const SECONDS = Number(process.env.BENCH_SECONDS ?? 4);
const ROUNDS = Number(process.env.BENCH_ROUNDS ?? 5);
/** The names of those who take part, with commas; all without it. */
const ONLY = process.env.BENCH_ONLY?.split(',');
/** Until then V8 compiles and pools fill. */
const WARM_UP_SECONDS = 1;

interface Figures {
	endToEnd: number;
	/** Microseconds of processor time for each, all processes of the contender together. */
	cpu: number;
	peakMb: number;
	/** Only of those that one can send to. Latencies in milliseconds. */
	accepts?: number;
	p99?: number;
	/** At half the end-to-end rate, on a schedule. */
	p99AtHalf?: number;
}

const COLUMNS: readonly { title: string; key: keyof Figures; digits: number }[] = [
	{ title: 'accepts/s', key: 'accepts', digits: 0 },
	{ title: 'p99, ms', key: 'p99', digits: 1 },
	{ title: 'p99 at half, ms', key: 'p99AtHalf', digits: 1 },
	{ title: 'end to end/s', key: 'endToEnd', digits: 0 },
	{ title: 'CPU each, µs', key: 'cpu', digits: 0 },
	{ title: 'peak, MB', key: 'peakMb', digits: 0 },
];

/** The runner's figure by the other's. */
const RATIOS: readonly { title: string; key: keyof Figures }[] = [
	{ title: 'accepts/s', key: 'accepts' },
	{ title: 'end to end/s', key: 'endToEnd' },
	{ title: 'CPU each', key: 'cpu' },
	{ title: 'p99 at half', key: 'p99AtHalf' },
	{ title: 'peak', key: 'peakMb' },
];

function measure(contender: Contender): Promise<Figures> {
	if ('start' in contender) return measureServer(contender);
	return withScene(async (scene) => {
		const count = Math.round(contender.perSecond * SECONDS);
		const { seconds, cpuSeconds, peakMb } = await contender.send(scene, count);
		await scene.allArrived(count);
		return { endToEnd: count / seconds, cpu: (cpuSeconds / count) * 1e6, peakMb };
	});
}

function measureServer(server: Server): Promise<Figures> {
	return withScene(async (scene, started) => {
		const url = `http://127.0.0.1:${await server.start(scene, started)}`;
		await scene.allArrived((await saturate(url, WARM_UP_SECONDS)).accepted);
		const warmUp = await scene.settled();
		const before = usageOf(started).cpuSeconds;
		const start = performance.now();
		const full = await saturate(url, SECONDS);
		await scene.allArrived(warmUp + full.accepted);
		const seconds = (performance.now() - start) / 1000;
		const { cpuSeconds, peakMb } = usageOf(started);
		const settled = await scene.settled();
		const endToEnd = full.accepted / seconds;
		const perSecond = endToEnd / 2;
		const half = await load(url, { seconds: SECONDS, perSecond });
		await scene.allArrived(settled + half.accepted);
		return {
			endToEnd,
			cpu: ((cpuSeconds - before) / full.accepted) * 1e6,
			peakMb,
			accepts: full.perSecond,
			p99: full.p99,
			p99AtHalf: half.p99,
		};
	});
}

const taking = CONTENDERS.filter(({ name, needs }) => {
	if (ONLY && !ONLY.includes(name)) return false;
	if (needs && !needs.isThere()) {
		console.log(`${name} is left out, as it is not there. What gets it: ${needs.command}`);
		return false;
	}
	return true;
});
const results = new Map<Contender, Figures[]>(taking.map((contender) => [contender, []]));
for (let round = 0; round < ROUNDS; round++) {
	for (const [contender, figures] of results) {
		if (round < (contender.rounds ?? ROUNDS)) figures.push(await measure(contender));
	}
}

const isKnown = (value: number | undefined): value is number => value !== undefined;

console.log(
	`\n${SECONDS} s of as many sends as are accepted, then as much at half the end-to-end rate, on a schedule; ${CONNECTIONS} connections, load by ${LOAD_GENERATOR}; median of ${ROUNDS} rounds`,
);
const rows = [...results].map(([{ name }, figures]) => [
	name,
	...COLUMNS.map(({ key, digits }) => {
		const known = figures.map((one) => one[key]).filter(isKnown);
		return known.length > 0 ? median(known).toFixed(digits) : '–';
	}),
]);
console.log(table([['', ...COLUMNS.map(({ title }) => title)], ...rows]));

const ours = results.get(runner);
if (ours && results.size > 1) {
	console.log('\nThe runner by each: median of the ratios of the rounds (smallest to largest)');
	const others = [...results].filter(([contender]) => contender !== runner);
	const ratioRows = others.map(([{ name }, figures]) => [
		name,
		...RATIOS.map(({ key }) =>
			// Of each round and not of the medians: what disturbs a round mostly disturbs both.
			withSpread(figures.map((their, round) => ratio(ours[round]?.[key], their[key]))),
		),
	]);
	console.log(table([['', ...RATIOS.map(({ title }) => title)], ...ratioRows]));
}

function ratio(our: number | undefined, their: number | undefined): number | undefined {
	return our === undefined || their === undefined ? undefined : our / their;
}
