import type { EventPage, Feed } from '../../contract/feed.ts';
import type { ReadPage } from '../../rules/feed-page.ts';
import { tryToAddBroken } from '../dead-letters.ts';
import type { Scope } from '../scope.ts';
import { findOrigin, positionSince, readFeed, readOperationalFeed } from './rows.ts';

export function createFeed(scope: Scope): Feed {
	const { database, about } = scope;
	const page = async <Event>(
		read: ReadPage<Event> | undefined,
	): Promise<EventPage<Event> | undefined> => {
		if (!read) return undefined;
		const { broken, ...rest } = read;
		await tryToAddBroken(scope, 'event', broken);
		return rest;
	};
	return {
		read: async (cursor, limit, types) =>
			page(await readFeed(database, cursor, limit, types, about)),
		readOperational: async (cursor, limit) =>
			page(await readOperationalFeed(database, cursor, limit)),
		cursorSince: async (time) => String(await positionSince(database, time)),
		origin: (eventId) => findOrigin(database, eventId),
	};
}
