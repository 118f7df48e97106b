import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { freePort } from '../../scripts/n8n/free-port.ts';
import { waitUntil } from '../../scripts/n8n/wait-until.ts';
import { bundleVictim } from './bundle.ts';
import type { CheckResult } from './check/index.ts';
import { OwnProcess } from './own-process.ts';
import type { Mutant } from './mutants/index.ts';
import { type ChaosPlan, planFile, writeConfig } from './plan.ts';
import { openReader } from './store/open.ts';

export interface ChaosOptions {
	readonly seed: string;
	readonly kills: number;
	readonly rate: number;
	/** `sqlite`: a new file; `postgres`: a new server; else as in a runner's configuration. */
	readonly store: string;
	/** Stops of that server. */
	readonly stops: number;
	readonly processes: number;
	readonly mutant?: Mutant;
	readonly keeps: boolean;
	/** The sends open incidents. */
	readonly hasIncidents?: boolean;
}

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const API_KEY = 'sp_chaos_key_0123456789';

/** Much longer than it takes: for what hangs. */
const longest = (kills: number): number => 120_000 + kills * 8_000;
const DRAIN_MS = 90_000;
const STOP_MS = 60_000;
const ENOUGH_SENDS_MS = 60_000;

/** One run from the build to the verdict; prints its figures. */
export async function runChaos(options: ChaosOptions): Promise<readonly CheckResult[]> {
	const { seed, kills, rate, mutant, processes, hasIncidents = false } = options;
	const hasServer = options.store === 'postgres';
	const stops = hasServer ? options.stops : 0;
	const directory = mkdtempSync(join(tmpdir(), 'sureping-chaos-'));
	// PostgreSQL does not run as root, and whoever it runs as has to get to its own directory in here.
	if (hasServer) chmodSync(directory, 0o711);
	// Where the runner's own bundle is, so that it finds the same packages.
	const bundles = join(ROOT, 'runner/dist/chaos');
	const bundleDirectory = join(bundles, `${mutant?.name ?? 'runner'}-${process.pid}`);
	const bundle = join(bundleDirectory, 'sureping.js');
	mkdirSync(bundles, { recursive: true });
	// The journals are needed to find what went wrong.
	let isToBeKept = options.keeps;
	const own: OwnProcess[] = [];
	let database: OwnProcess | undefined;
	const start = (script: string, ...args: readonly string[]): OwnProcess => {
		const started = new OwnProcess(join(ROOT, 'test/chaos', script), [directory, ...args]);
		own.push(started);
		return started;
	};
	try {
		await bundleVictim(ROOT, bundle, mutant);
		const sinks = [
			start('processes/sink.ts', seed, 'channel'),
			start('processes/sink.ts', seed, 'endpoint'),
		];
		const [channel = '', endpoint = ''] = await Promise.all(
			sinks.map(async (sink) => {
				const line = await sink.line('it listens', 10_000);
				return `http://127.0.0.1:${line.replace('listening ', '')}`;
			}),
		);
		database = hasServer ? start('processes/database.ts', seed, `${kills}`, `${stops}`) : undefined;
		const server = await database?.line('it is ready', 60_000);
		const file = `sqlite:${join(directory, 'sureping.db')}`;
		const store = server ?? (options.store === 'sqlite' ? file : options.store);
		const config = join(directory, 'config.json');
		writeFileSync(config, JSON.stringify(writeConfig({ channel, endpoint }, store, API_KEY)));
		const runners: string[] = [];
		while (runners.length < processes) runners.push(`http://127.0.0.1:${await freePort()}`);
		const plan: ChaosPlan = {
			...{ seed, kills, stops, rate, store, runners, bundle, config },
			hasIncidents,
			apiKey: API_KEY,
			callbackUrl: `${endpoint}/callback`,
		};
		writeFileSync(planFile(directory), JSON.stringify(plan));

		const kind = /^\w+/.exec(store)?.[0] ?? '';
		console.log(`seed ${seed}, ${kills} kills, ${rate} sends/s, ${processes} process(es), ${kind}`);
		const killer = start('processes/killer.ts');
		const load = start(hasIncidents ? 'processes/incident-load.ts' : 'processes/load.ts');
		const feed = start('processes/feed.ts');
		await killer.line('there were kills enough', longest(kills));
		await database?.line('there were stops enough', STOP_MS, 1);
		await load.line('sends enough were accepted', ENOUGH_SENDS_MS);
		await load.end(30_000);
		const reader = openReader(store);
		// The checker finds work that is never done.
		await waitUntil('nothing is owed', async () => (await reader.backlog()) === 0, DRAIN_MS).catch(
			(error: unknown) => console.log(String(error)),
		);
		await feed.end(30_000);
		await killer.end(30_000);
		for (const sink of sinks) await sink.end(10_000);

		const checker = start(hasIncidents ? 'incident-checker.ts' : 'checker.ts');
		const verdict = await checker.toEnd(120_000);
		process.stdout.write(verdict);
		const results: readonly CheckResult[] = JSON.parse(
			readFileSync(join(directory, 'verdict.json'), 'utf8'),
		);
		isToBeKept ||= !mutant && results.some(({ violations }) => violations.length > 0);
		return results;
	} finally {
		// It ends its server with it.
		await database?.end(30_000).catch(() => undefined);
		for (const one of own) one.kill();
		if (isToBeKept) console.log(`kept: ${directory}`);
		else rmSync(directory, { recursive: true, force: true, maxRetries: 5 });
		rmSync(bundleDirectory, { recursive: true, force: true });
	}
}
