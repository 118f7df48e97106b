import type { FeedEvent } from '@sureping/engine';
import type { Command } from 'commander';
import { printable } from './output.ts';
import { call, type RemoteOptions, withRemote } from './remote.ts';

interface TailOptions extends RemoteOptions {
	readonly after?: string;
	readonly types?: string;
	readonly follow: boolean;
}

interface EventPage {
	readonly events: readonly FeedEvent[];
	readonly next_cursor: string;
}

const POLL_MS = 1_000;

/** `sureping events tail`: the feed, a line each, and on until it is interrupted. */
export function addEvents(program: Command): void {
	const events = program.command('events').description('the feed of delivery events');
	withRemote(
		events
			.command('tail')
			.description('print events as they happen')
			.option('--after <cursor>', 'where to start; without it at the oldest that is kept')
			.option('--types <types>', 'only these, separated by commas')
			.option('--no-follow', 'end when there is nothing more'),
	).action(async (options: TailOptions) => {
		let cursor = options.after;
		for (;;) {
			const query = new URLSearchParams({ limit: '1000' });
			if (cursor) query.set('after', cursor);
			if (options.types) query.set('types', options.types);
			const page = await call<EventPage>(options, 'GET', `/events?${query.toString()}`);
			for (const event of page.events) {
				process.stdout.write(`${options.json ? JSON.stringify(event) : line(event)}\n`);
			}
			cursor = page.next_cursor;
			if (page.events.length > 0) continue;
			if (!options.follow) return;
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
		]
			.join(' ')
			.trimEnd(),
	);
}
