import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { n8nBinary } from './clone.ts';
import { freePort } from './free-port.ts';
import type { Postgres } from './postgres.ts';
import { Service } from './service.ts';

/** The commands of n8n that serve: a whole one, or in queue mode a worker or a webhook processor beside it. */
export type N8nCommand = 'start' | 'worker' | 'webhook';

export interface N8nOptions {
	/** Holds `.n8n/` with the encryption key and the installed nodes. */
	userFolder: string;
	database: Postgres['connection'];
	/** Default: `start`. */
	command?: N8nCommand;
	/** Default: a free one. A worker answers health checks there. */
	port?: number;
	env?: Record<string, string>;
}

/** The first start runs all of n8n's migrations, on two cores about 20 s. */
const READY_TIMEOUT_MS = 180_000;

/** A real n8n as a process of its own. */
export class N8nInstance {
	readonly url: string;
	readonly logFile: string;
	private readonly env: NodeJS.ProcessEnv;
	private readonly command: N8nCommand;
	private service: Service | undefined;

	private constructor(options: N8nOptions, port: number, brokerPort: number) {
		this.url = `http://127.0.0.1:${port}`;
		this.logFile = join(options.userFolder, 'n8n.log');
		this.command = options.command ?? 'start';
		this.env = { ...process.env, ...settings(options, port, brokerPort), ...options.env };
	}

	/** Resolves when n8n answers requests; workflows that were active may take some seconds more. */
	static async start(options: N8nOptions): Promise<N8nInstance> {
		await mkdir(options.userFolder, { recursive: true });
		const instance = new N8nInstance(options, options.port ?? (await freePort()), await freePort());
		await instance.boot();
		return instance;
	}

	/** Lets n8n shut down in order. */
	async stop(): Promise<void> {
		await this.service?.stop();
		this.service = undefined;
	}

	/** Ends n8n at once, as a power cut would. */
	async kill(): Promise<void> {
		await this.service?.kill();
		this.service = undefined;
	}

	/** Starts it again on the same port with the same data, after stopping it if it still runs. */
	async restart(): Promise<void> {
		await this.stop();
		await this.boot();
	}

	private async boot(): Promise<void> {
		this.service = new Service({
			name: 'n8n',
			command: process.env.SUREPING_N8N_NODE ?? process.execPath,
			args: [n8nBinary(), this.command],
			env: this.env,
			logFile: this.logFile,
		});
		await this.service.ready(READY_TIMEOUT_MS, async () => {
			// Ready by its own word, and past the page that it shows while it starts.
			const ready = (await fetch(`${this.url}/healthz/readiness`)).ok;
			if (this.command !== 'start') return ready;
			return ready && (await fetch(`${this.url}/rest/settings`)).ok;
		});
	}
}

const settings = (
	options: N8nOptions,
	port: number,
	brokerPort: number,
): Record<string, string> => ({
	// Inherited from jest, 'test' makes n8n end without a word.
	NODE_ENV: 'production',
	DB_TYPE: 'postgresdb',
	DB_POSTGRESDB_HOST: options.database.host,
	DB_POSTGRESDB_PORT: String(options.database.port),
	DB_POSTGRESDB_USER: options.database.user,
	DB_POSTGRESDB_PASSWORD: options.database.password,
	DB_POSTGRESDB_DATABASE: options.database.database,
	N8N_USER_FOLDER: options.userFolder,
	N8N_PORT: String(port),
	QUEUE_HEALTH_CHECK_PORT: String(port),
	QUEUE_HEALTH_CHECK_ACTIVE: 'true',
	N8N_LISTEN_ADDRESS: '127.0.0.1',
	N8N_RUNNERS_BROKER_PORT: String(brokerPort),
	// The URL that a node tells others to call back; localhost could be another address family.
	WEBHOOK_URL: `http://127.0.0.1:${port}/`,
	N8N_SECURE_COOKIE: 'false',
	N8N_COMMUNITY_PACKAGES_ENABLED: 'true',
	N8N_UNVERIFIED_PACKAGES_ENABLED: 'true',
	// An expression isolate costs about 20 ms; with this a webhook that uses none does not wait for one.
	N8N_EXPRESSION_ENGINE_LAZY_ACQUIRE: 'true',
	// Nothing leaves the machine, and nothing asks or advertises.
	N8N_DIAGNOSTICS_ENABLED: 'false',
	N8N_VERSION_NOTIFICATIONS_ENABLED: 'false',
	N8N_TEMPLATES_ENABLED: 'false',
	N8N_PERSONALIZATION_ENABLED: 'false',
	N8N_HIRING_BANNER_ENABLED: 'false',
});
