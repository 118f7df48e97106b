import { setImmediate } from 'node:timers/promises';
import {
	accept,
	type CatalogEntry,
	type ConnectionLimits,
	type Contact,
	createIds,
	DEFAULT_LIMITS,
	type HttpReply,
	openConnection,
	planSend,
	type RetryPolicy,
	type SendRequest,
	type TransportFailure,
} from '@sureping/engine';
import { pino } from 'pino';
import type { RunnerDirectory } from '../../runner/directory/index.ts';
import { createMetrics } from '../../runner/metrics/index.ts';
import type { Store } from '../../runner/store/contract/index.ts';
import type { StoredNotification } from '../../runner/store/contract/notifications.ts';
import { ConnectionGates } from '../../runner/workers/connection-gates.ts';
import { createDispatcher } from '../../runner/workers/dispatcher.ts';
import { EXACT } from './dispatch-scene.ts';
import type { StoreBed } from './store-bed.ts';
import { VirtualClock } from './virtual-clock.ts';
import { directoryOf } from './directory-of.ts';

export const START = Date.parse('2026-01-01T00:00:00Z');

type Reply = HttpReply | TransportFailure;
export const OK: Reply = { status: 200, headers: {}, body: '' };
export const BUSY: Reply = { status: 503, headers: {}, body: '' };

export interface Tried {
	readonly connection: string;
	readonly recipient: string;
	/** Milliseconds since the start. */
	readonly at: number;
}

type Connections = Readonly<Record<string, Partial<ConnectionLimits>>>;
type Answer = (connection: string, recipient: string) => Reply | Promise<Reply>;
type OpenBed = (clock: VirtualClock, more: { gates: ConnectionGates }) => Promise<StoreBed>;

/** A store and a dispatcher on a virtual clock, with connections whose answers the test decides. */
export class DispatchStore {
	readonly clock: VirtualClock;
	readonly tried: Tried[] = [];
	readonly gates: ConnectionGates;
	readonly store: Store;
	readonly metrics = createMetrics(() => this.store.upkeep.backlog());
	private readonly bed: StoreBed;
	private readonly newId = createIds(() => this.clock.now());
	private readonly catalog: readonly CatalogEntry[];
	private readonly directory: Pick<RunnerDirectory, 'snapshot'>;
	private readonly dispatcher: ReturnType<typeof createDispatcher>;
	/** Attempts and outcomes so far. */
	private activity = 0;
	private waiting: { isOver(): boolean; resolve(): void } | undefined;

	private constructor(
		clock: VirtualClock,
		catalog: readonly CatalogEntry[],
		gates: ConnectionGates,
		bed: StoreBed,
		answer: Answer,
		contacts: readonly Contact[],
	) {
		const { newId } = this;
		this.clock = clock;
		this.catalog = catalog;
		this.gates = gates;
		this.bed = bed;
		this.store = bed.store;
		this.directory = directoryOf(this.store, contacts);
		this.dispatcher = createDispatcher({
			store: this.store,
			catalog: this.catalog,
			directory: this.directory,
			gates: this.gates,
			transports: {
				http: async ({ url, body }) => {
					const connection = new URL(url).hostname.replace('.example', '');
					// The body that the webhook channel posts.
					const { recipient } = JSON.parse(body ?? '') as { recipient: string };
					this.tried.push({ connection, recipient, at: clock.now() - START });
					this.look();
					return await answer(connection, recipient);
				},
			},
			clock,
			random: () => 0.5,
			newId,
			log: pino({ level: 'silent' }),
			metrics: this.metrics,
			isStopping: () => false,
			linkFor: () => undefined,
			onEvents: () => this.look(),
		});
	}

	static async open(
		connections: Connections,
		answer: Answer,
		openBed: OpenBed,
		contacts: readonly Contact[] = [],
	): Promise<DispatchStore> {
		const [scene] = await DispatchStore.openMany(1, connections, answer, openBed, contacts);
		if (!scene) throw new Error('One was asked for');
		return scene;
	}

