// The contenders of the throughput benchmark, in the order of its table.
import type { ChildProcess } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { KEY } from './load.ts';
import { redisIsThere, startRedis } from './peers/redis.ts';
import type { Feature } from './prototype/features.ts';
import { runToEnd, startServer, succeeds } from './process.ts';
import type { Scene } from './scene.ts';

interface Named {
	readonly name: string;
	/** Rounds that it takes part in; all without it. */
	readonly rounds?: number;
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
	/** Notifications that it makes in about a second. */
	readonly perSecond: number;
	send(
		scene: Scene,
		count: number,
	): Promise<{ seconds: number; cpuSeconds: number; peakMb: number }>;
}

export type Contender = Server | Library;

/** URLs of the channel and the endpoint. */
export const sinksOf = ({ sinks }: Scene): [string, string] => [
	`http://${sinks}/channel`,
	`http://${sinks}/endpoint`,
];

/** Starts a program that prints its port. */
export async function startNode(
	args: readonly string[],
	started: ChildProcess[],
	errors?: string,
): Promise<number> {
	const { port, child } = await startServer(args, errors);
	started.push(child);
	return port;
}

/**
 * A process of the runner, one channel and one endpoint.
 * @returns its port
 */
export function startRunner(
	scene: Scene,
	started: ChildProcess[],
	{
		settings: more = {},
		clone = '.',
		nodeOptions = [],
	}: {
		readonly settings?: { readonly store?: string; readonly log_level?: string };
		/** The directory of a clone whose runner is built. */
		readonly clone?: string | undefined;
		readonly nodeOptions?: readonly string[];
	} = {},
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
	};
	writeFileSync(config, JSON.stringify(settings));
	const profile = process.env.BENCH_PROFILE_DIR;
	const args = [
		...nodeOptions,
		...(profile ? ['--cpu-prof', `--cpu-prof-dir=${profile}`] : []),
		...[join(clone, 'runner/dist/sureping.js'), 'serve'],
		...['--config', config, '--data-dir', scene.dir, '--port', '0'],
	];
	// It logs to its standard error.
	return startNode(args, started, join(scene.dir, 'runner.log'));
}

export const runner: Server = {
	name: 'runner',
	start: (scene, started) => startRunner(scene, started),
};

const runnerWithoutLog: Server = {
	name: 'runner without log lines',
	rounds: 3,
	start: (scene, started) => startRunner(scene, started, { settings: { log_level: 'warn' } }),
};

const startPrototype =
	(program: string, features: readonly Feature[] = []): Server['start'] =>
	(scene, started) =>
		startNode(
			[program, join(scene.dir, 'prototype.db'), ...sinksOf(scene), features.join(',')],
			started,
			join(scene.dir, 'prototype.log'),
		);

export const prototype: Server = {
	name: 'prototype',
	start: startPrototype('bench/prototype.ts'),
};

/** The prototype with features that the bare one lacks. */
export const prototypeWith = (features: readonly Feature[]): Server['start'] =>
	startPrototype('bench/prototype.ts', features);

export const firstPrototype: Server = {
	name: 'first prototype',
	start: startPrototype('bench/peers/first-prototype.ts'),
};

/** Another clone that is built, such as that of the commit before: what a change costs is the ratio to it. */
export const BASELINE = process.env.BENCH_BASELINE;

const baseline: Server = {
	name: 'baseline',
	start: (scene, started) => startRunner(scene, started, { clone: BASELINE }),
};

const bullmq = (fsync: 'everysec' | 'always'): Server => ({
	name: `BullMQ (fsync ${fsync})`,
	needs: { isThere: redisIsThere, command: 'apt-get install redis-server' },
	async start(scene, started) {
		const { port, child } = await startRedis(scene.dir, fsync);
		started.push(child);
		return startNode(['bench/peers/bullmq.ts', String(port), ...sinksOf(scene)], started);
	},
});

export const bullmqAlways = bullmq('always');

/** Debian's Apprise belongs to Debian's Python, which need not be the first. */
const pythonWithApprise = ['python3', '/usr/bin/python3'].find((python) =>
	succeeds(python, ['-c', 'import apprise']),
);

export const CONTENDERS: readonly Contender[] = [
	prototype,
	firstPrototype,
	runner,
	runnerWithoutLog,
	...(BASELINE === undefined ? [] : [baseline]),
	bullmqAlways,
	{ ...bullmq('everysec'), rounds: 3 },
	{
		name: 'notifme-sdk',
		rounds: 3,
		start: (scene, started) => startNode(['bench/peers/notifme.ts', ...sinksOf(scene)], started),
	},
	{
		name: 'Apprise',
		rounds: 3,
		perSecond: 300,
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
