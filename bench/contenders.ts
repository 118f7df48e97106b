// The contenders of the throughput benchmark, in the order of its table.
import type { ChildProcess } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { KEY } from './load.ts';
import { redisIsThere, startRedis } from './peers/redis.ts';
import { runToEnd, startServer, succeeds } from './process.ts';
import type { Scene } from './scene.ts';

interface Named {
	readonly name: string;
	/** Share of a round's notifications, 0 to 1: slow contenders get fewer, so that a round stays short. */
	readonly share: number;
	/** Program that must be installed, and the command that installs it. */
	readonly needs?: { isThere(): boolean; readonly command: string };
}

/** Takes sends at POST /send. */
export interface Server extends Named {
	/**
	 * Starts its processes and adds each to `started`, since all of them count and have to be ended.
	 * @returns the port of its HTTP server
	 */
	start(scene: Scene, started: ChildProcess[]): Promise<number>;
}

/** Has no HTTP API of its own: one program that sends so many in a loop. */
export interface Library extends Named {
	send(
		scene: Scene,
		count: number,
	): Promise<{ seconds: number; cpuSeconds: number; peakMb: number }>;
}

export type Contender = Server | Library;

const sinksOf = ({ sinks }: Scene): [string, string] => [
	`http://${sinks}/channel`,
	`http://${sinks}/endpoint`,
];

async function startNode(args: readonly string[], started: ChildProcess[]): Promise<number> {
	const { port, child } = await startServer(args);
	started.push(child);
	return port;
}

/**
 * A process of the runner as `clone` has built it, one channel and one endpoint.
 * @returns its port
 */
export function startRunner(
	scene: Scene,
	started: ChildProcess[],
	more: { readonly store?: string } = {},
	clone = '.',
): Promise<number> {
	const [channel, endpoint] = sinksOf(scene);
	const config = join(scene.dir, 'config.json');
	const settings = {
		...more,
		api_keys: [{ name: 'bench', key: KEY, scopes: ['send'] }],
		connections: [{ name: 's', channel: 'slack', webhook_url: channel }],
		endpoints: [
			{
				name: 'e',
				url: endpoint,
				secret: 'whsec_benchmark_secret',
				events: ['notification.delivered'],
			},
		],
		log_level: 'warn',
	};
	writeFileSync(config, JSON.stringify(settings));
	const profile = process.env.BENCH_PROFILE_DIR;
	const args = [
		...(profile ? ['--cpu-prof', `--cpu-prof-dir=${profile}`] : []),
		...[join(clone, 'runner/dist/sureping.js'), 'serve'],
		...['--config', config, '--data-dir', scene.dir, '--port', '0'],
	];
	return startNode(args, started);
}

export const runner: Server = { name: 'runner', share: 1, start: startRunner };

/** Another clone that is built, such as that of the commit before: what a change costs is the ratio to it. */
const BASELINE = process.env.BENCH_BASELINE;

const baseline: Server = {
	name: 'baseline',
	share: 1,
	start: (scene, started) => startRunner(scene, started, {}, BASELINE),
};

const bullmq = (fsync: 'everysec' | 'always'): Server => ({
	name: `BullMQ (fsync ${fsync})`,
	share: 1,
	needs: { isThere: redisIsThere, command: 'apt-get install redis-server' },
	async start(scene, started) {
		const { port, child } = await startRedis(scene.dir, fsync);
		started.push(child);
		return startNode(['bench/peers/bullmq.ts', String(port), ...sinksOf(scene)], started);
	},
});

/** Debian's Apprise belongs to Debian's Python, which need not be the first. */
const pythonWithApprise = ['python3', '/usr/bin/python3'].find((python) =>
	succeeds(python, ['-c', 'import apprise']),
);

export const CONTENDERS: readonly Contender[] = [
	{
		name: 'prototype',
		share: 1,
		start: (scene, started) =>
			startNode(['bench/prototype.ts', join(scene.dir, 'a.db'), ...sinksOf(scene)], started),
	},
	runner,
	...(BASELINE === undefined ? [] : [baseline]),
	bullmq('everysec'),
	bullmq('always'),
	{
		name: 'notifme-sdk',
		share: 0.25,
		start: (scene, started) => startNode(['bench/peers/notifme.ts', ...sinksOf(scene)], started),
	},
	{
		name: 'Apprise',
		share: 0.1,
		needs: {
			isThere: () => pythonWithApprise !== undefined,
			command: 'apt-get install apprise',
		},
		async send({ sinks }, count) {
			const args = ['bench/peers/apprise-fan-out.py', sinks, String(count)];
			// The program's output.
			return JSON.parse(await runToEnd(pythonWithApprise ?? 'python3', args)) as Awaited<
				ReturnType<Library['send']>
			>;
		},
	},
];
