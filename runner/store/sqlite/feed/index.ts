import type { Feed } from '../../contract/feed.ts';
import { feedReaders } from '../../rules/feed-page.ts';
import type { BrokenRows } from '../dead-letters.ts';
import type { Scope } from '../scope.ts';
import { findOrigin, positionSince, readPage } from './rows.ts';

export function createFeed({ sql, reader, about }: Scope, brokenRows: BrokenRows): Feed {
	return {
		...feedReaders(
			(page) => readPage(reader, page),
			about,
			(broken) => brokenRows.add('event', broken),
		),
		cursorSince: async (time) => String(await positionSince(reader, time)),
		origin: async (eventId) => findOrigin(sql, eventId),
	};
}
