// Processes of the runner on one PostgreSQL where two cores do not decide: each statement takes 10 ms more to the server,
// the sinks answer after 10 ms, and a few clients of each process wait for their answers. Linear would be as many times
// as much as there are processes.
import { startRunner } from './contenders.ts';
import { serverPid } from './costs/postgres.ts';
import { withPostgres } from './database.ts';
import { found } from './goals.ts';
import { BENCH_SECONDS, load } from './load.ts';
import { median } from './process.ts';
import { startProxy } from './proxy.ts';
import { withScene } from './scene.ts';
import { table, withSpread } from './table.ts';
import { familyCpuSeconds, usageOf } from './usage.ts';

const ROUNDS = Number(process.env.BENCH_ROUNDS ?? 3);
const PROCESSES = [1, 2, 4];
const DELAY_MS = 10;
/** Clients of each process: so few that the processor is idle for most of the time. */
const CLIENTS = 2;

interface Scaled {
	readonly endToEnd: number;
	/** Median time of an answer, in milliseconds. */
	readonly p50: number;
	/** Share of the time in which one core would be busy. */
	readonly cpu: number;
}

const results = new Map<number, Scaled[]>(PROCESSES.map((processes) => [processes, []]));
await withPostgres(async (server) => {
	const pid = await serverPid(server.urlOf('postgres'));
	for (let round = 0; round < ROUNDS; round++) {
		for (const processes of PROCESSES) {
			const name = `scaled_${round}_${processes}`;
			const url = await server.create(name);
			results.get(processes)?.push(await measure(name, processes));
			await server.drop(url);
		}
	}

	function measure(name: string, processes: number): Promise<Scaled> {
		return withScene(async (scene, started) => {
			const proxy = await startProxy(server.port, DELAY_MS, started);
			const store = server.urlOf(name, proxy.port);
			const urls: string[] = [];
			while (urls.length < processes) {
				const port = await startRunner(scene, started, { settings: { store } });
				urls.push(`http://127.0.0.1:${port}`);
			}
			const all = async (seconds: number) => {
				const options = { connections: CLIENTS };
				const loads = await Promise.all(urls.map((url) => load(url, { seconds }, options)));
				const accepted = loads.reduce((sum, one) => sum + one.accepted, 0);
				return { accepted, p50: median(loads.map(({ p50 }) => p50)) };
			};
			await scene.allArrived((await all(1)).accepted);
			const warmUp = await scene.settled();
			const cpu = (): number => usageOf(started).cpuSeconds + familyCpuSeconds(pid);
			const [before, start] = [cpu(), performance.now()];
			const { accepted, p50 } = await all(BENCH_SECONDS);
			await scene.allArrived(warmUp + accepted);
			const seconds = (performance.now() - start) / 1000;
			return { endToEnd: accepted / seconds, p50, cpu: (cpu() - before) / seconds };
		}, DELAY_MS);
	}
});

console.log(
	`\n${DELAY_MS} ms to PostgreSQL and ${DELAY_MS} ms of the sinks, ${CLIENTS} clients for each process, ${BENCH_SECONDS} s; median of ${ROUNDS} rounds`,
);
const alone = results.get(1) ?? [];
const shares = (processes: number): readonly number[] =>
	(results.get(processes) ?? []).map(
		({ endToEnd }, round) => endToEnd / processes / (alone[round]?.endToEnd ?? 0),
	);
const rows = [...results].map(([processes, figures]) => [
	String(processes),
	median(figures.map(({ endToEnd }) => endToEnd)).toFixed(0),
	median(figures.map(({ p50 }) => p50)).toFixed(1),
	(median(figures.map(({ cpu }) => cpu)) * 100).toFixed(0),
	withSpread(shares(processes)),
]);
console.log(
	table([['processes', 'end to end/s', 'answer p50, ms', 'CPU, %', 'share of linear'], ...rows]),
);
found('scaleOut', shares(4));
