import type { WebhookDelivery, WebhookEvent } from '@sureping/engine';
import { OPEN_GATES } from '../../runner/store/contract/limits.ts';
import type { SendAnswer } from '../../runner/store/contract/sends.ts';
import type { DueWebhooks } from '../../runner/store/contract/webhooks.ts';
import type { WaitingDelivery } from '../../runner/store/rows/delivery.ts';
import { DeliveryLanes } from '../../runner/store/rules/delivery-lanes.ts';
import { dueNow } from '../../runner/store/rules/held-webhooks.ts';
import { repeated } from '../../runner/store/rules/idempotency.ts';
import {
	afterLast,
	again,
	nextStep,
	prunableEvents,
	PRUNE_START,
} from '../../runner/store/rules/pruning.ts';
import { takeInParts } from '../../runner/store/rules/report-batches.ts';
import { unmatchedIntake } from '../../runner/store/rules/report-intake.ts';
import { composeRequests, RequestsUnderWay } from '../../runner/store/rules/webhook-requests.ts';

const NOW = 1_000_000;

describe('a request with an idempotency key that was used before', () => {
	const answer: SendAnswer = { notification_id: 'msg_1', status: 'queued', deliveries: [] };
	const first = { bodyHash: 'a', answer };

	it('is answered as the first one was', () => {
		expect(repeated(first, { key: 'k', bodyHash: 'a' })).toEqual({ result: 'repeated', answer });
	});

	it('is a conflict with another body', () => {
		expect(repeated(first, { key: 'k', bodyHash: 'b' })).toEqual({ result: 'conflict', answer });
	});
});

describe('a webhook delivery that is made due now', () => {
	it('is pending for an enabled endpoint and for a callback', () => {
		const pending = { state: 'pending', dueAt: NOW };
		expect(dueNow('ep_1', { status: 'enabled' }, NOW)).toEqual(pending);
		expect(dueNow(null, undefined, NOW)).toEqual(pending);
	});

	it('is held for a disabled endpoint', () => {
		expect(dueNow('ep_1', { status: 'disabled' }, NOW)).toEqual({ state: 'held', dueAt: null });
	});

	it('is none any more when its endpoint is gone', () => {
		expect(dueNow('ep_1', undefined, NOW)).toBeUndefined();
	});
});

describe('a report on no message of ours', () => {
	const intake = { provider: 'twilio', connection: 'sms' } as const;
	const foreign = (): boolean => false;

	it('stays unmatched without a time to forward it', () => {
		const kept = { state: 'unmatched', forward_at: null };
		expect(unmatchedIntake(intake, foreign, NOW)).toEqual(kept);
	});

	it('is forwarded at its time, which may be now', () => {
		expect(unmatchedIntake({ ...intake, forwardAt: NOW }, foreign, NOW)).toEqual({
			state: 'forwarded',
			forward_at: null,
		});
		expect(unmatchedIntake({ ...intake, forwardAt: NOW + 1 }, foreign, NOW)).toEqual({
			state: 'unmatched',
			forward_at: NOW + 1,
		});
	});

	it('is never forwarded if an event of ours came back as it', () => {
		const kept = { state: 'unmatched', forward_at: null };
		expect(unmatchedIntake({ ...intake, forwardAt: NOW }, () => true, NOW)).toEqual(kept);
	});
});

it('a request with many reports is taken in parts, and its results are added up', async () => {
	const sizes: number[] = [];
	const result = await takeInParts(new Array(450).fill('report'), async (some) => {
		sizes.push(some.length);
		return { matched: 1, unmatched: 2, forwarded: 3, repeated: 4, events: [], delivered: [] };
	});
	expect(sizes).toEqual([200, 200, 50]);
	expect(result).toMatchObject({ matched: 3, unmatched: 6, forwarded: 9, repeated: 12 });
});

