import { createIds, idTime, WEBHOOK_RETRY } from '@sureping/engine';
import { MOST_ENDPOINT_LABELS } from '../../runner/metrics/endpoint-labels.ts';
import { createMetrics } from '../../runner/metrics/index.ts';
import { quotaStandings } from '../../runner/metrics/quota-standings.ts';
import { cachedBriefly } from '../../runner/metrics/brief-cache.ts';
import type { Endpoint } from '../../runner/store/contract/endpoints.ts';
import type { KeyPeriod } from '../../runner/store/contract/sends.ts';
import type { Backlog } from '../../runner/store/contract/upkeep.ts';
import { BUSY, DispatchStore, OK, START } from '../support/dispatch-store.ts';
import { scraped } from '../support/scraped.ts';
import { INSTANT_DISK, SqliteBed } from '../support/store-bed.ts';
import { VirtualClock } from '../support/virtual-clock.ts';
import { WebhookStore } from '../support/webhook-store.ts';

const SECOND = 1_000;
const HOUR = 3600 * SECOND;
const NOTHING: Backlog = { deliveries: 0, webhooks: 0, held: 0, exhausted: 0, deadLetters: 0 };

describe('idTime', () => {
	it('says when an id was made, and nothing of other text', () => {
		for (const ms of [0, 1, START, START + 12_345])
			expect(idTime(createIds(() => ms)('whd'))).toBe(ms);
		for (const text of ['', 'whd_1', 'whd', `whd_${'i'.repeat(26)}`, `whd_${'0'.repeat(27)}`])
			expect(idTime(text)).toBeUndefined();
	});
});

describe('metrics of deliveries', () => {
	const open = async (answer: () => typeof OK): Promise<DispatchStore> =>
		await DispatchStore.open(
			{ mail: {}, chat: {} },
			answer,
			async (clock, more) =>
				new SqliteBed({
					newId: createIds(() => clock.now()),
					now: () => clock.now(),
					disk: INSTANT_DISK,
					...more,
				}),
		);
	let scene: DispatchStore;
	afterEach(() => scene.dispose());

	it('count attempts by connection and result', async () => {
		let tries = 0;
		scene = await open(() => (tries++ === 0 ? BUSY : OK));
		await scene.send('mail');
		await scene.runFor(HOUR);
		await scene.send('chat');
		await scene.runFor(HOUR);
		expect(await scraped(scene.metrics, 'sureping_delivery_attempts_total')).toEqual({
			'{connection="webhook:mail",result="SERVICE_UNAVAILABLE"}': 1,
			'{connection="webhook:mail",result="delivered"}': 1,
			'{connection="webhook:chat",result="delivered"}': 1,
		});
	});

	it('tell how long a delivery took since it was accepted, retries included, or since its send_at', async () => {
		let tries = 0;
		scene = await open(() => (tries++ === 0 ? BUSY : OK));
		await scene.send('mail', { policy: { delaysMs: [40 * SECOND], jitter: 0, timeoutMs: SECOND } });
		await scene.runFor(HOUR);
		const took = async () => await scraped(scene.metrics, 'sureping_time_to_delivered_seconds');
		expect(await took()).toEqual({
			'_sum{channel="webhook"}': 40,
			'_count{channel="webhook"}': 1,
		});
		await scene.send('mail', { send_at: new Date(scene.clock.now() + 20 * HOUR).toISOString() });
		await scene.runFor(21 * HOUR);
		expect(await took()).toEqual({
			'_sum{channel="webhook"}': 40,
			'_count{channel="webhook"}': 2,
		});
	});
});

describe('metrics of webhooks', () => {
	let clock: VirtualClock;
	let scene: WebhookStore;
	beforeEach(() => {
		clock = new VirtualClock(START);
		scene = new WebhookStore(clock);
	});
	afterEach(() => scene.dispose());

	it('count what became of them by endpoint, and tell how long until they were acknowledged', async () => {
		const events = ['notification.queued'] as const;
		await scene.endpoint('ep_up', {
			events,
			policy: { ...WEBHOOK_RETRY, delaysMs: [30_000], jitter: 0 },
		});
		await scene.endpoint('ep_down', { events, policy: { ...WEBHOOK_RETRY, delaysMs: [] } });
		await scene.queued();
		let tries = 0;
		const pusher = scene.pusher(clock, async ({ url }) => ({
			status: url.endsWith('down') || tries++ === 0 ? 503 : 200,
			headers: {},
			body: '',
		}));
		pusher.wake();
		await clock.run(clock.sleep(HOUR));
		await pusher.stop();
		expect(await scraped(scene.metrics, 'sureping_webhooks_total')).toEqual({
			'{endpoint="ep_up",result="retrying"}': 1,
			'{endpoint="ep_up",result="acknowledged"}': 1,
			'{endpoint="ep_down",result="exhausted"}': 1,
		});
		expect(await scraped(scene.metrics, 'sureping_webhook_lag_seconds')).toEqual({
			_sum: 30,
			_count: 1,
		});
	});

	it('do not take an event that is replayed days later for one that was late', async () => {
		await scene.endpoint('ep_1', { events: ['notification.queued'] });
		await scene.queued();
		const pusher = scene.pusher(clock, async () => ({ status: 200, headers: {}, body: '' }));
		pusher.wake();
		await clock.run(clock.sleep(48 * HOUR));
		await scene.store.replays.start({ endpointId: 'ep_1', since: START, onlyFailed: false });
		while (await scene.store.replays.advance());
		pusher.wake();
		await clock.run(clock.sleep(HOUR));
		await pusher.stop();
		expect(await scraped(scene.metrics, 'sureping_webhook_lag_seconds')).toEqual({
			_sum: 0,
			_count: 2,
		});
	});
});

