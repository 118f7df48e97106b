import type { NotificationStatus } from '@sureping/engine';
import type { NotificationFilter, NotificationSummary } from '../../contract/notifications.ts';
import type { Page, PageRequest } from '../../contract/pages.ts';
import { listed } from '../../rows/list-conditions.ts';
import { toSummary } from '../../rows/notification.ts';
import { toPage } from '../../rows/pages.ts';
import type { Reader } from '../db/reader.ts';

/** A table to walk from its newest row on, with the column of it that is the notification's id. */
interface Walk {
	readonly from: string;
	readonly id: string;
	/** The walk finds the notifications of a channel by itself. */
	readonly isOfChannel?: boolean;
}

const ALL: Walk = { from: 'notifications n', id: 'n.id' };

/** The notifications of a channel. */
const OF_CHANNEL: Walk = {
	from: 'notification_channels c CROSS JOIN notifications n ON n.id = c.notification_id',
	id: 'c.notification_id',
	isOfChannel: true,
};

/** Notifications that have not ended: each has a delivery that has not. */
const UNFINISHED: Walk = {
	from: 'deliveries_due d CROSS JOIN notifications n ON n.id = d.notification_id',
	id: 'd.notification_id',
};

/** Notifications of a status that has an index of its own, which SQLite uses only for a word in the query's text. */
const indexed = (status: 'failed' | 'cancelled'): Walk => ({
	from: `(SELECT id, status FROM notifications WHERE status = '${status}') n`,
	id: 'n.id',
});

/** Where the notifications of a status are found soonest. Most have been delivered, and are found from the newest on. */
const OF_STATUS: Readonly<Partial<Record<NotificationStatus, Walk>>> = {
	queued: UNFINISHED,
	in_progress: UNFINISHED,
	failed: indexed('failed'),
	cancelled: indexed('cancelled'),
};

/** Newest first: ids sort by time, and each walk is in their order. */
export async function listNotifications(
	reader: Reader,
	{ status, channel }: NotificationFilter,
	{ after, limit }: PageRequest,
): Promise<Page<NotificationSummary>> {
	const { from, id, isOfChannel = false } = walkOf({ status, channel });
	const { where, values } = listed(limit, [
		[isOfChannel ? 'c.channel = ?' : HAS_CHANNEL, channel],
		['n.status = ?', status],
		[`${id} < ?`, after],
	]);
	const { rows, isCut } = await reader.find(
		`SELECT id, status, created_at, ${CHANNELS_OF} AS channels FROM notifications
		 WHERE id IN (SELECT DISTINCT ${id} FROM ${from} ${where} ORDER BY ${id} DESC LIMIT ?)
		 ORDER BY id DESC`,
		...values,
	);
	return toPage(rows, limit, toSummary, isCut);
}

function walkOf({ status, channel }: NotificationFilter): Walk {
	const known = status && OF_STATUS[status];
	return known ?? (channel === undefined ? ALL : OF_CHANNEL);
}

const HAS_CHANNEL =
	'EXISTS (SELECT 1 FROM notification_channels c WHERE c.channel = ? AND c.notification_id = n.id)';

/** A JSON list; of deliveries that cannot be read the text that is no JSON, so that the row counts as broken. */
const CHANNELS_OF = `iif(json_valid(deliveries), (
	SELECT json_group_array(value ->> 'channel') FROM json_each(deliveries) WHERE type = 'object'), deliveries)`;
