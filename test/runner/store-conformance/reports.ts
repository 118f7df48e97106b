import { createIds, isFinal, type ReceivedType, unreported } from '@sureping/engine';
import fc from 'fast-check';
import type { StoredNotification } from '../../../runner/store/contract/notifications.ts';
import { DAY_MS, ReportStore } from '../../support/report-store.ts';
import { pruneAll } from '../../support/prune-all.ts';
import { openBed } from './bed.ts';

const START = Date.parse('2026-01-01T00:00:00Z');

const typesOf = ({ events }: StoredNotification, deliveryId?: string): string[] =>
	events
		.filter((event) => deliveryId === undefined || event.delivery_id === deliveryId)
		.map(({ event }) => event.replace('notification.', ''));

async function reportStore(clock: { now(): number }): Promise<ReportStore> {
	const newId = createIds(() => clock.now());
	return new ReportStore(clock, 'delivered', await openBed({ newId, now: () => clock.now() }));
}

type Step =
	| { readonly do: 'answer' | 'give up waiting' }
	| {
			readonly do: 'report';
			readonly type: ReceivedType;
			readonly which: number;
			readonly confirmation: 'service' | 'device';
	  };

const step: fc.Arbitrary<Step> = fc.oneof(
	{ weight: 2, arbitrary: fc.constantFrom<Step>({ do: 'answer' }, { do: 'give up waiting' }) },
	{
		weight: 8,
		arbitrary: fc.record({
			do: fc.constant('report' as const),
			type: fc.constantFrom<ReceivedType>(
				...(['queued', 'sent', 'delivered', 'failed', 'bounced', 'suppressed'] as const).map(
					(word) => `notification.${word}` as const,
				),
				...(['opened', 'clicked', 'read', 'complained', 'unsubscribed'] as const).map(
					(word) => `notification.${word}` as const,
				),
				'unknown',
			),
			which: fc.nat(1),
			confirmation: fc.constantFrom('service' as const, 'device' as const),
		}),
	},
);

const ENDS = ['delivered', 'failed', 'bounced'];

