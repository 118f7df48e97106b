import type { OverallType } from '@sureping/engine';
import type { EventOrigin } from '../contract/feed.ts';
import { fromJson, optionalText, type Row } from './columns.ts';

const STOPPED: OverallType = 'notification.loop_stopped';

/** Reads an origin from the `notification_id` and `depth` of an event, and `is_kept` and `told` of its notification. */
export function toOrigin({ notification_id, depth, is_kept, told }: Row): EventOrigin {
	const past = optionalText(told);
	return {
		notificationId: String(notification_id),
		depth: Number(depth),
		isKept: Boolean(is_kept),
		isStopped: past !== undefined && fromJson<readonly OverallType[]>(past).includes(STOPPED),
	};
}
