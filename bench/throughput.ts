// How fast notifications are accepted and taken to the end (one channel POST and one signed webhook each): the runner, the
// prototype and what people run instead, in turn, in one run. Absolute figures are this machine's; the ratios are what
// to look at.
import { type Contender, CONTENDERS, runner, type Server } from './contenders.ts';
import { CONNECTIONS, load } from './load.ts';
import { median } from './process.ts';
import { withScene } from './scene.ts';
import { table } from './table.ts';
import { usageOf } from './usage.ts';

const NOTIFICATIONS = Number(process.env.BENCH_NOTIFICATIONS ?? 10_000);
const ROUNDS = Number(process.env.BENCH_ROUNDS ?? 3);
/** The names of those who take part, with commas; all without it. */
const ONLY = process.env.BENCH_ONLY?.split(',');
const HALF_LOAD_SECONDS = 5;
/** Before a round of so many, as share of it: until then V8 compiles and pools fill. */
const WARM_UP = 0.2;

interface Figures {
	endToEnd: number;
	/** Microseconds of processor time for each, all processes of the contender together. */
	cpu: number;
	peakMb: number;
	/** Only of those that one can send to. Latencies in milliseconds. */
	accepts?: number;
	p99?: number;
	/** At half the rate of accepts, on a schedule. */
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

function measure(contender: Contender): Promise<Figures> {
	const count = Math.round(NOTIFICATIONS * contender.share);
	if ('start' in contender) return measureServer(contender, count);
	return withScene(async (scene) => {
		const { seconds, cpuSeconds, peakMb } = await contender.send(scene, count);
		await scene.allArrived(count);
		return { endToEnd: count / seconds, cpu: (cpuSeconds / count) * 1e6, peakMb };
	});
}

function measureServer(server: Server, count: number): Promise<Figures> {
	return withScene(async (scene, started) => {
		const url = `http://127.0.0.1:${await server.start(scene, started)}`;
		const warmUp = Math.round(count * WARM_UP);
		await load(url, { count: warmUp });
		await scene.allArrived(warmUp);
		const before = usageOf(started).cpuSeconds;
		const start = performance.now();
		const full = await load(url, { count });
		await scene.allArrived(warmUp + count);
		const seconds = (performance.now() - start) / 1000;
		const { cpuSeconds, peakMb } = usageOf(started);
		const perSecond = full.perSecond / 2;
		const half = await load(url, { seconds: HALF_LOAD_SECONDS, perSecond });
		await scene.allArrived(warmUp + count + half.accepted);
		return {
			endToEnd: count / seconds,
			cpu: ((cpuSeconds - before) / count) * 1e6,
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
	for (const [contender, figures] of results) figures.push(await measure(contender));
}

const ours = results.get(runner) ?? [];

/** More than 1 is better for the runner. */
const RATIOS: readonly { title: string; of(our: Figures, their: Figures): number | undefined }[] = [
	{
		title: 'accepts: runner/this',
		of: (our, their) => our.accepts && their.accepts && our.accepts / their.accepts,
	},
	{ title: 'end to end: runner/this', of: (our, their) => our.endToEnd / their.endToEnd },
	{ title: 'CPU: this/runner', of: (our, their) => their.cpu / our.cpu },
];

/** The median of what the rounds have; a dash for what none has. */
function cell(values: readonly (number | undefined)[], digits: number): string {
	const known = values.filter((value) => value !== undefined);
	return known.length > 0 ? median(known).toFixed(digits) : '–';
}

const rows = [...results].map(([{ name }, figures]) => [
	name,
	...COLUMNS.map(({ key, digits }) =>
		cell(
			figures.map((one) => one[key]),
			digits,
		),
	),
	// Of each round and not of the medians: what disturbs a round mostly disturbs both.
	...RATIOS.map(({ of }) =>
		cell(
			ours.map((our, round) => figures[round] && of(our, figures[round])),
			2,
		),
	),
]);
console.log(
	`\n${NOTIFICATIONS} notifications over ${CONNECTIONS} connections, median of ${ROUNDS} rounds`,
);
console.log(table([['', ...[...COLUMNS, ...RATIOS].map(({ title }) => title)], ...rows]));
