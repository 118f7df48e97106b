import { MOST_REQUESTS } from '../../../../runner/workers/pusher.ts';
import type { HttpClient, HttpReply } from '@sureping/engine';
import { VirtualClock } from '../../../support/virtual-clock.ts';
import { deliveryEvent, START, WebhookStore } from '../../../support/webhook-store.ts';
import { openBedOn } from '../bed.ts';

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const DAY = 24 * 60 * MINUTE;
const events = ['notification.queued'] as const;
const page = { limit: 1000 };

const reply = (status: number, headers: Record<string, string> = {}): HttpReply => ({
	status,
	headers,
	body: '',
});

describe('endpoints', () => {
	let clock: VirtualClock;
	let scene: WebhookStore;
	/** When requests were sent, in milliseconds after the start, and which event was in each. */
	let sent: { at: number; id: string }[];

	beforeEach(async () => {
		clock = new VirtualClock(START);
		scene = new WebhookStore(clock, await openBedOn(clock));
		sent = [];
	});
	afterEach(() => scene.dispose());

	/** Records each request and answers what `answer` says. */
	const recording =
		(answer: (at: number) => HttpReply): HttpClient =>
		async ({ body = '' }) => {
			const at = clock.now() - START;
			sent.push({ at, id: JSON.parse(body).event_id });
			return answer(at);
		};

	/** Lets so much time pass. */
	const pass = (ms: number): Promise<void> => clock.run(clock.sleep(ms));

	/** Lets days pass in steps of half an hour: the pusher looks at the store each 30 s, which makes 2,880 of a day. */
	const passDays = async (days: number): Promise<void> => {
		for (let step = 0; step < 48 * days; step++) {
			clock.advance(30 * MINUTE - 1);
			await pass(1);
		}
	};

	const operational = async (): Promise<string[]> => {
		const found = await scene.store.feed.readOperational(undefined, 1000);
		return (found?.events ?? []).map(({ event, reason }) => [event, reason].join(' ').trim());
	};

	const statuses = async (): Promise<Record<string, number>> => {
		const { items } = await scene.store.webhooks.list({}, page);
		return Object.fromEntries(
			[...Map.groupBy(items, ({ state }) => state)].map(([state, some]) => [state, some.length]),
		);
	};

	describe('an endpoint that answers 429', () => {
		it('gets nothing at all before the time that it asked for, also after a restart', async () => {
			await scene.endpoint('ep_1', { events });
			let pusher = scene.pusher(
				clock,
				recording((at) => (at === 0 ? reply(429, { 'retry-after': '120' }) : reply(200))),
			);
			await scene.queued();
			pusher.wake();
			await pass(10 * SECOND);
			await scene.queuedMany(2);
			pusher.wake();
			await pass(20 * SECOND);
			expect(sent).toHaveLength(1);

			await pusher.stop();
			await scene.reopen();
			pusher = scene.pusher(
				clock,
				recording(() => reply(200)),
			);
			pusher.wake();
			await pass(89 * SECOND);
			expect(sent).toHaveLength(1);
			await pass(2 * SECOND);
			expect(sent.slice(1).map(({ at }) => at)).toEqual([120, 120, 120].map((s) => s * SECOND));
			await pusher.stop();
		});

		it('does not hold back the others', async () => {
			const other = 'http://127.0.0.1:9/ep_2';
			await scene.endpoint('ep_1', { events });
			await scene.endpoint('ep_2', { events });
			let taken = 0;
			const pusher = scene.pusher(clock, async ({ url }) => {
				if (url !== other) return reply(429, { 'retry-after': '3600' });
				taken++;
				return reply(200);
			});
			await scene.queued();
			pusher.wake();
			await pass(SECOND);
			await scene.queuedMany(5);
			pusher.wake();
			await pass(SECOND);
			expect(taken).toBe(6);
			await pusher.stop();
		});
	});

	describe('a rate limit', () => {
		it('is enforced, not only stored: never more in any window, and all of it in the end', async () => {
			await scene.endpoint('ep_1', { events, rateLimit: { max: 3, windowMs: 10 * SECOND } });
			const pusher = scene.pusher(
				clock,
				recording(() => reply(200)),
			);
			await scene.queuedMany(10);
			pusher.wake();
			await pass(60 * SECOND);
			const times = sent.map(({ at }) => at / SECOND);
			expect(times).toEqual([0, 0, 0, 10, 10, 10, 20, 20, 20, 30]);
			await pusher.stop();
		});
	});

	describe('an endpoint that is down', () => {
		it('costs one request per probe, however much is owed to it, and gets all of it when it is back', async () => {
			await scene.endpoint('ep_1', { events });
			const back = 30 * MINUTE;
			const pusher = scene.pusher(
				clock,
				recording((at) => reply(at < back ? 500 : 200)),
			);
			const { length: many } = await scene.queuedMany(500);
			pusher.wake();
			await pass(back - 1);
			// The requests under way when it went down, half of the maximum, and a probe each 30 s.
			const first = sent.filter(({ at }) => at === 0).length;
			expect(first).toBeLessThanOrEqual(MOST_REQUESTS / 2);
			const probes = sent.slice(first).map(({ at }) => at / SECOND);
			expect(probes).toEqual(Array.from({ length: 59 }, (_, i) => 30 * (i + 1)));
			// Webhooks tried while it was down keep their own schedule, whose longest wait is an hour.
			for (let minute = 0; minute < 61; minute++) await pass(MINUTE);
			expect(await statuses()).toEqual({ delivered: many });
			await pusher.stop();
		});

		it('is remembered as failing over a restart', async () => {
			await scene.endpoint('ep_1', { events });
			let pusher = scene.pusher(
				clock,
				recording(() => reply(500)),
			);
			await scene.queuedMany(20);
			pusher.wake();
			await pass(SECOND);
			const before = sent.length;
			await pusher.stop();
			await scene.reopen();
			const [endpoint] = await scene.store.endpoints.all();
			expect(endpoint?.health).toMatchObject({ failingSince: START, probeAt: expect.any(Number) });
			pusher = scene.pusher(
				clock,
				recording(() => reply(500)),
			);
			pusher.wake();
			await pass(28 * SECOND);
			expect(sent).toHaveLength(before);
			await pusher.stop();
		});
	});

	describe('an endpoint that has failed for five days', () => {
		const failing = async (): Promise<ReturnType<WebhookStore['pusher']>> => {
			await scene.endpoint('ep_1', { events });
			const pusher = scene.pusher(
				clock,
				recording((at) => reply(at < 6 * DAY ? 500 : 200)),
				{ notifies: true },
			);
			await scene.queued();
			pusher.wake();
			// The first request is at once.
			await pass(SECOND);
			return pusher;
		};

		it('is disabled when retries were exhausted, and says so in the list of events and to the operator', async () => {
			const pusher = await failing();
			for (let day = 1; day <= 5; day++) {
				await passDays(1);
				await scene.queued();
				pusher.wake();
			}
			await passDays(1 / 2);
			expect((await scene.store.endpoints.all())[0]).toMatchObject({
				status: 'disabled',
				health: { disabled: 'failing', failingSince: START },
			});
			// An hour, a day, and the end. Between the first retries and the next day there was nothing to send.
			expect(await operational()).toEqual([
				'endpoint.failing',
				'endpoint.failing',
				'endpoint.disabled failing',
			]);
			const notices = (await scene.store.notifications.list({ channel: 'console' }, page)).items;
			const told = await Promise.all(
				notices.map(async ({ id }) => (await scene.store.notifications.get(id))?.notification),
			);
			const messages = told.flatMap((one) =>
				one?.metadata.operational_event === undefined ? [] : [one.message],
			);
			expect(messages).toHaveLength(3);
			expect(messages[0]).toContain('was disabled because it failed for too long');
			await pusher.stop();
		});

		it('gets the events of the meantime when it is enabled: none is lost', async () => {
			const pusher = await failing();
			for (let day = 1; day <= 5; day++) {
				await passDays(1);
				await scene.queued();
				pusher.wake();
			}
			await passDays(1 / 2);
			const late = await scene.queuedMany(3);
			pusher.wake();
			await passDays(1);
			const { items: held } = await scene.store.webhooks.list({ state: 'held' }, page);
			const heldFor = held.map(({ event }) => deliveryEvent(event).notification_id);
			expect(heldFor).toEqual(
				expect.arrayContaining(late.map(({ notification }) => notification.id)),
			);

			sent = [];
			await scene.store.endpoints.setStatus('ep_1', 'enabled');
			pusher.wake();
			await pass(MINUTE);
			expect(sent).toHaveLength(held.length);
			expect((await statuses()).held).toBeUndefined();
			expect((await operational()).at(-1)).toBe('endpoint.enabled');
			// Failures before it was enabled no longer count.
			expect((await scene.store.endpoints.all())[0]?.health).toMatchObject({ failures: 0 });
			await pusher.stop();
		});
	});

	describe('an endpoint that answers 410', () => {
		it.each(['one-ping', 'sureping', 'standard-webhooks'] as const)(
			'is disabled at once (%s), and the refused event is held with the others',
			async (profile) => {
				const secret = `whsec_${Buffer.alloc(24, 7).toString('base64')}`;
				await scene.endpoint('ep_1', { events, profile, secret });
				let answers = 0;
				const pusher = scene.pusher(clock, async () => {
					answers++;
					return reply(410);
				});
				await scene.queuedMany(3);
				pusher.wake();
				await pass(DAY);
				expect(answers).toBe(3);
				expect(await statuses()).toEqual({ held: 3 });
				expect(await operational()).toEqual(['endpoint.disabled gone']);
				await pusher.stop();
			},
		);

		it('is disabled also when it was the last attempt, and the event is not given up', async () => {
			const policy = { delaysMs: [], jitter: 0, timeoutMs: 1000 };
			await scene.endpoint('ep_1', { events, policy });
			const pusher = scene.pusher(
				clock,
				recording(() => reply(410)),
			);
			await scene.queued();
			pusher.wake();
			await pass(MINUTE);
			expect(await statuses()).toEqual({ held: 1 });
			await pusher.stop();
		});

		it('gets nothing that is retried by hand while it is disabled, and all of it when it is enabled', async () => {
			const policy = { delaysMs: [], jitter: 0, timeoutMs: 1000 };
			await scene.endpoint('ep_1', { events, policy });
			const pusher = scene.pusher(
				clock,
				recording((at) => reply(at === 0 ? 500 : at < DAY ? 410 : 200)),
			);
			await scene.queued();
			pusher.wake();
			await pass(SECOND);
			await scene.queued();
			pusher.wake();
			await pass(SECOND);
			expect(await statuses()).toEqual({ exhausted: 1, held: 1 });
			expect(await scene.store.upkeep.backlog()).toMatchObject({
				webhooks: 0,
				exhausted: 1,
				held: 1,
			});

			for (const { id } of (await scene.store.webhooks.list({}, page)).items) {
				expect(await scene.store.webhooks.retry(id)).toBe('held');
			}
			pusher.wake();
			await pass(DAY);
			expect(sent).toHaveLength(2);
			expect(await statuses()).toEqual({ held: 2 });
			await scene.store.endpoints.setStatus('ep_1', 'enabled');
			pusher.wake();
			await pass(SECOND);
			expect(await statuses()).toEqual({ delivered: 2 });
			await pusher.stop();
		});

		it('is not asked again and again about what was still under way to it', async () => {
			await scene.endpoint('ep_1', { events });
			await scene.queued();
			const [due] = await scene.store.webhooks.claim(START, 10);
			const { delivery } = due!.deliveries[0]!;
			// Its owed webhooks have not been looked through yet.
			await scene.sql("UPDATE endpoints SET status = 'disabled'");
			const attempts = [{ at: START, latencyMs: 0, status: 410 }];
			await scene.store.webhooks.settle([{ ...delivery, attempts, dueAt: START }]);
			scene.store.webhooks.release(due!);
			expect(await statuses()).toEqual({ held: 1 });
			expect(await scene.store.webhooks.nextAt(0)).toBeUndefined();
		});

		it('ends a send’s own callback', async () => {
			const callback = {
				url: 'http://127.0.0.1:9/callback',
				profile: 'sureping',
				reportType: 'all',
				secret: 'whsec_callback_0123456789',
				apiKey: 'test',
			} as const;
			const pusher = scene.pusher(
				clock,
				recording(() => reply(410)),
			);
			await scene.queued({}, [callback]);
			pusher.wake();
			await pass(DAY);
			expect(sent).toHaveLength(1);
			expect(await statuses()).toEqual({ exhausted: 1 });
			await pusher.stop();
		});
	});

	describe('an endpoint that lists events about endpoints', () => {
		it('gets them, and the feed of delivery events does not', async () => {
			await scene.endpoint('ep_1', { events });
			await scene.endpoint('ep_2', { events: ['endpoint.disabled', 'endpoint.enabled'] });
			await scene.store.endpoints.setStatus('ep_1', 'disabled');
			await scene.store.endpoints.setStatus('ep_1', 'enabled');
			const told: string[] = [];
			const pusher = scene.pusher(clock, async ({ body = '' }) => {
				const { event, endpoint_id, reason } = JSON.parse(body);
				told.push([event, endpoint_id, reason].join(' ').trim());
				return reply(200);
			});
			pusher.wake();
			await pass(SECOND);
			expect(told).toEqual(['endpoint.disabled ep_1 requested', 'endpoint.enabled ep_1']);
			const feed = await scene.store.feed.read(undefined, 1000);
			expect(feed?.events).toEqual([]);
			expect(await operational()).toHaveLength(2);
			await pusher.stop();
		});
	});
});
