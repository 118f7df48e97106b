import { dirname } from 'node:path';
import { createIds, type Transports } from '@sureping/engine';
import type { Logger } from 'pino';
import { reconcileEndpoints } from './reconcile-endpoints.ts';
import { BacklogCount } from './backlog-count.ts';
import { systemClock, type Timers } from './clock.ts';
import type { Config } from './config/config.ts';
import { fileLimit, refuseFileLimit } from './file-limit.ts';
import type { App } from './http/api.ts';
import { freeBytesAt } from './free-bytes.ts';
import { Backpressure } from './http/backpressure.ts';
import { createServer } from './http/server.ts';
import { addMachineMetrics } from './metrics/machine.ts';
import { createMetrics } from './metrics/index.ts';
import { quotaStandings } from './metrics/quota-standings.ts';
import { cachedBriefly } from './metrics/brief-cache.ts';
import { type Role, ROLES } from './roles.ts';
import type { Store } from './store/contract/index.ts';
import { isPostgres } from './store/postgres/db/url.ts';
import { openStore } from './store/open.ts';
import { waitForDatabase } from './store/wait-for-database.ts';
import { createCertificates } from './transport/certificates.ts';
import { createGuardedNames, systemNames } from './transport/guarded-names.ts';
import { createHttpTransport } from './transport/http.ts';
import { LocalFaultLog } from './transport/local-fault-log.ts';
import { createSmtpTransport } from './transport/smtp.ts';
import { UrlGuard } from './transport/url-guard.ts';
import { ConnectionGates } from './workers/connection-gates.ts';
import { createDispatcher } from './workers/dispatcher.ts';
import { EndpointWatch } from './workers/endpoint-watch.ts';
import { createHousekeeper } from './workers/housekeeper.ts';
import { createPusher } from './workers/pusher.ts';

export interface RunnerOptions {
	readonly config: Config;
	/** The SQLite file, unless the configuration names a PostgreSQL database. */
	readonly file: string;
	/** What this process does of it all; everything, unless said otherwise. */
	readonly roles?: ReadonlySet<Role>;
	readonly log: Logger;
	/** Where the console channel prints. */
	readonly print: (line: string) => void;
	/** Lines that its log and its output could not take, so far. */
	readonly droppedLines?: () => Readonly<Record<'log' | 'output', number>>;
	readonly clock?: Timers;
	readonly random?: () => number;
	/** What stands between the store and everything that uses it: by default nothing. */
	readonly around?: (store: Store) => Store;
}

/** The engine as a server: what is accepted is on disk, and what is on disk gets done. */
export class Runner {
	private readonly server: App;
	private readonly end: () => Promise<void>;
	private stopping: Promise<void> | undefined;

	private constructor(server: App, end: () => Promise<void>) {
		this.server = server;
		this.end = end;
	}

