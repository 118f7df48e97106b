import { randomBytes } from 'node:crypto';
import { chmod, mkdir, mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { N8nApi } from '../../scripts/n8n/api.ts';
import { cloneRoot } from '../../scripts/n8n/clone.ts';
import { type N8nCommand, N8nInstance } from '../../scripts/n8n/instance.ts';
import { installPackedNodes } from '../../scripts/n8n/package-nodes.ts';
import { startPostgres } from '../../scripts/n8n/postgres.ts';
import { type RoundRobinProxy, startRoundRobinProxy } from './round-robin-proxy.ts';
import { startRedis } from './temporary-redis.ts';

/** n8n in queue mode: main, one worker, two webhook processors behind a proxy, with PostgreSQL and Redis. */
export interface TemporaryN8nCluster {
	readonly api: N8nApi;
	readonly worker: N8nInstance;
	readonly processors: readonly N8nInstance[];
	/** In front of the webhook processors: every webhook URL is the proxy's. */
	readonly proxy: RoundRobinProxy;
	dispose(): Promise<void>;
}

export async function startTemporaryN8nCluster(): Promise<TemporaryN8nCluster> {
	const directory = await mkdtemp(join(tmpdir(), 'sureping-n8n-queue-'));
	// As root the database runs as another user, which has to reach its folder, and mkdtemp's 0700 forbids it.
	await chmod(directory, 0o755);
	const cleanUp: (() => Promise<void>)[] = [
		() => rm(directory, { recursive: true, force: true, maxRetries: 5 }),
	];
	const dispose = async (): Promise<void> => {
		for (const close of cleanUp.splice(0).reverse()) await close();
	};
	try {
		const redis = await startRedis();
		cleanUp.push(redis.stop);
		const proxy = await startRoundRobinProxy();
		cleanUp.push(proxy.close);
		const mainFolder = join(directory, 'main');
		const [postgres] = await Promise.all([
			startPostgres(join(directory, 'postgres')),
			installPackedNodes(cloneRoot, mainFolder),
		]);
		cleanUp.push(postgres.stop);
		const env = {
			EXECUTIONS_MODE: 'queue',
			QUEUE_BULL_REDIS_HOST: '127.0.0.1',
			QUEUE_BULL_REDIS_PORT: String(redis.port),
			OFFLOAD_MANUAL_EXECUTIONS_TO_WORKERS: 'true',
			// Credentials are read by all of them.
			N8N_ENCRYPTION_KEY: randomBytes(24).toString('hex'),
			WEBHOOK_URL: `${proxy.url}/`,
		};
		const start = async (name: string, command: N8nCommand): Promise<N8nInstance> => {
			const userFolder = join(directory, name);
			if (command !== 'start') {
				// Every process has the nodes, and a folder of its own for what it keeps on disk.
				await mkdir(join(userFolder, '.n8n'), { recursive: true });
				await symlink(join(mainFolder, '.n8n', 'nodes'), join(userFolder, '.n8n', 'nodes'));
			}
			const options = { userFolder, command, database: postgres.connection, env };
			const instance = await N8nInstance.start(options);
			cleanUp.push(() => instance.stop());
			return instance;
		};
		// Main first: it runs the migrations.
		const main = await start('main', 'start');
		const [worker, ...processors] = await Promise.all([
			start('worker', 'worker'),
			start('webhook-1', 'webhook'),
			start('webhook-2', 'webhook'),
		]);
		proxy.route(processors.map(({ url }) => url));
		const owner = { email: 'owner@sureping.local', password: 'Correct-Horse-1' };
		const api = await N8nApi.open(main.url, owner);
		return { api, worker, processors, proxy, dispose };
	} catch (error) {
		await dispose();
		throw error;
	}
}
