import { constants } from 'node:os';
import type { Logger } from 'pino';
import type { Config } from '../config/config.ts';
import type { App } from '../http/app.ts';
import type { MigrationProgress, MigrationWatcher } from '../store/migration.ts';
import { migrating } from '../store/rules/phases.ts';

export interface OpeningOptions {
	readonly host: string;
	readonly port: number;
	readonly config: Pick<Config, 'publicUrl' | 'hosts'>;
	readonly log: Logger;
}

const SIGNALS = ['SIGTERM', 'SIGINT'] as const;

/** On Ctrl-C, both npm and the terminal send the signal: within this time it is the same one. Milliseconds. */
const SAME_SIGNAL_MS = 1_000;

/**
 * The time until a runner is open. While its database is migrated, which may take minutes, requests are answered and a
 * signal ends the process between two parts, or a second one at once. Otherwise nothing listens yet, and a signal ends the
 * process at once.
 */
export class Opening implements MigrationWatcher {
	private readonly options: OpeningOptions;
	private readonly stopping = new AbortController();
	private progress: MigrationProgress = { done: 0, total: 0 };
	private standby: App | undefined;
	private port: number;
	/** The time of the first signal, by `performance.now()`. */
	private stoppedAt: number | undefined;

	constructor(options: OpeningOptions) {
		this.options = options;
		this.port = options.port;
	}

	get signal(): AbortSignal {
		return this.stopping.signal;
	}

	/** Rejects when the address cannot be listened on. */
	readonly moved = async (progress: MigrationProgress): Promise<void> => {
		this.progress = progress;
		if (this.standby) return;
		for (const signal of SIGNALS) process.on(signal, this.stop);
		const { host, config } = this.options;
		const { createStandby } = await import('../http/standby.ts');
		this.standby = createStandby({
			publicUrl: config.publicUrl,
			hosts: config.hosts,
			underWay: () => migrating(this.progress),
		});
		await this.standby.listen({ host, port: this.port });
		const address = this.standby.server.address();
		if (address !== null && typeof address === 'object') this.port = address.port;
	};

	/** Stops answering; resolves with the port for the runner, which is the same. */
	async end(): Promise<number> {
		await this.standby?.close();
		for (const signal of SIGNALS) process.off(signal, this.stop);
		return this.port;
	}

	private readonly stop = (signal: NodeJS.Signals): void => {
		const at = performance.now();
		if (this.stoppedAt !== undefined) {
			if (at - this.stoppedAt < SAME_SIGNAL_MS) return;
			// The database takes back the part under way. A container's first process cannot end itself by a signal.
			process.exit(128 + constants.signals[signal]);
		}
		this.stoppedAt = at;
		this.options.log.info({ signal }, 'stopping');
		this.stopping.abort();
	};
}
