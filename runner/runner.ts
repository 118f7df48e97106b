import { dirname } from 'node:path';
import { createIds } from '@sureping/engine';
import type { Logger } from 'pino';
import { openAnswerLinks } from './answer-links.ts';
import { BacklogCount } from './backlog-count.ts';
import { systemClock, type Timers } from './clock.ts';
import type { Config } from './config/config.ts';
import { createDirectory } from './directory/index.ts';
import { fileLimit, refuseFileLimit } from './file-limit.ts';
import { freeBytesAt } from './free-bytes.ts';
import type { App } from './http/app.ts';
import { Backpressure } from './http/backpressure.ts';
import { createServer } from './http/server.ts';
import { incidentPorts } from './incident-ports.ts';
import { MessageEditor } from './message-editor.ts';
import { cachedBriefly } from './metrics/brief-cache.ts';
import { createMetrics } from './metrics/index.ts';
import { addMachineMetrics } from './metrics/machine.ts';
import { quotaStandings } from './metrics/quota-standings.ts';
import { openDeclaredStore } from './open-declared-store.ts';
import { openOutgoing } from './outgoing.ts';
import { type Role, ROLES } from './roles.ts';
import type { Store } from './store/contract/index.ts';
import { type MigrationWatcher, UNWATCHED } from './store/migration.ts';
import { isPostgres } from './store/postgres/db/url.ts';
import { waitForDatabase } from './store/wait-for-database.ts';
import { timeZones } from './time-zones.ts';
import { createCertificates } from './transport/certificates.ts';
import { ConnectionGates } from './workers/connection-gates.ts';
import { EndpointWatch } from './workers/endpoint-watch.ts';
import { createWorkers } from './workers/index.ts';

export interface RunnerOptions {
	readonly config: Config;
	/** The SQLite file, unless the config names a PostgreSQL database. */
	readonly file: string;
	/** Roles of this process; all by default. */
	readonly roles?: ReadonlySet<Role>;
	readonly log: Logger;
	/** Prints a message of the console channel. */
	readonly print: (line: string) => void;
	/** Lines that the log and the output have had to drop so far. */
	readonly droppedLines?: () => Readonly<Record<'log' | 'output', number>>;
	readonly clock?: Timers;
	readonly random?: () => number;
	/** Wraps the store for everything that uses it. */
	readonly around?: (store: Store) => Store;
	/** Follows a migration of the database that moves many rows. */
	readonly watcher?: MigrationWatcher;
}

/** The engine as a server. Accepted notifications are on disk before they are answered, and are then delivered. */
export class Runner {
	private readonly server: App;
	private readonly end: () => Promise<void>;
	private stopping: Promise<void> | undefined;

	private constructor(server: App, end: () => Promise<void>) {
		this.server = server;
		this.end = end;
	}

	/**
	 * Opens the store and resumes work that was due when the runner stopped or was killed. Rejects with a `StoreError` when
	 * the database cannot be used, and with `MigrationStopped` when the watcher ended its migration.
	 */
	static async open(options: RunnerOptions): Promise<Runner> {
		const { config, file, log, clock = systemClock, random = Math.random } = options;
		const { roles = new Set(ROLES), around, watcher = UNWATCHED } = options;
		const isShared = isPostgres(config.store ?? '');
		const newId = createIds(clock.now);
		const gates = new ConnectionGates(config.catalog);
		const watch = new EndpointWatch(config.healthRules, clock);
		const shared = { newId, clock, log, gates };
		const store = await openDeclaredStore({ config, file, ...shared, around, watcher });

		const backlog = new BacklogCount(store.upkeep);
		const metrics = createMetrics(() => backlog.recent(), {
			now: () => clock.now(),
			connections: () => gates.all(clock.now()),
			endpoints: async () => watch.standings(await store.endpoints.all()),
			quotas: cachedBriefly(() => quotaStandings(config.apiKeys, store.sends, clock.now())),
			droppedLines: options.droppedLines,
		});
		addMachineMetrics(metrics.registry, isShared ? undefined : file);
		const outgoing = openOutgoing({
			security: config.security,
			log,
			clock,
			print: options.print,
			onLocalFault: (reason) => metrics.localFaults.inc({ reason }),
		});
		const { guard, http } = outgoing;
		const editor = new MessageEditor({
			...{ notifications: store.notifications, catalog: config.catalog },
			...{ http: http.trusted, clock, log },
		});
		const watched: Store = {
			...store,
			incidents: editor.watching(store.incidents),
			watch: (watcher) => store.watch(watcher),
			close: () => store.close(),
		};

		const links = await waitForDatabase({ clock, log }, () =>
			openAnswerLinks(store.secrets, config.publicUrl),
		);
		const { contacts, onCalls, policies, about, catalog } = config;
		const configured = { contacts, onCalls, policies };
		const directory = createDirectory({ configured, store, timeZones, http, clock, log });
		const makeIncidentPorts = incidentPorts({
			directory,
			catalog,
			newId,
			about,
		});

		const life = { isStopping: false };
		const isStopping = (): boolean => life.isStopping;
		const tools = { ...shared, store: watched, random, metrics, isStopping };
		const isWorker = roles.has('worker');
		const workers = createWorkers({
			...tools,
			incidentPorts: makeIncidentPorts,
			directory,
			config,
			watch,
			outgoing,
			links,
			isWorker,
		});
		const lowLimit = refuseFileLimit(fileLimit());
		if (lowLimit) log.warn(lowLimit);

		const backpressure = new Backpressure({
			...tools,
			settings: config.backpressure,
			backlog,
			isShared,
			keys: config.apiKeys.length,
			// The disk of a database server cannot be measured from here.
			freeBytes: async () => (isShared ? undefined : await freeBytesAt(dirname(file))),
		});
		await waitForDatabase({ clock, log }, () => backpressure.open());
		const server = await createServer({
			...tools,
			backpressure,
			catalog,
			incidentPorts: makeIncidentPorts,
			links,
			apiKeys: config.apiKeys,
			rateLimit: config.rateLimit,
			loopLimit: config.loopLimit,
			inbound: config.inbound,
			configured,
			directory,
			timeZones,
			publicUrl: config.publicUrl,
			hosts: config.hosts,
			certificates: createCertificates(http.guarded, clock),
			guard,
			maxEndpoints: config.backpressure.max_endpoints,
			http,
			webhookPolicy: config.webhookPolicy,
			wake: workers.wake,
			healthOf: (endpoint) => watch.healthOf(endpoint),
			replayStarted: workers.keepHouse,
			isApi: roles.has('api'),
		});
		directory.start();
		workers.start();
		return new Runner(server, async () => {
			life.isStopping = true;
			await closeInOrder(log, [
				() => server.close(),
				() => directory.stop(),
				...workers.stopSteps,
				() => editor.stop(),
				() => outgoing.closeMails(),
				() => outgoing.closeSockets(),
				() => store.close(),
			]);
		});
	}

	/** Starts to listen; resolves with the URL. */
	async listen(host: string, port: number): Promise<string> {
		return await this.server.listen({ host, port });
	}

	/** Stops taking requests, lets the attempts under way finish, and closes the store. */
	stop(): Promise<void> {
		this.stopping ??= this.end();
		return this.stopping;
	}
}

/** Runs the steps one after the other. The store is closed even if a step fails. */
async function closeInOrder(log: Logger, steps: readonly (() => unknown)[]): Promise<void> {
	for (const step of steps) {
		await Promise.resolve(step()).catch((err: unknown) => {
			log.error({ err }, 'an error while stopping');
		});
	}
}
