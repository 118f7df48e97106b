import {
	accept,
	createIds,
	DEFAULT_HEALTH_RULES,
	type FeedEvent,
	type HealthRules,
	type HttpClient,
	isOperational,
	type NewId,
	ONE_PING_EVENTS,
	openConnection,
	planSend,
	settle,
	type Transition,
	WEBHOOK_RETRY,
	type WebhookEvent,
	withoutRetries,
} from '@sureping/engine';
import { pino } from 'pino';
import type { Timers } from '../../runner/clock.ts';
import { createMetrics } from '../../runner/metrics/index.ts';
import type { Endpoint } from '../../runner/store/contract/endpoints.ts';
import type { Store } from '../../runner/store/contract/index.ts';
import type { Callback } from '../../runner/store/contract/sends.ts';
import type { DueWebhooks } from '../../runner/store/contract/webhooks.ts';
import type { DueLoop } from '../../runner/workers/due-loop.ts';
import { EndpointWatch } from '../../runner/workers/endpoint-watch.ts';
import { createPusher } from '../../runner/workers/pusher.ts';
import { SetClock, START } from './set-clock.ts';
import { INSTANT_DISK, SqliteBed, type StoreBed } from './store-bed.ts';

/** An event that an endpoint received; in this test it is about a delivery. */
export function deliveryEvent(event: WebhookEvent): FeedEvent {
	if (isOperational(event)) throw new Error(`${event.event} is about an endpoint`);
	return event;
}

export { START };

interface PusherSettings {
	readonly rules?: HealthRules;
	/** The operator is told about endpoints, by a notification. */
	readonly notifies?: boolean;
}

/** A store with webhooks in it, at the time that `clock` says. */
export class WebhookStore {
	readonly newId: NewId;
	readonly metrics = createMetrics(() => this.store.upkeep.backlog());
	private opened: StoreBed | null;
	private readonly clock: { now(): number };

	/** On SQLite, unless a bed is given; null for one that is given later. */
	constructor(clock: { now(): number } = new SetClock(), bed?: StoreBed | null) {
		this.clock = clock;
		this.newId = createIds(() => clock.now());
		this.opened =
			bed === undefined
				? new SqliteBed({ newId: this.newId, now: () => clock.now(), disk: INSTANT_DISK })
				: bed;
	}

	get bed(): StoreBed {
		if (!this.opened) throw new Error('There is no store yet');
		return this.opened;
	}

	set bed(bed: StoreBed) {
		this.opened = bed;
	}

	get store(): Store {
		return this.bed.store;
	}

	/** As after a restart. */
	async reopen(): Promise<void> {
		await this.bed.reopen();
	}

	async dispose(): Promise<void> {
		await this.bed.dispose();
	}

	async endpoint(id: string, settings: Partial<Endpoint> = {}): Promise<Endpoint> {
		const endpoint: Endpoint = {
			id,
			name: id,
			url: `http://127.0.0.1:9/${id}`,
			profile: 'one-ping',
			secret: 'whsec_endpoint_0123456789',
			events: ONE_PING_EVENTS,
			isDefault: false,
			status: 'enabled',
			signatureInput: 'timestamped',
			reportType: 'all',
			ack: '2xx',
			policy: { ...WEBHOOK_RETRY, jitter: 0 },
			source: 'config',
			createdAt: this.clock.now(),
			...settings,
		};
		await this.store.endpoints.add(endpoint);
		return endpoint;
	}

	/** A notification with one event, `notification.queued`. */
	async queued(
		metadata: Record<string, unknown> = {},
		callbacks: readonly Callback[] = [],
	): Promise<Transition> {
		const opened = openConnection('console', 'terminal', {});
		if (!opened.ok) throw new Error('A console needs no settings');
		const policy = withoutRetries(WEBHOOK_RETRY);
		const entry = { channel: 'console', name: 'terminal', connection: opened.connection, policy };
		const send = { message: 'm', channels: ['console'], metadata };
		const planned = planSend(send, [entry], this.clock.now());
		if (!planned.ok) throw new Error('This send is in order');
		const transition = accept(planned.plan, this.clock.now(), this.newId);
		const { id } = transition.notification;
		const answer = { notification_id: id, status: 'queued' as const, deliveries: [] };
		await this.store.sends.accept({ transition, apiKey: 'test', callbacks, answer });
		return transition;
	}

	/** Many of those, in order. */
	async queuedMany(count: number): Promise<readonly Transition[]> {
		return await Promise.all(Array.from({ length: count }, (_, i) => this.queued({ i })));
	}

	/** A notification whose only attempt failed, which its last event tells. */
	async failed(): Promise<Transition> {
		const { notification } = await this.queued();
		const [delivery] = notification.deliveries;
		if (!delivery) throw new Error('A console send has one delivery');
		const error = { code: 'TARGET_GONE' as const, message: 'gone' };
		const outcome = { result: 'failed' as const, permanent: true, error };
		const result = { at: this.clock.now(), latencyMs: 0, outcome };
		const chance = { random: () => 0.5, newId: this.newId };
		return await this.store.deliveries.update(notification.id, (current) =>
			settle(current, delivery.id, result, chance),
		);
	}

	/** Pushes what is owed through `http`; retries without jitter. */
	pusher(
		clock: Timers,
		http: HttpClient,
		{ rules = DEFAULT_HEALTH_RULES, notifies = false }: PusherSettings = {},
	): DueLoop<DueWebhooks> {
		const { store, newId } = this;
		const opened = openConnection('console', 'operator', {});
		if (!opened.ok) throw new Error('A console needs no settings');
		const policy = withoutRetries(WEBHOOK_RETRY);
		const { connection } = opened;
		return createPusher({
			store,
			http: { trusted: http, guarded: http },
			clock,
			random: () => 0.5,
			log: pino({ level: 'silent' }),
			metrics: this.metrics,
			newId,
			catalog: [{ channel: 'console', name: 'operator', connection, policy }],
			watch: new EndpointWatch(rules, clock),
			notify: notifies ? { channels: ['console:operator'] } : undefined,
			onNotices: () => undefined,
			callbackPolicy: () => WEBHOOK_RETRY,
			callbackSecret: () => 'whsec_callbacks_0123456789',
			isStopping: () => false,
		});
	}

	/** Changes the database as another program or a broken disk would. */
	async sql(text: string, ...values: string[]): Promise<readonly Record<string, unknown>[]> {
		return await this.bed.sql(text, ...values);
	}
}