describe('requests of waiting webhooks', () => {
	const waiting = (id: string, dueAt = NOW, mostTogether?: number) => ({
		id,
		dueAt,
		mostTogether,
	});
	const read = ({ id }: { id: string }) =>
		id === 'broken'
			? undefined
			: {
					// Only its id matters to what goes together.
					delivery: { id } as WebhookDelivery,
					event: {} as WebhookEvent,
					to: {} as DueWebhooks['to'],
					bytes: (id.startsWith('large') ? 200 : 1) * 1024,
				};
	const idsOf = (requests: readonly DueWebhooks[]): string[][] =>
		requests.map(({ deliveries }) => deliveries.map(({ delivery }) => delivery.id));
	const compose = (
		rows: ReturnType<typeof waiting>[],
		limits: { most?: number; largest?: number },
	) => composeRequests(rows, { most: 9, largest: 3, now: NOW, ...limits }, read, () => undefined);

	it('leave full before they are due, and the rest once it is due', () => {
		const later = ['a', 'b', 'c', 'd'].map((id) => waiting(id, NOW + 1));
		expect(idsOf(compose(later, { largest: 3 }).requests)).toEqual([['a', 'b', 'c']]);
		expect(compose(later, { largest: 3 }).next).toBe(3);
		const due = ['a', 'b', 'c', 'd'].map((id) => waiting(id));
		expect(idsOf(compose(due, {}).requests)).toEqual([['a', 'b', 'c'], ['d']]);
	});

	it('are no more than asked for', () => {
		const rows = ['a', 'b', 'c'].map((id) => waiting(id));
		expect(idsOf(compose(rows, { most: 2, largest: 1 }).requests)).toEqual([['a'], ['b']]);
	});

	it('hold no more than the smallest limit of their deliveries, and no more than 512 KiB', () => {
		const small = [waiting('a', NOW, 1), waiting('b', NOW, 1)];
		expect(idsOf(compose(small, {}).requests)).toEqual([['a'], ['b']]);
		const large = ['large-1', 'large-2', 'large-3'].map((id) => waiting(id));
		expect(idsOf(compose(large, { largest: 9 }).requests)).toEqual([
			['large-1', 'large-2'],
			['large-3'],
		]);
	});

	it('pass over what cannot be sent', () => {
		const rows = [waiting('broken'), waiting('a')];
		expect(idsOf(compose(rows, { largest: 1 }).requests)).toEqual([['a']]);
	});

	it('are counted by lane until they end, each once', () => {
		const [due] = compose([waiting('a')], {}).requests;
		const underWay = new RequestsUnderWay<{ lane: string }>();
		underWay.start(due!, { lane: 'ep_1' });
		expect(underWay.byLane).toEqual(new Map([['ep_1', 1]]));
		expect(underWay.end(due!)).toEqual({ lane: 'ep_1' });
		expect(underWay.end(due!)).toBeUndefined();
		expect(underWay.byLane).toEqual(new Map());
	});
});

describe('the lanes of deliveries', () => {
	const waiting: WaitingDelivery = {
		id: 'dlv_1',
		notificationId: 'msg_1',
		lane: 'slack:ops',
		priority: 1,
		recipient: '#ops',
		dueAt: NOW,
		reservedFor: undefined,
	};
	const lanes = new DeliveryLanes({ ...OPEN_GATES, reserve: () => NOW + 500 });

	it('reserve a start for a recipient once, and none for a wait for a report', () => {
		expect(lanes.reserve(waiting, NOW)).toBe(NOW + 500);
		expect(lanes.reserve({ ...waiting, reservedFor: NOW }, NOW)).toBeUndefined();
		expect(lanes.reserve({ ...waiting, lane: '' }, NOW)).toBeUndefined();
	});

	it('are looked at when something is due, or at the end of an attempt', () => {
		const queue = { lane: 'slack:ops', priority: 1, due: NOW };
		expect(lanes.nextAt(queue, 0, NOW - 10)).toBe(NOW);
		expect(lanes.nextAt(queue, 0, NOW)).toBe(NOW + 1);
		expect(lanes.nextAt(queue, 1, NOW)).toBeUndefined();
	});

	it('that are down let out a probe before anything is due', () => {
		const down = new DeliveryLanes({ ...OPEN_GATES, opening: () => ({ room: 1, which: 'probe' }) });
		const queue = { lane: 'slack:ops', priority: 1, due: NOW + 1 };
		expect(lanes.isReady(queue, NOW)).toBe(false);
		expect(down.isReady(queue, NOW)).toBe(true);
		expect(down.isReady({ ...queue, lane: '' }, NOW)).toBe(false);
	});
});

describe('pruning', () => {
	it('goes on with the task until it is done, then with the next one, until the last', () => {
		expect(nextStep(PRUNE_START, 'msg_7', 2)).toEqual({ task: 0, after: 'msg_7' });
		expect(nextStep(PRUNE_START, undefined, 2)).toEqual({ task: 1, after: '' });
		expect(nextStep({ task: 1, after: '' }, undefined, 2)).toBeUndefined();
	});

	it('repeats a step that was full, from its start or after its last row', () => {
		expect(again(3, 3)).toBe('');
		expect(again(2, 3)).toBeUndefined();
		const rows = [{ id: 'a' }, { id: 'b' }];
		expect(afterLast(rows, 'id', 2)).toBe('b');
		expect(afterLast(rows, 'id', 3)).toBeUndefined();
	});

	it('leaves young events, and old ones that are needed', () => {
		const event = (position: number, created_at: number, is_free: number) => ({
			position,
			created_at,
			is_free,
		});
		const rows = [event(1, 10, 1), event(2, 20, 0), event(3, 30, 1), event(4, 15, 1)];
		const { old, free } = prunableEvents(rows, 30);
		expect(old).toHaveLength(2);
		expect(free).toEqual([1]);
	});
});
