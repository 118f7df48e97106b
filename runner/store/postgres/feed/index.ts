import type { Feed } from '../../contract/feed.ts';
import { feedReaders } from '../../rules/feed-page.ts';
import { tryToAddBroken } from '../dead-letters.ts';
import type { Scope } from '../scope.ts';
import { findOrigin, positionSince, readPage } from './rows.ts';

export function createFeed(scope: Scope): Feed {
	const { database, about } = scope;
	return {
		...feedReaders(
			(page) => readPage(database, page),
			about,
			(broken) => tryToAddBroken(scope, 'event', broken),
		),
		cursorSince: async (time) => String(await positionSince(database, time)),
		origin: (eventId) => findOrigin(database, eventId),
	};
}