	/** Opens the store and takes up what was due when it was last closed, or when it died. */
	static async open(options: RunnerOptions): Promise<Runner> {
		const { config, log, clock = systemClock, random = Math.random } = options;
		const roles = options.roles ?? new Set(ROLES);
		const newId = createIds(clock.now);
		const gates = new ConnectionGates(config.catalog);
		const { store: address } = config;
		const { file } = options;
		const opened = await openStore({
			store: address,
			file,
			newId,
			clock,
			log,
			gates,
			about: config.about,
		});
		const store = options.around?.(opened) ?? opened;
		const { remove: removed } = await waitForDatabase({ clock, log }, () =>
			store.endpoints.declare((stored) =>
				reconcileEndpoints(stored, config.endpoints, () => newId('ep'), clock.now()),
			),
		);
		for (const { name } of removed) {
			log.warn(
				{ endpoint: name },
				'an endpoint is not in the config any more; what it was owed is cancelled',
			);
		}

		const guard = new UrlGuard(config.security, createGuardedNames(), systemNames);
		const sockets = createHttpTransport(guard);
		const mails = createSmtpTransport();
		const backlog = new BacklogCount(store.upkeep);
		const watch = new EndpointWatch(config.healthRules, clock);
		const metrics = createMetrics(() => backlog.recent(), {
			now: () => clock.now(),
			connections: () => gates.all(clock.now()),
			endpoints: async () => watch.standings(await store.endpoints.all()),
			quotas: cachedBriefly(() => quotaStandings(config.apiKeys, store.sends, clock.now())),
			droppedLines: options.droppedLines,
		});
		addMachineMetrics(metrics.registry, isPostgres(address ?? '') ? undefined : file);
		const faults = new LocalFaultLog(log, clock, (reason) => metrics.localFaults.inc({ reason }));
		const http = {
			trusted: faults.http(sockets.trusted),
			guarded: faults.http(sockets.guarded),
		};
		const smtp = faults.mailer(mails);
		const transports: Transports = { http: http.trusted, smtp, console: options.print };
		const life = { isStopping: false };
		const isStopping = (): boolean => life.isStopping;
		const shared = { store, clock, random, newId, log, metrics, isStopping };
		const pusher = createPusher({
			...shared,
			http,
			watch,
			catalog: config.catalog,
			notify: config.notify,
			onNotices: () => wake(),
			callbackPolicy: config.webhookPolicy,
			callbackSecret: (name) => config.apiKeys.find((k) => k.name === name)?.webhookSecret,
		});
		const dispatcher = createDispatcher({
			...shared,
			catalog: config.catalog,
			gates,
			transports,
			onEvents: () => pusher.wake(),
		});

		const housekeeper = createHousekeeper({
			...shared,
			retention: config.retention,
			onWebhooks: () => pusher.wake(),
		});
		const lowLimit = refuseFileLimit(fileLimit());
		if (lowLimit) log.warn(lowLimit);
		const isWorker = roles.has('worker');
		const wake = (): void => {
			if (!isWorker) return;
			dispatcher.wake();
			pusher.wake();
		};
		const keepHouse = (): void => {
			if (isWorker) housekeeper.wake();
		};

		const isShared = isPostgres(address ?? '');
		const backpressure = new Backpressure({
			...shared,
			settings: config.backpressure,
			backlog,
			isShared,
			keys: config.apiKeys.length,
			// Of a database server's disk nothing is known here.
			freeBytes: async () => (isShared ? undefined : await freeBytesAt(dirname(file))),
		});
		await waitForDatabase({ clock, log }, () => backpressure.open());
		const server = await createServer({
			...shared,
			backpressure,
			catalog: config.catalog,
			gates,
			apiKeys: config.apiKeys,
			rateLimit: config.rateLimit,
			loopLimit: config.loopLimit,
			inbound: config.inbound,
			publicUrl: config.publicUrl,
			hosts: config.hosts,
			certificates: createCertificates(http.guarded, clock),
			guard,
			maxEndpoints: config.backpressure.max_endpoints,
			http,
			webhookPolicy: config.webhookPolicy,
			wake,
			healthOf: (endpoint) => watch.healthOf(endpoint),
			replayStarted: keepHouse,
			isApi: roles.has('api'),
		});
		wake();
		keepHouse();
		if (isWorker) store.watch({ due: wake, replays: keepHouse });
		return new Runner(server, async () => {
			life.isStopping = true;
			const steps = [
				() => server.close(),
				() => housekeeper.stop(),
				() => dispatcher.stop(),
				() => pusher.stop(),
				() => mails.close(),
				() => sockets.close(),
				() => store.close(),
			];
			for (const step of steps) {
				// What cannot be closed must not keep the store from being closed.
				await Promise.resolve(step()).catch((err: unknown) => {
					log.error({ err }, 'stopping went wrong');
				});
			}
		});
	}

	/** Resolves with the URL that it listens on. */
	async listen(host: string, port: number): Promise<string> {
		return await this.server.listen({ host, port });
	}

	/** Takes no more requests, ends the attempts that are under way, and closes the store. */
	stop(): Promise<void> {
		this.stopping ??= this.end();
		return this.stopping;
	}
}
