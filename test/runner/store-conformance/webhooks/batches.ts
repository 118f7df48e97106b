import { MOST_REQUESTS } from '../../../../runner/workers/pusher.ts';
import { createIds, type WebhookDelivery } from '@sureping/engine';
import { systemClock } from '../../../../runner/clock.ts';
import type { Callback } from '../../../../runner/store/contract/sends.ts';
import type { DueWebhooks } from '../../../../runner/store/contract/webhooks.ts';
import { deliveryEvent, START, WebhookStore } from '../../../support/webhook-store.ts';
import { waitUntil } from '../../../support/wait-until.ts';
import { openBed } from '../bed.ts';

const batch = { maxEvents: 10, maxWaitMs: 5_000 };
const events = ['notification.queued'] as const;

/** The numbers of the events in a request. */
const numbers = (due: DueWebhooks | undefined): unknown[] =>
	(due?.deliveries ?? []).map(({ event }) => deliveryEvent(event).metadata.i);
const from = (first: number, count: number): number[] =>
	Array.from({ length: count }, (_, i) => first + i);

/** The request's deliveries after an answer that did not acknowledge. */
function failed(due: DueWebhooks, dueAt: number, mostTogether?: number): WebhookDelivery[] {
	return due.deliveries.map(({ delivery: { id, attempts } }) => ({
		id,
		state: 'pending',
		attempts: [...attempts, { at: START, latencyMs: 0, status: 500 }],
		dueAt,
		...(mostTogether === undefined ? {} : { mostTogether }),
	}));
}

