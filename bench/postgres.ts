// The runner on PostgreSQL: next to the commit before, to pg-boss and undici written the obvious way, and to itself on
// SQLite and in two processes, in turn, on one server. Load, sinks, server and processes share the machine; `scale-out.ts`
// shows what more processes bring where the machine does not decide.
import type { ChildProcess } from 'node:child_process';
import { BASELINE, sinksOf, startNode, startRunner } from './contenders.ts';
import { serverPid } from './costs/postgres.ts';
import { withPostgres } from './database.ts';
import { type Figures, figuresTable, measureServers, ratios, ratiosTable } from './figures.ts';
import { found } from './goals.ts';
import { BENCH_SECONDS, CONNECTIONS, LOAD_GENERATOR } from './load.ts';
import { type Scene, withScene } from './scene.ts';
import { familyCpuSeconds, usageOf } from './usage.ts';

const ROUNDS = Number(process.env.BENCH_ROUNDS ?? 5);
/** The names of those who take part, with commas; all without it. */
const ONLY = process.env.BENCH_ONLY?.split(',');

interface Contender {
	readonly name: string;
	readonly processes?: number;
	/** Rounds that it takes part in; all without it. */
	readonly rounds?: number;
	/** @returns the port that it listens on */
	start(scene: Scene, started: ChildProcess[], store: string): Promise<number>;
}

const RUNNER = 'runner';
const BASELINE_NAME = 'baseline';
const PG_BOSS = 'pg-boss';
const CONTENDERS: readonly Contender[] = [
	{
		name: RUNNER,
		start: (scene, started, store) => startRunner(scene, started, { settings: { store } }),
	},
	...(BASELINE === undefined
		? []
		: [
				{
					name: BASELINE_NAME,
					start: (scene: Scene, started: ChildProcess[], store: string) =>
						startRunner(scene, started, { clone: BASELINE, settings: { store } }),
				},
			]),
	{
		name: PG_BOSS,
		start: (scene, started, store) =>
			startNode(['bench/peers/pg-boss.ts', store, ...sinksOf(scene)], started),
	},
	{
		name: 'runner, two processes',
		processes: 2,
		rounds: 2,
		start: (scene, started, store) => startRunner(scene, started, { settings: { store } }),
	},
	{ name: 'runner on SQLite', rounds: 2, start: (scene, started) => startRunner(scene, started) },
];

const taking = CONTENDERS.filter(({ name }) => ONLY?.includes(name) ?? true);
const results = new Map<string, Figures[]>(taking.map(({ name }) => [name, []]));
await withPostgres(async (server) => {
	const pid = await serverPid(server.urlOf('postgres'));
	let databases = 0;
	for (let round = 0; round < ROUNDS; round++) {
		for (const { name, processes = 1, rounds = ROUNDS, start } of taking) {
			if (round >= rounds) continue;
			const store = await server.create(`bench_${databases++}`);
			const figures = await withScene(async (scene, started) => {
				const urls: string[] = [];
				while (urls.length < processes) {
					urls.push(`http://127.0.0.1:${await start(scene, started, store)}`);
				}
				return await measureServers(scene, urls, () => {
					const { cpuSeconds, peakMb } = usageOf(started);
					return { cpuSeconds: cpuSeconds + familyCpuSeconds(pid), peakMb };
				});
			});
			results.get(name)?.push(figures);
			await server.drop(store);
		}
	}
});

console.log(
	`\nOn PostgreSQL: ${BENCH_SECONDS} s of as many sends as are accepted, then as long at half the end-to-end rate, on a schedule; ${CONNECTIONS} connections to each process, load by ${LOAD_GENERATOR}; CPU with the server's; median of ${ROUNDS} rounds`,
);
console.log(figuresTable(results));
if (results.has(RUNNER) && results.size > 1) {
	console.log('\nThe runner by each: median of the ratios of the rounds (smallest to largest)');
	console.log(ratiosTable(results, RUNNER));
	found('postgresBaseline', ratios(results, RUNNER, BASELINE_NAME, 'endToEnd'));
	found('pgBoss', ratios(results, RUNNER, PG_BOSS, 'endToEnd'));
}
