// How fast the runner accepts notifications and takes them to the end (one channel POST and one signed webhook each), next
// to the prototype, in turn, in one run. Absolute figures are this machine's; the ratio is what to look at.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { end, median, runToEnd, startServer } from './process.ts';

const NOTIFICATIONS = Number(process.env.BENCH_NOTIFICATIONS ?? 20_000);
const ROUNDS = Number(process.env.BENCH_ROUNDS ?? 3);
const CONNECTIONS = 64;
const KEY = 'sp_benchmark_key_0123456789';

interface Figures {
	accepts: number;
	p99: number;
	endToEnd: number;
	/** Completed per second while sends come in as fast as they are taken. */
	whileAccepting: number;
	peakMb: number;
}

type Contender = 'prototype' | 'runner';

async function measure(contender: Contender): Promise<Figures> {
	const dir = mkdtempSync(join(tmpdir(), 'sureping-bench-'));
	const sinks = await startServer(['bench/sinks.ts']);
	const sink = `http://127.0.0.1:${sinks.port}`;
	const server = await startServer(argumentsOf(contender, dir, sink));
	try {
		const start = performance.now();
		const url = `http://127.0.0.1:${server.port}`;
		const load = runToEnd(['bench/load.ts', url, String(NOTIFICATIONS), String(CONNECTIONS), KEY]);
		const afterLoad = load.then(async () => ({
			done: await arrived(sink),
			seconds: (performance.now() - start) / 1000,
		}));
		await allArrived(sink, NOTIFICATIONS);
		const seconds = (performance.now() - start) / 1000;
		// What load.ts prints.
		const { perSecond, p99 } = JSON.parse(await load) as { perSecond: number; p99: number };
		const status = readFileSync(`/proc/${server.child.pid}/status`, 'utf8');
		const peakMb = Number(/VmHWM:\s+(\d+)/.exec(status)?.[1]) / 1024;
		const { done, seconds: accepting } = await afterLoad;
		return {
			accepts: perSecond,
			p99,
			endToEnd: NOTIFICATIONS / seconds,
			whileAccepting: done / accepting,
			peakMb,
		};
	} finally {
		await end(server.child);
		await end(sinks.child);
		rmSync(dir, { recursive: true });
	}
}

function argumentsOf(contender: Contender, dir: string, sink: string): string[] {
	if (contender === 'prototype') {
		return ['bench/prototype.ts', join(dir, 'a.db'), `${sink}/channel`, `${sink}/endpoint`];
	}
	const config = join(dir, 'config.json');
	const settings = {
		api_keys: [{ name: 'bench', key: KEY, scopes: ['send'] }],
		connections: [{ name: 's', channel: 'slack', webhook_url: `${sink}/channel` }],
		endpoints: [
			{
				name: 'e',
				url: `${sink}/endpoint`,
				secret: 'whsec_benchmark_secret',
				events: ['notification.delivered'],
			},
		],
		log_level: 'warn',
	};
	writeFileSync(config, JSON.stringify(settings));
	const profile = process.env.BENCH_PROFILE_DIR;
	return [
		...(profile ? ['--cpu-prof', `--cpu-prof-dir=${profile}`] : []),
		...['runner/dist/sureping.js', 'serve', '--config', config, '--data-dir', dir, '--port', '0'],
	];
}

async function allArrived(sink: string, count: number): Promise<void> {
	while ((await arrived(sink)) < count) await new Promise((resolve) => setTimeout(resolve, 20));
}

async function arrived(sink: string): Promise<number> {
	// Our own sinks' answer.
	return ((await (await fetch(`${sink}/counts`)).json()) as { endpoint: number }).endpoint;
}

const results: Record<Contender, Figures[]> = { prototype: [], runner: [] };
for (let round = 0; round < ROUNDS; round++) {
	for (const contender of ['prototype', 'runner'] as const) {
		results[contender].push(await measure(contender));
	}
}

const row = (name: Contender, key: keyof Figures): number =>
	median(results[name].map((figures) => figures[key]));
console.log(
	`\n${NOTIFICATIONS} notifications over ${CONNECTIONS} connections, median of ${ROUNDS} rounds`,
);
console.log('                          prototype     runner   runner/prototype');
for (const [label, key] of [
	['accepts/s', 'accepts'],
	['accept p99, ms', 'p99'],
	['end to end/s', 'endToEnd'],
	['… while accepting/s', 'whileAccepting'],
	['peak memory, MB', 'peakMb'],
] as const) {
	const [prototype, runner] = [row('prototype', key), row('runner', key)];
	const cells = [prototype, runner].map((value) =>
		value.toFixed(key === 'p99' ? 1 : 0).padStart(11),
	);
	console.log(
		`${label.padEnd(24)}${cells.join('')}${(runner / prototype).toFixed(2).padStart(19)}`,
	);
}