	/** As so many processes: each has its own gates and dispatcher, and all have one clock. */
	static async openMany(
		count: number,
		connections: Connections,
		answer: Answer,
		openBed: OpenBed,
		contacts: readonly Contact[] = [],
	): Promise<readonly DispatchStore[]> {
		// Known only once the clock is.
		const scenes: DispatchStore[] = [];
		const activity = (): number => scenes.reduce((sum, one) => sum + one.activity, 0);
		const clock = new VirtualClock(START, { turns: 8, activity });
		const catalog = Object.entries(connections).map(([name, limits]) => {
			const opened = openConnection('webhook', name, { url: `https://${name}.example/` });
			if (!opened.ok) throw new Error(JSON.stringify(opened.issues));
			const { connection } = opened;
			return {
				channel: 'webhook',
				name,
				connection,
				policy: EXACT,
				limits: { ...DEFAULT_LIMITS, ...limits },
			};
		});
		for (let i = 0; i < count; i++) {
			const gates = new ConnectionGates(catalog);
			const bed = await openBed(clock, { gates });
			scenes.push(new DispatchStore(clock, catalog, gates, bed, answer, contacts));
		}
		return scenes;
	}

	async send(
		channels: string | readonly string[],
		request: Omit<Partial<SendRequest>, 'channels'> & { policy?: RetryPolicy } = {},
	): Promise<string> {
		const { policy, ...body } = request;
		const catalog = policy ? this.catalog.map((one) => ({ ...one, policy })) : this.catalog;
		const named = [channels].flat().map((name) => `webhook:${name}`);
		const asked = { message: 'm', channels: named, ...body };
		const planned = planSend(asked, catalog, this.clock.now(), await this.directory.snapshot());
		if (!planned.ok) throw new Error(JSON.stringify(planned.problems));
		const transition = accept(planned.plan, this.clock.now(), this.newId);
		const { id } = transition.notification;
		await this.store.sends.accept({
			transition,
			apiKey: 'test',
			answer: { notification_id: id, status: 'queued', deliveries: [] },
		});
		return id;
	}

	async sendMany(
		count: number,
		...send: Parameters<DispatchStore['send']>
	): Promise<readonly string[]> {
		return await Promise.all(Array.from({ length: count }, () => this.send(...send)));
	}

	/** Dispatches, moving the clock on, until the condition holds; it is looked at with every attempt and event. */
	async runUntil(isOver: () => boolean): Promise<void> {
		this.dispatcher.wake();
		if (isOver()) return;
		await this.clock.run(new Promise<void>((resolve) => (this.waiting = { isOver, resolve })));
	}

	/** Dispatches for so many milliseconds. */
	async runFor(ms: number): Promise<void> {
		this.dispatcher.wake();
		await this.clock.run(new Promise<void>((r) => void this.clock.at(this.clock.now() + ms, r)));
		// Events of that very moment are included.
		for (let turn = 0; turn < 20; turn++) {
			await setImmediate();
			if (!this.bed.isBusy()) continue;
			await this.bed.whenIdle();
			turn = 0;
		}
	}

	/** There may be something to do, as a worker hears it every second. */
	wake(): void {
		this.dispatcher.wake();
	}

	triedThrough(connection: string): readonly Tried[] {
		return this.tried.filter((one) => one.connection === connection);
	}

	async read(id: string): Promise<StoredNotification> {
		const found = await this.store.notifications.get(id);
		if (!found) throw new Error(`There is no ${id}`);
		return found;
	}

	/** Ends without waiting for what hangs. */
	async dispose(): Promise<void> {
		void this.dispatcher.stop();
		await this.bed.dispose();
	}

	private look(): void {
		this.activity++;
		if (!this.waiting?.isOver()) return;
		this.waiting.resolve();
		this.waiting = undefined;
	}
}
