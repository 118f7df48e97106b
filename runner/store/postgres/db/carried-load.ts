import type { About, Delivery, Notification, WebhookEvent } from '@sureping/engine';
import { StoreUnavailable } from '../../contract/errors.ts';
import type { WebhookTarget } from '../../contract/webhooks.ts';
import { withAbout } from '../../rows/event.ts';
import type { Transaction } from './database.ts';
import type { Scope } from '../scope.ts';

type LoadScope = Pick<Scope, 'about' | 'deliveryClaims' | 'leases' | 'signals' | 'webhookClaims'>;

/** Work that one transaction makes due, some of which it claims for the workers of its process at once. */
export class Load {
	private readonly scope: LoadScope;
	private deliveries: string[] = [];
	private webhooks: string[] = [];
	private isMore = false;

	constructor(scope: LoadScope) {
		this.scope = scope;
	}

	/** The owner to write into the row of a new delivery; `bytes` is its size with its notification. */
	ownerOfDelivery(notification: Notification, delivery: Delivery, bytes: number): string | null {
		const { deliveryClaims, leases } = this.scope;
		if (!deliveryClaims.reserve(notification, delivery, bytes)) {
			this.leavesDue();
			return null;
		}
		this.deliveries.push(delivery.id);
		return leases.owner;
	}

	/** The owner to write into the row of a new webhook delivery. */
	ownerOfWebhook(webhook: {
		readonly id: string;
		readonly to: WebhookTarget;
		readonly event: WebhookEvent;
		/** The notification that the event is about. */
		readonly about: About;
		readonly dueAt: number | undefined;
		/** The size of the event with what it is about. */
		readonly bytes: number;
	}): string | null {
		const { about: rules, leases, webhookClaims } = this.scope;
		const { id, to, dueAt, bytes } = webhook;
		const event = withAbout(webhook.event, webhook.about, rules);
		if (!webhookClaims.reserve({ id, to, event, bytes }, dueAt)) {
			this.leavesDue();
			return null;
		}
		this.webhooks.push(id);
		return leases.owner;
	}

	/** Hands over what was claimed, now that it is committed. */
	commit(): void {
		this.scope.deliveryClaims.committed(this.deliveries);
		this.scope.webhookClaims.committed(this.webhooks);
		if (this.isMore) this.scope.signals.becameDue();
	}

	/** The transaction makes something due that is to be claimed from the rows. */
	leavesDue(): void {
		this.isMore = true;
	}

	/**
	 * Forgets what was reserved, as the transaction was rolled back. The database has no claim of it to give back: a statement
	 * that did so could come after the same rows are written by the next try, and end their new claims.
	 */
	rolledBack(): void {
		this.scope.deliveryClaims.rolledBack(this.deliveries);
		this.scope.webhookClaims.rolledBack(this.webhooks);
		this.deliveries = [];
		this.webhooks = [];
	}

	/** Gives back what was claimed, as nobody knows whether it is committed. */
	lost(): void {
		this.scope.deliveryClaims.lost(this.deliveries);
		this.scope.webhookClaims.lost(this.webhooks);
		this.deliveries = [];
		this.webhooks = [];
	}
}

/** Runs `work` in a transaction that may claim work for this process as it makes it due. */
export async function carrying<T>(
	scope: LoadScope & Pick<Scope, 'database'>,
	work: (sql: Transaction, load: Load) => Promise<T>,
): Promise<T> {
	const load = new Load(scope);
	try {
		const result = await scope.database.transaction(async (sql) => {
			// Of an earlier try.
			load.rolledBack();
			return await work(sql, load);
		});
		load.commit();
		return result;
	} catch (error) {
		if (error instanceof StoreUnavailable && error.isUnknown) load.lost();
		else load.rolledBack();
		throw error;
	}
}
