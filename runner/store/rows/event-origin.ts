import type { OverallType } from '@sureping/engine';
import { fromJson, optionalText, type Row } from './columns.ts';

/** Where an event comes from, for the sends that follow from it. */
export interface EventOrigin {
	readonly notificationId: string;
	/** Of its notification: see `Notification.depth`. */
	readonly depth: number;
	/** Its notification is kept, too. */
	readonly isKept: boolean;
	/** A chain was stopped at this notification before, and that was told. */
	readonly isStopped: boolean;
}

const STOPPED: OverallType = 'notification.loop_stopped';

/** A row with `notification_id` and `depth` of an event, and `is_kept` and `told` of its notification. */
export function toOrigin({ notification_id, depth, is_kept, told }: Row): EventOrigin {
	const past = optionalText(told);
	return {
		notificationId: String(notification_id),
		depth: Number(depth),
		isKept: Boolean(is_kept),
		isStopped: past !== undefined && fromJson<readonly OverallType[]>(past).includes(STOPPED),
	};
}
