import { type FeedEvent, NOTIFICATION_STATUSES } from '@sureping/engine';
import type { Command } from 'commander';
import type { z } from 'zod/v4';
import type { notificationListSchema, notificationSchema } from '../http/response-schemas.ts';
import { overallText, sourceText } from './about.ts';
import { show, table } from './output.ts';
import { call, type RemoteOptions, withRemote } from './remote.ts';

type Notification = z.infer<typeof notificationSchema>;

interface ListOptions extends RemoteOptions {
	readonly status?: string;
	readonly channel?: string;
	readonly after?: string;
	readonly limit: string;
}

/** `sureping get`, `list` and `cancel`: shows notifications and cancels one. */
export function addNotifications(program: Command): void {
	withRemote(
		program
			.command('get')
			.description('show a notification, its deliveries and its events')
			.argument('<id>'),
	).action(async (id: string, options: RemoteOptions) => {
		const found = await call<Notification>(options, 'GET', pathOf(id));
		show(options.json, found, ...linesOf(found));
	});

	withRemote(
		program
			.command('list')
			.description('list notifications, newest first')
			.option('--status <status>', `only these: ${NOTIFICATION_STATUSES.join(', ')}`)
			.option('--channel <channel>', 'only those through this channel')
			.option('--after <cursor>', 'continue after a page')
			.option('--limit <count>', 'maximum number of entries, up to 1000', '20'),
	).action(async (options: ListOptions) => {
		const { status, channel, after, limit } = options;
		const query = new URLSearchParams();
		for (const [name, value] of Object.entries({ status, channel, after, limit })) {
			if (value !== undefined) query.set(name, value);
		}
		const path = `/notifications?${query.toString()}`;
		const found = await call<z.infer<typeof notificationListSchema>>(options, 'GET', path);
		const rows = found.notifications.map((one) => [
			one.notification_id,
			one.status,
			one.created_at,
			one.channels.join(', '),
		]);
		const more = found.next_cursor ? [`More with --after ${found.next_cursor}`] : [];
		show(
			options.json,
			found,
			...table([['ID', 'STATUS', 'CREATED', 'CHANNELS'], ...rows]),
			...more,
		);
	});

	withRemote(
		program
			.command('cancel')
			.description(
				'cancel the pending deliveries of a notification; an attempt under way still ends, and none follows',
			)
			.argument('<id>'),
	).action(async (id: string, options: RemoteOptions) => {
		const found = await call<Notification>(options, 'POST', `${pathOf(id)}/cancel`, {});
		show(options.json, found, `${id} is ${found.status}`);
	});
}

/** A notification for a terminal: its text and status, each delivery with its latest error, and its events in order. */
function linesOf({
	notification_id,
	status,
	created_at,
	subject,
	message,
	source,
	deliveries,
	events,
}: Notification): readonly string[] {
	const head = table([
		['id', notification_id],
		['status', status],
		['created', created_at],
		...Object.entries({ subject, message, source: source && sourceText(source) }).flatMap(
			([name, text]) => (text === undefined ? [] : [[name, text]]),
		),
	]);
	const sent = deliveries.map(({ channel, connection, recipient, status: state, attempts }) => [
		`${channel}:${connection}`,
		recipient,
		state,
		`${attempts.length} attempt${attempts.length === 1 ? '' : 's'}`,
		attempts.at(-1)?.error?.message ?? '',
	]);
	const happened = events.map((event) => [
		event.timestamp,
		event.event.replace('notification.', ''),
		'channel' in event ? String(event.channel) : '',
		event.event_id,
		errorText(event),
	]);
	return [...head, '', ...table(sent), '', ...table(happened)];
}

function errorText(event: FeedEvent): string {
	const error = 'error' in event ? event.error : undefined;
	return error ? `${error.code} ${error.message}` : overallText(event);
}

const pathOf = (id: string): string => `/notifications/${encodeURIComponent(id)}`;
