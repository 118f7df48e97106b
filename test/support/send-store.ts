import {
	accept,
	type AttemptResult,
	type CatalogEntry,
	createIds,
	type Delivery,
	type NewId,
	openConnection,
	planSend,
	type SendRequest,
	settle,
	type Transition,
} from '@sureping/engine';
import type { Store } from '../../runner/store/contract/index.ts';
import type { AcceptResult, Callback, Idempotency } from '../../runner/store/contract/sends.ts';
import type { StoreBed } from './store-bed.ts';

const POLICY = { delaysMs: [15_000], jitter: 0, timeoutMs: 1000 };

function entry(name: string): CatalogEntry {
	const opened = openConnection('console', name, {});
	if (!opened.ok) throw new Error('A console needs no settings');
	return { channel: 'console', name, connection: opened.connection, policy: POLICY };
}

/** The connections that sends can use. */
export const CATALOG = [entry('terminal'), entry('second'), entry('third')];

const ERROR = { code: 'SERVICE_UNAVAILABLE' as const, message: 'busy' };

/** The outcome of an attempt. */
export const OUTCOMES = {
	delivered: { result: 'delivered', confirmation: 'service' },
	busy: { result: 'failed', permanent: false, error: ERROR },
	failed: { result: 'failed', permanent: true, error: ERROR },
} as const;

type OpenBed = (options: { newId: NewId; now(): number }) => Promise<StoreBed>;

/** A store with sends under way through connections that nobody asks to send. */
export class SendStore {
	newId: NewId;
	private opened: StoreBed | undefined;
	private readonly clock: { now(): number };

	protected constructor(clock: { now(): number }) {
		this.clock = clock;
		this.newId = createIds(() => clock.now());
	}

	static async open(clock: { now(): number }, openBed: OpenBed): Promise<SendStore> {
		const store = new SendStore(clock);
		await store.begin(openBed);
		return store;
	}

	/** Goes on with a new store. */
	async begin(openBed: OpenBed): Promise<void> {
		const now = (): number => this.clock.now();
		this.newId = createIds(now);
		this.opened = await openBed({ newId: this.newId, now });
	}

	get bed(): StoreBed {
		if (!this.opened) throw new Error('There is no store yet');
		return this.opened;
	}

	get store(): Store {
		return this.bed.store;
	}

	/** The acceptance that `POST /send` would give the store. */
	planned(request: Partial<SendRequest> = {}): Transition {
		const send = { message: 'm', channels: ['console:terminal'], ...request };
		const planned = planSend(send, CATALOG, this.clock.now());
		if (!planned.ok) throw new Error(JSON.stringify(planned.problems));
		return accept(planned.plan, this.clock.now(), this.newId);
	}

	async accept(
		transition: Transition,
		more: {
			idempotency?: Idempotency;
			apiKey?: string;
			callbacks?: readonly Callback[];
			store?: Store;
		} = {},
	): Promise<AcceptResult> {
		const { store = this.store, apiKey = 'test', callbacks = [], idempotency } = more;
		const { id } = transition.notification;
		const answer = { notification_id: id, status: 'queued' as const, deliveries: [] };
		return await store.sends.accept({ transition, apiKey, callbacks, answer, idempotency });
	}

	async send(request: Partial<SendRequest> = {}): Promise<{ id: string; delivery: Delivery }> {
		const transition = this.planned(request);
		await this.accept(transition);
		const [delivery] = transition.notification.deliveries;
		if (!delivery) throw new Error('A send has a delivery');
		return { id: transition.notification.id, delivery };
	}

	/** Stores what came of an attempt. */
	async settle(
		id: string,
		deliveryId: string,
		outcome: (typeof OUTCOMES)[keyof typeof OUTCOMES],
		store: Store = this.store,
	): Promise<Transition> {
		const { newId } = this;
		return await store.deliveries.update(id, (now) => {
			const before = now.deliveries.find((one) => one.id === deliveryId)?.attempts.length ?? 0;
			const result: AttemptResult = {
				attempt: before + 1,
				at: this.clock.now(),
				latencyMs: 0,
				outcome,
			};
			return settle(now, deliveryId, result, { random: () => 0.5, newId });
		});
	}
}
