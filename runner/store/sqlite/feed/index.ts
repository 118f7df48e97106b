import type { Feed } from '../../contract/feed.ts';
import { feedReaders } from '../../rules/feed-page.ts';
import type { BrokenRows } from '../dead-letters.ts';
import type { Scope } from '../scope.ts';
import { findOrigin, positionSince, readPage } from './rows.ts';

export function createFeed(
	{ sql, reader, about, webhookClaims }: Scope,
	brokenRows: BrokenRows,
): Feed {
	return {
		...feedReaders(
			(page) => readPage(reader, page, webhookClaims.newest),
			about,
			(broken) => brokenRows.add('event', broken),
		),
		cursorSince: async (time) => String(await positionSince(reader, time, webhookClaims.newest)),
		origin: async (eventId) => findOrigin(sql, eventId),
	};
}