describe('webhooks', () => {
	let scene: WebhookStore;
	beforeEach(async () => {
		const now = (): number => START;
		scene = new WebhookStore({ now }, await openBed({ newId: createIds(now), now }));
	});
	afterEach(() => scene.dispose());
	const claim = (now = START, free = 64): Promise<readonly DueWebhooks[]> =>
		scene.store.webhooks.claim(now, free);
	async function settle(due: DueWebhooks, deliveries: readonly WebhookDelivery[]): Promise<void> {
		await scene.store.webhooks.settle(deliveries);
		scene.store.webhooks.release(due);
	}
	const acknowledge = (due: DueWebhooks): Promise<void> =>
		settle(
			due,
			due.deliveries.map(({ delivery: { id, attempts } }) => ({
				id,
				state: 'delivered',
				attempts: [...attempts, { at: START, latencyMs: 0, status: 200 }],
			})),
		);

	describe('an endpoint with batches', () => {
		beforeEach(() => scene.endpoint('ep_1', { events, batch }));

		it('gets what came within its time in one request, in order', async () => {
			await scene.queuedMany(7);
			expect(await claim(START + 4_999)).toEqual([]);
			expect(await scene.store.webhooks.nextAt(START)).toBe(START + 5_000);
			const [due, ...others] = await claim(START + 5_000);
			expect([numbers(due), others]).toEqual([from(0, 7), []]);
		});

		it('gets a full batch at once, and the rest in its time', async () => {
			await scene.queuedMany(9);
			expect(await claim()).toEqual([]);
			await scene.queuedMany(4);
			expect((await claim()).map(numbers)).toEqual([[...from(0, 9), 0]]);
			expect(await claim(START + 4_999)).toEqual([]);
			expect((await claim(START + 5_000)).map(numbers)).toEqual([[1, 2, 3]]);
		});

		it('has two requests under way at most, and the next when one of them ends', async () => {
			await scene.queuedMany(35);
			const [first, second, ...others] = await claim();
			expect([numbers(first), numbers(second), others]).toEqual([from(0, 10), from(10, 10), []]);
			await acknowledge(second!);
			expect((await claim()).map(numbers)).toEqual([from(20, 10)]);
			await acknowledge(first!);
			expect((await claim(START + 5_000)).map(numbers)).toEqual([from(30, 5)]);
		});

		it('gets 512 KiB at most in one request, unless one event is larger', async () => {
			for (const [i, kib] of [200, 200, 200, 900, 10].entries()) {
				await scene.queued({ i, text: 'x'.repeat(kib * 1024) });
			}
			const sizes: unknown[] = [];
			for (let due; ([due] = await claim(START + 5_000, 1)), due; await acknowledge(due)) {
				sizes.push(numbers(due));
			}
			expect(sizes).toEqual([[0, 1], [2], [3], [4]]);
		});

		it('gets failed events again together, but not with new ones', async () => {
			await scene.queuedMany(10);
			const [due] = await claim();
			await settle(due!, failed(due!, START + 30_000));
			await scene.queuedMany(3);
			expect((await claim(START + 5_000)).map(numbers)).toEqual([[0, 1, 2]]);
			expect(await claim(START + 29_999)).toEqual([]);
			expect((await claim(START + 30_000)).map(numbers)).toEqual([from(0, 10)]);
		});

		it('gets them in smaller requests where that was asked for', async () => {
			await scene.queuedMany(10);
			const [due] = await claim();
			await settle(due!, failed(due!, START + 30_000, 4));
			expect((await claim(START + 30_000)).map(numbers)).toEqual([from(0, 4), from(4, 4)]);
		});

		it('loses nothing to a restart, neither what waits nor what was under way', async () => {
			await scene.queuedMany(13);
			await claim();
			await scene.reopen();
			expect((await claim(START + 5_000)).map(numbers)).toEqual([from(0, 10), from(10, 3)]);
		});

		it('gets nothing while it is disabled, and then all', async () => {
			await scene.queuedMany(8);
			await scene.store.endpoints.setStatus('ep_1', 'disabled');
			await scene.queuedMany(4);
			expect(await claim(START + 60_000)).toEqual([]);
			expect(await scene.store.webhooks.nextAt(0)).toBeUndefined();
			await scene.store.endpoints.setStatus('ep_1', 'enabled');
			expect((await claim()).map(numbers)).toEqual([
				[...from(0, 8), 0, 1],
				[2, 3],
			]);
		});

		it('gets what waits for its next attempt now when it is hastened, the oldest first', async () => {
			await scene.queuedMany(10);
			const [twice] = await claim();
			await settle(twice!, failed(twice!, START + 60_000));
			const [again] = await claim(START + 60_000);
			await settle(again!, failed(again!, START + 900_000));
			await scene.queuedMany(12);
			const [once] = await claim(START);
			await settle(once!, failed(once!, START + 600_000));
			expect((await claim(START)).map(numbers)).toEqual([]);
			await scene.store.webhooks.hasten('ep_1');
			// A claim may take from one queue only.
			const [first, second, ...others] = [...(await claim(START)), ...(await claim(START))];
			expect([numbers(first), numbers(second), others]).toEqual([from(0, 10), from(0, 10), []]);
			const tries = [first, second].map((due) => due!.deliveries[0]!.delivery.attempts.length);
			expect(tries).toEqual([2, 1]);
			await acknowledge(first!);
			await acknowledge(second!);
			expect((await claim(START)).map(numbers)).toEqual([[10, 11]]);
		});

		it('gets nothing twice when it is hastened while a request is under way', async () => {
			await scene.queuedMany(10);
			const [due] = await claim();
			await scene.store.webhooks.hasten('ep_1');
			expect(await claim()).toEqual([]);
			await acknowledge(due!);
			expect(await claim(START + 60_000)).toEqual([]);
		});

		it('gets what was claimed and not settled once more', async () => {
			await scene.queuedMany(10);
			const [due] = await claim();
			scene.store.webhooks.release(due!);
			expect((await claim(START + 5_000)).map(numbers)).toEqual([from(0, 10)]);
		});
	});

	describe('a batch with an event that its endpoint refuses', () => {
		it('brings every other event through, each acknowledged once', async () => {
			const policy = { delaysMs: [5, 5, 5], jitter: 0, timeoutMs: 1_000 };
			await scene.endpoint('ep_1', { events, batch: { maxEvents: 100, maxWaitMs: 0 }, policy });
			await scene.queuedMany(100);
			const acknowledged: number[] = [];
			let requests = 0;
			const pusher = scene.pusher(systemClock, async ({ body = '' }) => {
				requests++;
				const sent: { metadata: { i: number } }[] = JSON.parse(String(body)).events;
				const numbers = sent.map(({ metadata }) => metadata.i);
				if (numbers.includes(42)) return { status: 422, headers: {}, body: '' };
				acknowledged.push(...numbers);
				return { status: 200, headers: {}, body: '' };
			});
			pusher.wake();
			await ended();
			await pusher.stop();
			expect(acknowledged.sort((a, b) => a - b)).toEqual(from(0, 100).filter((i) => i !== 42));
			const { items } = await scene.store.webhooks.list({ state: 'exhausted' }, { limit: 100 });
			expect(
				items.map(({ event, attempts }) => [deliveryEvent(event).metadata.i, attempts.length]),
			).toEqual([[42, 4]]);
			// 1, then 5 of 22, then 4 of 5 or 6, then those alone.
			expect(requests).toBeLessThan(25);
		});
	});

	/** Nothing is owed any more. */
	async function ended(): Promise<void> {
		await waitUntil('nothing is owed', async () => {
			const { items } = await scene.store.webhooks.list({ state: 'pending' }, { limit: 1 });
			return items.length === 0;
		});
	}

	describe('an endpoint that never answers', () => {
		it('keeps no other one waiting, whatever is owed to it', async () => {
			await scene.endpoint('ep_hangs', { events });
			await scene.endpoint('ep_fast', { events: ['notification.failed'] });
			await scene.queuedMany(2_000);
			const hanging: (() => void)[] = [];
			const arrived: number[] = [];
			const pusher = scene.pusher(systemClock, async ({ url }) => {
				if (url.endsWith('ep_hangs')) await new Promise<void>((end) => hanging.push(end));
				else arrived.push(Date.now());
				return { status: 200, headers: {}, body: '' };
			});
			pusher.wake();
			await Promise.all(Array.from({ length: 150 }, () => scene.failed()));
			pusher.wake();
			await waitUntil('all arrive', () => arrived.length === 150);
			// All of them arrived although none of the others was ever answered.
			expect(hanging.length).toBeGreaterThan(0);
			expect(hanging.length).toBeLessThanOrEqual(MOST_REQUESTS / 2);
			const stopped = pusher.stop();
			for (const end of hanging) end();
			await stopped;
		});

		it('leaves room for each of many beside several of its kind', async () => {
			for (const id of ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i', 'j']) {
				await scene.endpoint(`ep_${id}`, { events });
			}
			await scene.queuedMany(100);
			let free = 64;
			for (let claimed; (claimed = await claim(START, free)).length > 0;) free -= claimed.length;
			expect(free).toBeGreaterThan(0);
			await scene.endpoint('ep_new', { events });
			await scene.queuedMany(1);
			const [next] = await claim(START, free);
			expect(next?.to).toMatchObject({ endpoint: { id: 'ep_new' } });
		});

		it('shares its room with other callbacks at the same host, and with nobody else', async () => {
			const at = (url: string): Callback => ({
				url,
				profile: 'sureping',
				reportType: 'all',
				apiKey: 'test',
			});
			for (const i of from(0, 40)) await scene.queued({}, [at(`https://one.example/${i}`)]);
			expect(await claim()).toHaveLength(16);
			await scene.queued({}, [at('https://other.example/')]);
			const [next] = await claim(START, 48);
			expect(next?.to).toMatchObject({ callback: { url: 'https://other.example/' } });
		});
	});
});
