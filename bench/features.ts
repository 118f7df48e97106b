// The price of features that the bare prototype lacks: the prototype with each of them, with all, and the runner beside it.
// They say how much of the runner's distance to the ceiling is what it does more.
import { prototype, prototypeWith, runner, type Server } from './contenders.ts';
import { type Figures, figuresTable, measureServers, ratiosTable } from './figures.ts';
import { BENCH_SECONDS, LOAD_GENERATOR, type SendOptions } from './load.ts';
import { type Feature, FEATURES } from './prototype/features.ts';
import { withScene } from './scene.ts';
import { usageOf } from './usage.ts';

const ROUNDS = Number(process.env.BENCH_ROUNDS ?? 3);

const names = Object.keys(FEATURES) as Feature[]; // its keys, as the type has them
const CONTENDERS: readonly (Pick<Server, 'name' | 'start'> & SendOptions)[] = [
	prototype,
	...names.map((feature) => ({
		name: `with ${FEATURES[feature]}`,
		start: prototypeWith([feature]),
		hasKeys: feature === 'idempotency',
	})),
	{ name: 'with all of these', start: prototypeWith(names), hasKeys: true },
	runner,
	{ ...runner, name: 'runner, each send with an Idempotency-Key', hasKeys: true },
];

const results = new Map<string, Figures[]>(CONTENDERS.map(({ name }) => [name, []]));
for (let round = 0; round < ROUNDS; round++) {
	for (const { name, start, hasKeys = false } of CONTENDERS) {
		const figures = await withScene(async (scene, started) => {
			const url = `http://127.0.0.1:${await start(scene, started)}`;
			const options = { hasKeys, atHalf: false };
			return await measureServers(scene, [url], () => usageOf(started), options);
		});
		results.get(name)?.push(figures);
	}
}

console.log(
	`\nFeatures that the prototype lacks: ${BENCH_SECONDS} s of as many sends as are accepted, load by ${LOAD_GENERATOR}; median of ${ROUNDS} rounds`,
);
console.log(figuresTable(results));
console.log('\nThe prototype by each: median of the ratios of the rounds (smallest to largest)');
console.log(ratiosTable(results, prototype.name));
