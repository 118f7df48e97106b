import type { FeedEvent } from '@sureping/engine';
import type { Command } from 'commander';
import { overallText } from './about.ts';
import { print, printable, printJson } from './output.ts';
import { call, type RemoteOptions, withRemote } from './remote.ts';
import { toTime } from './time.ts';

interface TailOptions extends RemoteOptions {
	readonly after?: string;
	readonly since?: string;
	readonly types?: string;
	readonly follow: boolean;
}

interface EventPage {
	readonly events: readonly FeedEvent[];
	readonly next_cursor: string;
}

const POLL_MS = 1_000;

/** `sureping events tail`: prints the feed, one line per event, until it is interrupted. */
export function addEvents(program: Command): void {
	const events = program.command('events').description('read the feed of delivery events');
	withRemote(
		events
			.command('tail')
			.description('print events as they happen')
			.option('--since <time>', 'start at a time (ISO 8601), or 90s, 15m, 2h, 7d ago', toTime)
			.option('--after <cursor>', 'start at a cursor of the feed')
			.option('--types <types>', 'only these event types, separated by commas')
			.option('--no-follow', 'print the stored events, by default from the oldest, and end'),
	).action(async (options: TailOptions, command: Command) => {
		const { after, since, types, follow, json } = options;
		if (after !== undefined && since !== undefined) {
			command.error('--since and --after both set the start; give one of them');
		}
		let start: Readonly<Record<string, string>> =
			after !== undefined
				? { after }
				: since !== undefined
					? { since }
					: follow
						? { since: 'now' }
						: {};
		for (;;) {
			const query = { limit: '1000', ...start, ...(types === undefined ? {} : { types }) };
			const path = `/events?${new URLSearchParams(query).toString()}`;
			const page = await call<EventPage>(options, 'GET', path);
			for (const event of page.events) {
				if (json) printJson(event);
				else print(line(event));
			}
			start = { after: page.next_cursor };
			if (page.events.length > 0) continue;
			if (!follow) return;
			await new Promise((resolve) => setTimeout(resolve, POLL_MS));
		}
	});
}

function line(event: FeedEvent): string {
	const { timestamp, event: type, channel, recipient, notification_id } = event;
	const error = 'error' in event && event.error;
	const what = type.replace('notification.', '').padEnd(9);
	return printable(
		[
			timestamp,
			what,
			channel,
			recipient,
			notification_id,
			error ? `${error.code} ${error.message}` : '',
			overallText(event),
		]
			.filter(Boolean)
			.join(' '),
	);
}