describe('the labels of endpoints', () => {
	const made = (i: number, settings: Partial<Endpoint> = {}): Endpoint => ({
		id: `ep_${i}`,
		name: `https://user:secret@hook.example/${i}`,
		url: `https://hook.example/${i}`,
		profile: 'sureping',
		events: ['notification.queued'],
		isDefault: false,
		status: 'enabled',
		signatureInput: 'timestamped',
		reportType: 'all',
		ack: '2xx',
		policy: WEBHOOK_RETRY,
		source: 'api',
		createdAt: START,
		...settings,
	});
	const settled = { id: 'whd_1', state: 'delivered', attempts: [] } as const;

	it('are few, and never what a caller wrote', async () => {
		const metrics = createMetrics(async () => NOTHING);
		const file = made(0, { source: 'config', name: 'ops' });
		const all = [file, ...Array.from({ length: MOST_ENDPOINT_LABELS + 5 }, (_, i) => made(i + 1))];
		for (const one of [...all, undefined]) metrics.countWebhooks(one, [settled], START);
		const counts = await scraped(metrics, 'sureping_webhooks_total');
		expect(Object.keys(counts)).toHaveLength(MOST_ENDPOINT_LABELS + 2);
		expect(counts).toMatchObject({
			'{endpoint="ops",result="acknowledged"}': 1,
			'{endpoint="ep_1",result="acknowledged"}': 1,
			'{endpoint="callback",result="acknowledged"}': 1,
			'{endpoint="other",result="acknowledged"}': 6,
		});
		expect(JSON.stringify(counts)).not.toContain('secret');
	});

	it('end with their endpoints, and make room for others', async () => {
		const metrics = createMetrics(async () => NOTHING);
		const former = Array.from({ length: MOST_ENDPOINT_LABELS }, (_, i) => made(i));
		for (const one of former) metrics.countWebhooks(one, [settled], START);
		const [kept = made(0)] = former;
		const next = made(1_000);
		metrics.retainEndpoints([kept, next]);
		metrics.countWebhooks(next, [settled], START);
		expect(await scraped(metrics, 'sureping_webhooks_total')).toEqual({
			'{endpoint="ep_0",result="acknowledged"}': 1,
			'{endpoint="ep_1000",result="acknowledged"}': 1,
		});
	});
});

describe('gauges', () => {
	it('tell the age of the oldest that is owed, and none of what is to come', async () => {
		const backlog = { ...NOTHING, deliveriesSince: START, webhooksSince: START + 9 * SECOND };
		const metrics = createMetrics(async () => backlog, { now: () => START + 5 * SECOND });
		expect(await scraped(metrics, 'sureping_oldest_pending_seconds')).toEqual({
			'{kind="deliveries"}': 5,
			'{kind="webhooks"}': 0,
		});
		expect(
			await scraped(
				createMetrics(async () => NOTHING),
				'sureping_oldest_pending_seconds',
			),
		).toEqual({ '{kind="deliveries"}': 0, '{kind="webhooks"}': 0 });
	});

	it('tell how much of the quota of each key is used, in its period', async () => {
		const asked: unknown[] = [];
		const store = {
			quotaUse: async (periods: readonly KeyPeriod[]) => {
				asked.push(...periods.map(({ apiKey, start }) => [apiKey, new Date(start).toISOString()]));
				return periods.map((_, i) => i + 7);
			},
		};
		const keys = [
			{ name: 'shop', quota: { notifications: 100, per: 'day' } },
			{ name: 'free', quota: undefined },
			{ name: 'news', quota: { notifications: 9_000, per: 'month' } },
		] as const;
		const metrics = createMetrics(async () => NOTHING, {
			quotas: () => quotaStandings(keys, store, Date.parse('2026-03-05T06:07:08Z')),
		});
		expect(await scraped(metrics, 'sureping_quota_used')).toEqual({
			'{key="shop"}': 7,
			'{key="news"}': 8,
		});
		expect(await scraped(metrics, 'sureping_quota_limit')).toEqual({
			'{key="shop"}': 100,
			'{key="news"}': 9_000,
		});
		expect(asked.slice(0, 2)).toEqual([
			['shop', '2026-03-05T00:00:00.000Z'],
			['news', '2026-03-01T00:00:00.000Z'],
		]);
	});

	it('ask the store for quotas once at a time, and again after 10 s, or at once when it failed', async () => {
		let time = 0;
		jest.spyOn(performance, 'now').mockImplementation(() => time);
		const answers: { resolve(n: number): void; reject(error: Error): void }[] = [];
		const ask = cachedBriefly<number>(
			() => new Promise((resolve, reject) => answers.push({ resolve, reject })),
		);
		const broken = [ask(), ask()];
		answers[0]?.reject(new Error('down'));
		for (const one of broken) await expect(one).rejects.toThrow('down');
		const both = [ask(), ask()];
		expect(answers).toHaveLength(2);
		answers[1]?.resolve(7);
		expect(await Promise.all(both)).toEqual([7, 7]);
		time = 9_999;
		expect(await ask()).toBe(7);
		time++;
		void ask();
		expect(answers).toHaveLength(3);
		jest.restoreAllMocks();
	});
});
