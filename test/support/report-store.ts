import {
	accept,
	type AttemptResult,
	type CatalogEntry,
	createIds,
	type Facts,
	type NewId,
	openConnection,
	planSend,
	receivedEvent,
	type ReceivedEvent,
	type ReportRules,
	settle,
	type Transition,
} from '@sureping/engine';
import type { Store } from '../../runner/store/contract/index.ts';
import type { StoredNotification } from '../../runner/store/contract/notifications.ts';
import { INSTANT_DISK, SqliteBed, type StoreBed } from './store-bed.ts';

export const DAY_MS = 86_400_000;
const ONCE = { delaysMs: [], jitter: 0, timeoutMs: 1_000 };

/** Nothing here is asked to send: the tests say what the service answered. */
function entry(channel: string, name: string, report?: ReportRules): CatalogEntry {
	const opened = openConnection('console', name, {});
	if (!opened.ok) throw new Error('A console needs no settings');
	return { channel, name, connection: opened.connection, policy: ONCE, report };
}

/** A store whose connection `sms` reports later, with notifications under way. */
export class ReportStore {
	readonly newId: NewId;
	readonly catalog: readonly CatalogEntry[];
	private readonly bed: StoreBed;
	private readonly clock: { now(): number };

	/** On SQLite, unless a bed is given. */
	constructor(
		clock: { now(): number },
		otherwise: ReportRules['otherwise'] = 'delivered',
		bed?: StoreBed,
	) {
		this.clock = clock;
		this.newId = createIds(() => clock.now());
		this.bed =
			bed ?? new SqliteBed({ newId: this.newId, now: () => clock.now(), disk: INSTANT_DISK });
		this.catalog = [
			entry('sms', 'sms', { timeoutMs: DAY_MS, otherwise }),
			entry('console', 'terminal'),
		];
	}

	get store(): Store {
		return this.bed.store;
	}

	/** Another process's store on the same data. */
	another(): Promise<Store> {
		return this.bed.another();
	}

	async dispose(): Promise<void> {
		await this.bed.dispose();
	}

	/** A notification through `sms`, with `console` to fall back on. */
	async send(): Promise<{ id: string; deliveryId: string }> {
		const request = { message: 'm', channels: ['sms'], fallback_channels: ['console'] };
		const planned = planSend(request, this.catalog, this.clock.now());
		if (!planned.ok) throw new Error(JSON.stringify(planned.problems));
		const transition = accept(planned.plan, this.clock.now(), this.newId);
		const { id, deliveries } = transition.notification;
		const answer = { notification_id: id, status: 'queued' as const, deliveries: [] };
		await this.store.sends.accept({ transition, apiKey: 'test', callbacks: [], answer });
		return { id, deliveryId: deliveries[0]?.id ?? '' };
	}

	/** The service's answer to the send. */
	async answer(id: string, deliveryId: string, messageId: string): Promise<Transition> {
		const outcome = { result: 'delivered', confirmation: 'service', messageId } as const;
		const result: AttemptResult = { attempt: 1, at: this.clock.now(), latencyMs: 0, outcome };
		const chance = { random: () => 0.5, newId: this.newId };
		return await this.store.deliveries.update(id, (now) => settle(now, deliveryId, result, chance));
	}

	report(notificationId: string, facts: Omit<Facts, 'notificationId'>): ReceivedEvent {
		const identity = [notificationId, facts.type];
		return receivedEvent('twilio', { identity, ...facts, notificationId }, {}, this.clock.now());
	}

	async take(...reports: ReceivedEvent[]): ReturnType<Store['reports']['take']> {
		return await this.store.reports.take(reports, { provider: 'twilio', connection: 'sms' });
	}

	async read(id: string): Promise<StoredNotification> {
		const found = await this.store.notifications.get(id);
		if (!found) throw new Error(`There is no notification ${id}`);
		return found;
	}
}
