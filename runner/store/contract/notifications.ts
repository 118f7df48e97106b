import type { Notification, NotificationStatus, OwnEvent } from '@sureping/engine';
import type { Page, PageRequest } from './pages.ts';

export interface Notifications {
	get(id: string): Promise<StoredNotification | undefined>;
	list(filter: NotificationFilter, page: PageRequest): Promise<Page<NotificationSummary>>;
	/** Cancels the pending deliveries. `nothing`: all of them have ended already; undefined: there is no such notification. */
	cancel(id: string): Promise<'cancelled' | 'nothing' | undefined>;
}

export interface StoredNotification {
	readonly notification: Notification;
	readonly status: NotificationStatus;
	readonly events: readonly OwnEvent[];
	/** Deliveries with an attempt under way right now. */
	readonly sending: ReadonlySet<string>;
}

export interface NotificationSummary {
	readonly id: string;
	readonly status: NotificationStatus;
	readonly createdAt: number;
	readonly channels: readonly string[];
}

export interface NotificationFilter {
	readonly status?: NotificationStatus | undefined;
	readonly channel?: string | undefined;
}
