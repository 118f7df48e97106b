import { receivedEvent } from '@sureping/engine';
import type { Page, PageRequest } from '../../../runner/store/contract/pages.ts';
import { MOST_PAGE_BYTES } from '../../../runner/store/rules/feed-page.ts';
import { webhookScene } from '../../support/webhook-scene.ts';
import { openBed } from './bed.ts';

/** Two bytes each, and a row has a megabyte. */
const TEXT = 'é'.repeat(512 * 1024);
const ROW = 2 * TEXT.length;
const MOST_ROWS = MOST_PAGE_BYTES / ROW;

describe('lists of large rows', () => {
	const scene = webhookScene(openBed);

	interface Item {
		readonly id: string;
	}
	/** Two pages, each as long as the store makes it. */
	const twoPages = async (list: (page: PageRequest) => Promise<Page<Item>>) => {
		const first = await list({ limit: 1000 });
		const second = await list({ limit: 1000, after: first.nextCursor });
		return { first, second, ids: [...first.items, ...second.items].map(({ id }) => id) };
	};

	it('of webhooks end a page at 8 MiB, and go on from there', async () => {
		await scene.endpoint('ep_1', { events: ['notification.queued'] });
		for (let i = 0; i < MOST_ROWS + 2; i++) await scene.queued({ text: TEXT });
		const { first, second, ids } = await twoPages((page) => scene.store.webhooks.list({}, page));
		expect([first.items.length, second.items.length]).toEqual([MOST_ROWS, 2]);
		expect(second.nextCursor).toBeUndefined();
		expect(ids).toEqual([...new Set(ids)].toSorted().toReversed());
	});

	it('of reports end a page at 8 MiB, and go on from there', async () => {
		const origin = { provider: 'telegram', connection: 'bot' } as const;
		for (let i = 0; i < MOST_ROWS + 2; i++) {
			const error = { code: 'UNKNOWN' as const, message: TEXT };
			const facts = { type: 'notification.failed', notificationId: `m${i}`, error } as const;
			const report = receivedEvent('telegram', { ...facts, eventId: `e${i}` }, {}, scene.now);
			await scene.store.reports.take([report], origin);
		}
		const { first, second, ids } = await twoPages((page) => scene.store.reports.list({}, page));
		expect([first.items.length, second.items.length]).toEqual([MOST_ROWS, 2]);
		expect(second.nextCursor).toBeUndefined();
		expect(ids).toEqual([...new Set(ids)].toSorted().toReversed());
	});
});
