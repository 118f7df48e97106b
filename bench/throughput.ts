// The runner next to what is possible, to what it once was compared with, and to what people run instead, in turn, in one
// run. Absolute figures are this machine's; the ratios are what to look at.
import {
	bullmqAlways,
	type Contender,
	CONTENDERS,
	firstPrototype,
	prototype,
	runner,
} from './contenders.ts';
import { type Figures, figuresTable, measureServers, ratios, ratiosTable } from './figures.ts';
import { found } from './goals.ts';
import { BENCH_SECONDS, CONNECTIONS, LOAD_GENERATOR } from './load.ts';
import { withScene } from './scene.ts';
import { usageOf } from './usage.ts';

const ROUNDS = Number(process.env.BENCH_ROUNDS ?? 5);
/** The names of those who take part, with commas; all without it. */
const ONLY = process.env.BENCH_ONLY?.split(',');

function measure(contender: Contender): Promise<Figures> {
	return withScene(async (scene, started) => {
		if ('start' in contender) {
			const url = `http://127.0.0.1:${await contender.start(scene, started)}`;
			return await measureServers(scene, [url], () => usageOf(started));
		}
		const count = Math.round(contender.perSecond * BENCH_SECONDS);
		const { seconds, cpuSeconds, peakMb } = await contender.send(scene, count);
		await scene.allArrived(count);
		return { endToEnd: count / seconds, cpu: (cpuSeconds / count) * 1e6, peakMb };
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
const results = new Map<string, Figures[]>(taking.map(({ name }) => [name, []]));
for (let round = 0; round < ROUNDS; round++) {
	for (const contender of taking) {
		if (round >= (contender.rounds ?? ROUNDS)) continue;
		results.get(contender.name)?.push(await measure(contender));
	}
}

console.log(
	`\n${BENCH_SECONDS} s of as many sends as are accepted, then as long at half the end-to-end rate, on a schedule; ${CONNECTIONS} connections, load by ${LOAD_GENERATOR}; median of ${ROUNDS} rounds`,
);
console.log(figuresTable(results));
if (results.has(runner.name) && results.size > 1) {
	console.log('\nThe runner by each: median of the ratios of the rounds (smallest to largest)');
	console.log(ratiosTable(results, runner.name));
	const to = (other: Contender, key: keyof Figures) =>
		ratios(results, runner.name, other.name, key);
	found('accepts', to(prototype, 'accepts'));
	found('endToEnd', to(prototype, 'endToEnd'));
	found('cpu', to(prototype, 'cpu'));
	found('p99AtHalf', to(firstPrototype, 'p99AtHalf'));
	found('bullmq', to(bullmqAlways, 'endToEnd'));
}