describe('reports', () => {
	describe('a message whose report is waited for', () => {
		it('is not sending while its wait is ended', async () => {
			let now = START;
			const scene = await reportStore({ now: () => now });
			const { id, deliveryId } = await scene.send();
			await scene.answer(id, deliveryId, 'SM1');
			now += DAY_MS;
			const [due] = await scene.store.deliveries.claim(now, 1);
			expect(due?.deliveryId).toBe(deliveryId);
			expect((await scene.read(id)).sending.size).toBe(0);
			await scene.dispose();
		});
	});

	it('an unreadable body of a static secret is taken once in ten minutes, and a signed one once', async () => {
		let now = START;
		const scene = await reportStore({ now: () => now });
		const event = { ...scene.report('none', { type: 'unknown', unreadable: true }), raw: 'hello' };
		const TEN_MINUTES = 600_000;
		const repeats = async (
			connection: string,
			unreadableRepeatsAfterMs?: number,
		): Promise<number> => {
			const intake = { provider: 'telegram', connection, unreadableRepeatsAfterMs } as const;
			return (await scene.store.reports.take([event], intake)).repeated;
		};
		const isStatic = async (): Promise<number> => await repeats('bot', TEN_MINUTES);
		now += 7_000;
		expect([await isStatic(), await isStatic()]).toEqual([0, 1]);
		expect(await repeats('signed')).toBe(0);
		now += TEN_MINUTES - 1;
		expect(await isStatic()).toBe(1);
		now += 1;
		expect([await isStatic(), await isStatic()]).toEqual([0, 1]);
		expect(await repeats('signed')).toBe(1);
		await scene.dispose();
	});

	it('what nobody could read passes every filter on types', async () => {
		const scene = await reportStore({ now: () => START });
		const all = [
			scene.report('a', { type: 'notification.delivered' }),
			scene.report('b', { type: 'unknown' }),
			{ ...scene.report('c', { type: 'unknown', unreadable: true }), raw: 'hello' },
			{ ...scene.report('d', { type: 'unknown' }), raw: { text: '"unreadable":true' } },
			scene.report('e', { type: 'notification.failed' }),
		];
		for (const one of all) {
			const origin = { provider: 'telegram', connection: 'bot', forwardAt: START } as const;
			await scene.store.reports.take([one], origin);
		}
		const told = async (types?: readonly ReceivedType[]): Promise<readonly unknown[]> => {
			const page = await scene.store.feed.read(undefined, 100, types);
			return page!.events.map((event) => event.notification_id);
		};
		expect(await told()).toEqual(['a', 'b', 'c', 'd', 'e']);
		expect(await told(['notification.delivered'])).toEqual(['a', 'c']);
		expect(await told(['notification.opened'])).toEqual(['c']);
		expect(await told(['unknown'])).toEqual(['b', 'c', 'd']);
		expect(await told(['unknown', 'notification.failed'])).toEqual(['b', 'c', 'd', 'e']);
		const next = await scene.store.feed.read(undefined, 1, ['notification.failed']);
		expect(next!.events.map((event) => event.notification_id)).toEqual(['c']);
		const last = await scene.store.feed.read(next!.nextCursor, 1, ['notification.failed']);
		expect(last!.events.map((event) => event.notification_id)).toEqual(['e']);
		await scene.dispose();
	});

	describe('reports', () => {
		let scene: ReportStore;
		beforeAll(async () => {
			scene = await reportStore({ now: () => START });
		});
		afterAll(() => scene.dispose());

		it('find a mail by its id with and without angle brackets', async () => {
			for (const [known, reported] of [
				['<a@example.com>', 'a@example.com'],
				['b@example.com', '<b@example.com>'],
			] as const) {
				const { id, deliveryId } = await scene.send();
				await scene.answer(id, deliveryId, known);
				const type = 'notification.delivered';
				expect(await scene.take(scene.report(reported, { type }))).toMatchObject({ matched: 1 });
				expect((await scene.read(id)).status).toBe('delivered');
			}
		});

		it('before the answer apply in the order in which they came', async () => {
			const { id, deliveryId } = await scene.send();
			const confirmation = 'service';
			await scene.take(
				scene.report('early', { type: 'notification.delivered', confirmation }),
				scene.report('early', { type: 'notification.opened' }),
				scene.report('early', { type: 'notification.bounced', bounceType: 'hard' }),
			);
			const { events } = await scene.answer(id, deliveryId, 'early');
			expect(events.map(({ event }) => event.replace('notification.', ''))).toEqual([
				...['sent', 'delivered', 'opened', 'bounced', 'queued', 'fallback'],
			]);
			expect(typesOf(await scene.read(id))).toHaveLength(7);
		});

		it('and the answer that makes their message known meet, whichever is first', async () => {
			const another = await scene.another();
			for (let round = 0; round < 25; round++) {
				const { id, deliveryId } = await scene.send();
				const report = scene.report(`at once ${round}`, { type: 'notification.delivered' });
				const origin = { provider: 'twilio', connection: 'sms' } as const;
				await Promise.all([
					scene.answer(id, deliveryId, `at once ${round}`),
					another.reports.take([report], origin),
					scene.store.reports.take([report], origin),
				]);
				expect(typesOf(await scene.read(id))).toEqual(['queued', 'sent', 'delivered']);
			}
			const left = await scene.store.reports.list({ state: 'unmatched' }, { limit: 10 });
			expect(left.items.filter(({ event }) => event.notificationId.startsWith('at once'))).toEqual(
				[],
			);
		});

		it('are kept whatever their ids hold, and listed without their wording', async () => {
			const scene = await reportStore({ now: () => START });
			const odd = ['nul \0 in it', 'x'.repeat(5_000), 'half \ud800 of a pair', "quote ' \\ {a,b}"];
			const events = odd.map((one) =>
				scene.report(one, { type: 'notification.opened', identity: [one] }),
			);
			expect(await scene.take(...events)).toMatchObject({ unmatched: 4 });
			expect(await scene.take(...events)).toMatchObject({ repeated: 4 });
			const { items } = await scene.store.reports.list({ state: 'unmatched' }, { limit: 4 });
			expect(items.map(({ event }) => event.notificationId).sort()).toEqual(odd.toSorted());
			expect(items.some(({ event }) => 'raw' in event)).toBe(false);
			const [first] = items;
			expect(await scene.store.reports.get(first!.id)).toMatchObject({ event: { raw: {} } });
			expect(await scene.store.reports.forward(first!.id)).toBe('unmatched');
			expect(await scene.store.reports.forward(first!.id)).toBe('forwarded');
			expect(await scene.store.reports.forward('rpt_nobody')).toBeUndefined();
			await scene.dispose();
		});

		it('of a third party that come late are marked, message part by message part', async () => {
			const take = async (type: ReceivedType, recipient: string): Promise<void> => {
				const event = scene.report('theirs', { type, recipient, identity: [type, recipient] });
				const origin = { provider: 'twilio', connection: 'shop', forwardAt: START } as const;
				expect(await scene.store.reports.take([event], origin)).toMatchObject({ forwarded: 1 });
			};
			await take('notification.delivered', '+1');
			await take('notification.sent', '+1');
			await take('notification.sent', '+2');
			await take('notification.opened', '+1');
			const page = await scene.store.feed.read(undefined, 1000);
			const theirs = page!.events.filter((event) => 'provider' in event);
			expect(theirs).toMatchObject([
				{ event: 'notification.delivered', final: true },
				{ event: 'notification.sent', out_of_order: true, final: false, recipient: '+1' },
				{ event: 'notification.sent', recipient: '+2' },
				{ event: 'notification.opened' },
			]);
			expect(theirs.filter((event) => 'out_of_order' in event)).toHaveLength(1);
		});

		it('that are events of this runner come round once and no more', async () => {
			const { id } = await scene.send();
			const [ours] = (await scene.read(id)).events;
			const back = scene.report('x', { type: 'notification.queued', eventId: ours!.event_id });
			const origin = { provider: 'sureping', connection: 'loop', forwardAt: START } as const;
			expect(await scene.store.reports.take([back], origin)).toMatchObject({
				unmatched: 1,
				forwarded: 0,
			});
		});

		it('that wait for a message of ours are passed on when none has come', async () => {
			let now = START;
			const later = await reportStore({ now: () => now });
			const event = later.report('nobody', { type: 'notification.delivered' });
			const origin = { provider: 'twilio', connection: 'sms', forwardAt: START + 1000 } as const;
			expect(await later.store.reports.take([event], origin)).toMatchObject({ unmatched: 1 });
			await later.store.reports.forwardDue();
			expect((await later.store.feed.read(undefined, 10))?.events).toEqual([]);
			now += 1000;
			await later.store.reports.forwardDue();
			await later.store.reports.forwardDue();
			expect((await later.store.feed.read(undefined, 10))?.events).toMatchObject([
				{ provider: 'twilio', notification_id: 'nobody' },
			]);
			await later.dispose();
		});

		it('of a request with very many are kept part by part, and counted together', async () => {
			const many = Array.from({ length: 1_001 }, (_, i) =>
				scene.report(`many ${i}`, { type: 'notification.delivered' }),
			);
			const origin = { provider: 'twilio', connection: 'many', forwardAt: START } as const;
			const counts = { matched: 0, unmatched: 0, events: [], delivered: [] };
			expect(await scene.store.reports.take([...many, many[0]!], origin)).toEqual({
				...counts,
				forwarded: 1_001,
				repeated: 1,
			});
			expect(await scene.store.reports.take(many, origin)).toEqual({
				...counts,
				forwarded: 0,
				repeated: 1_001,
			});
		});

		it('remember a one-time token, and let go of it after days', async () => {
			const use = (bodyHash: string) =>
				scene.store.reports.useToken('mailgun', { key: 'k1', token: 'token', bodyHash });
			expect([await use('a'), await use('a'), await use('b')]).toEqual([
				...['first', 'same-body', 'other-body'],
			]);
			const byAnotherKey = { key: 'k2', token: 'token', bodyHash: 'b' };
			expect(await scene.store.reports.useToken('mailgun', byAnotherKey)).toBe('first');
			await pruneAll(scene.store, START + DAY_MS);
			expect(await use('b')).toBe('other-body');
			await pruneAll(scene.store, START + 4 * DAY_MS);
			expect(await use('b')).toBe('first');
		});
	});

	describe('reports in any order, repeated at will', () => {
		let scene: ReportStore;
		beforeAll(async () => {
			scene = await reportStore({ now: () => START });
		});
		afterAll(() => scene.dispose());
		let runs = 0;

		it('leave no gap in a sequence and change nothing that is final but a service’s word', async () => {
			const seen = { bounced: 0, delivered: 0 };
			await fc.assert(
				fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 12 }), async (steps) => {
					const messageId = `SM${++runs}`;
					const { id, deliveryId } = await scene.send();
					const reports = steps.map((one) =>
						one.do === 'report'
							? scene.report(messageId, {
									type: one.type,
									confirmation: one.confirmation,
									identity: [messageId, one.type, one.which, one.confirmation],
								})
							: undefined,
					);
					for (const [i, one] of steps.entries()) {
						const event = reports[i];
						if (event) await scene.take(event, event);
						else if (one.do === 'answer') await scene.answer(id, deliveryId, messageId);
						else
							await scene.store.deliveries.update(id, (now) =>
								unreported(now, deliveryId, START, scene),
							);
					}
					await scene.answer(id, deliveryId, messageId);
					const before = await scene.read(id);
					expect(await scene.take(...reports.filter((one) => one !== undefined))).toMatchObject({
						matched: 0,
						unmatched: 0,
					});
					expect(await scene.read(id)).toEqual(before);

					for (const { id: one, sequence } of before.notification.deliveries) {
						const own = before.events.filter((event) => event.delivery_id === one);
						expect(own.map((event) => event.sequence)).toEqual(own.map((_, i) => i + 1));
						expect(sequence).toBe(own.length);
					}
					const ends = typesOf(before, deliveryId).filter((type) => ENDS.includes(type));
					if (ends.length === 2) {
						expect(ends).toEqual(['delivered', 'bounced']);
						const delivered = before.events.find(({ event }) => event === 'notification.delivered');
						expect(delivered).toMatchObject({ confirmation: 'service' });
						seen.bounced++;
					} else expect(ends.length).toBeLessThan(2);
					const [primary, ...others] = before.notification.deliveries;
					expect(isFinal(primary!)).toBe(ends.length > 0);
					// The fallback starts once, and only after a failure.
					expect(others).toHaveLength(['failed', 'bounced'].includes(ends.at(-1) ?? '') ? 1 : 0);
					if (ends.at(-1) === 'delivered') seen.delivered++;
				}),
				{ numRuns: 120 },
			);
			expect(seen.bounced).toBeGreaterThan(0);
			expect(seen.delivered).toBeGreaterThan(5);
		});
	});
});
