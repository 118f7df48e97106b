import type { Row } from './columns.ts';

/** Where an event comes from, for the sends that follow from it. */
export interface EventOrigin {
	readonly notificationId: string;
	/** Of its notification: see `Notification.depth`. */
	readonly depth: number;
	/** Its notification is kept, too. */
	readonly isKept: boolean;
}

export function toOrigin({ notification_id, depth, is_kept }: Row): EventOrigin {
	return {
		notificationId: String(notification_id),
		depth: Number(depth),
		isKept: Boolean(is_kept),
	};
}
