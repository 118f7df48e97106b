// The runner alone for minutes: takes all it accepts, or a given rate, then drains what is left. What to look for: the
// same end-to-end rate and memory in the last slice as in the first, and how much of its drained rate it keeps while
// everybody wants in.
import { parseArgs } from 'node:util';
import { runner } from './contenders.ts';
import { load, type Plan } from './load.ts';
import { median } from './process.ts';
import { withScene } from './scene.ts';
import { table } from './table.ts';
import { usageOf } from './usage.ts';

const SLICE_MS = 10_000;
/** Draining is a rate too: after so many slices it is known, however much is left. */
const DRAIN_SLICES = 6;
/** A CPU share well under 100 % says that the machine was busy with something else. */
const COLUMNS = ['s', 'accepted/s', 'end to end/s', 'waiting', 'CPU, %', 'RSS, MB'];

const { values } = parseArgs({
	options: { minutes: { type: 'string', default: '10' }, rate: { type: 'string' } },
});
const seconds = Number(values.minutes) * 60;
const plan: Plan = values.rate ? { seconds, perSecond: Number(values.rate) } : { seconds };

interface Slice {
	readonly endToEnd: number;
	/** Processor seconds per second. */
	readonly cpu: number;
	readonly rssMb: number;
}

const line = (cells: readonly (string | number)[]): void =>
	console.log(cells.map((cell) => String(cell).padStart(12)).join(''));

await withScene(async (scene, started) => {
	const url = `http://127.0.0.1:${await runner.start(scene, started)}`;
	const start = performance.now();
	let accepted = 0;
	let last = { at: start, accepted: 0, arrived: 0, ...usageOf(started) };

	async function slice(): Promise<Slice> {
		const arrived = await scene.arrived();
		const now = { at: performance.now(), accepted, arrived, ...usageOf(started) };
		const per = (now.at - last.at) / 1000;
		const endToEnd = (now.arrived - last.arrived) / per;
		const cpu = (now.cpuSeconds - last.cpuSeconds) / per;
		const acceptedPerSecond = (now.accepted - last.accepted) / per;
		const waiting = now.accepted - now.arrived;
		line([
			...[(now.at - start) / 1000, acceptedPerSecond, endToEnd].map(Math.round),
			...[waiting, Math.round(cpu * 100), Math.round(now.rssMb)],
		]);
		last = now;
		return { endToEnd, cpu, rssMb: now.rssMb };
	}

	console.log(`\nThe runner alone, ${values.rate ?? 'as many as are accepted'} per second`);
	line(COLUMNS);
	const loaded: Slice[] = [];
	let loading = true;
	const result = load(url, plan, { accepted: () => accepted++ }).finally(() => (loading = false));
	while (loading) {
		await Promise.race([result, new Promise((resolve) => setTimeout(resolve, SLICE_MS))]);
		const short = performance.now() - last.at < SLICE_MS / 2;
		const one = await slice();
		if (!short) loaded.push(one);
	}
	const { perSecond, p99, refused } = await result;

	console.log('no more sends:');
	const full = last;
	const drained: Slice[] = [];
	while (drained.length < DRAIN_SLICES && accepted > last.arrived) {
		const until = performance.now() + SLICE_MS;
		while (performance.now() < until && (await scene.arrived()) < accepted) {
			await new Promise((resolve) => setTimeout(resolve, 50));
		}
		drained.push(await slice());
	}
	const drain = {
		endToEnd: ((last.arrived - full.arrived) / (last.at - full.at)) * 1000,
		cpu: ((last.cpuSeconds - full.cpuSeconds) / (last.at - full.at)) * 1000,
	};

	const perCpu = ({ endToEnd, cpu }: Omit<Slice, 'rssMb'>): number => endToEnd / cpu;
	const whileLoaded = median(loaded.map(({ endToEnd }) => endToEnd));
	const whileLoadedPerCpu = median(loaded.map(perCpu));
	const [first, final] = [loaded[0], loaded.at(-1)];
	const most = Math.max(...[...loaded, ...drained].map(({ rssMb }) => rssMb));
	if (!first || !final) throw new Error('--minutes is too short for one slice');
	console.log(
		table([
			['', 'end to end/s', 'per processor second', 'RSS, MB'],
			...(
				[
					['first slice', first.endToEnd, perCpu(first), first.rssMb],
					['last slice', final.endToEnd, perCpu(final), final.rssMb],
					['while loaded, median', whileLoaded, whileLoadedPerCpu, most],
					['drained', drain.endToEnd, perCpu(drain), last.rssMb],
				] as const
			).map(([name, ...figures]) => [name, ...figures.map((figure) => figure.toFixed(0))]),
			[
				'loaded/drained',
				(whileLoaded / drain.endToEnd).toFixed(2),
				(whileLoadedPerCpu / perCpu(drain)).toFixed(2),
				'',
			],
		]),
	);
	console.log(
		`accepts/s ${perSecond.toFixed(0)}, p99 ${p99.toFixed(1)} ms, asked to come back later: ${refused}`,
	);
});
