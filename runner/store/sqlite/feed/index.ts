import type { EventPage, Feed } from '../../contract/feed.ts';
import type { ReadPage } from '../../rules/feed-page.ts';
import type { BrokenRows } from '../dead-letters.ts';
import type { Scope } from '../scope.ts';
import { findOrigin, positionSince, readFeed, readOperationalFeed } from './rows.ts';

export function createFeed({ sql, reader, about }: Scope, brokenRows: BrokenRows): Feed {
	const page = async <Event>(
		read: ReadPage<Event> | undefined,
	): Promise<EventPage<Event> | undefined> => {
		if (!read) return undefined;
		const { broken, ...rest } = read;
		await brokenRows.add('event', broken);
		return rest;
	};
	return {
		read: async (cursor, limit, types) => page(await readFeed(reader, cursor, limit, types, about)),
		readOperational: async (cursor, limit) =>
			page(await readOperationalFeed(reader, cursor, limit)),
		cursorSince: async (time) => String(positionSince(sql, time)),
		origin: async (eventId) => findOrigin(sql, eventId),
	};
}
