import type { About, Delivery, Notification, WebhookEvent } from '@sureping/engine';
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

	/** The owner to write into the row of a new delivery. */
	ownerOfDelivery(notification: Notification, delivery: Delivery): string | null {
		const { deliveryClaims, leases } = this.scope;
		if (!deliveryClaims.reserve(notification, delivery)) {
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
	}): string | null {
		const { about: rules, leases, webhookClaims } = this.scope;
		const { id, to, dueAt } = webhook;
		const event = withAbout(webhook.event, webhook.about, rules);
		if (!webhookClaims.reserve({ id, to, event }, dueAt)) {
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

	/** Gives back what was claimed: the transaction failed, or nobody knows. */
	cancel(): void {
		if (this.deliveries.length > 0) this.scope.deliveryClaims.cancelled(this.deliveries);
		if (this.webhooks.length > 0) this.scope.webhookClaims.cancelled(this.webhooks);
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
			load.cancel();
			return await work(sql, load);
		});
		load.commit();
		return result;
	} catch (error) {
		load.cancel();
		throw error;
	}
}
