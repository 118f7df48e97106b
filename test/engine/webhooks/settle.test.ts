import {
	type HttpReply,
	encodeWebhook,
	isLastAttempt,
	settleWebhook,
	settleWebhooks,
	unformattedWebhook,
	withheldWebhook,
	PROFILE_IDS,
	subscribersOf,
	type Background,
	type FeedEvent,
	isOverall,
	type Subscription,
	type TransportFailure,
	WEBHOOK_RETRY,
	type WebhookDelivery,
} from '@sureping/engine';
import { delivered, planOf, rejected, Scene, T0 } from '../../support/dispatch-scene.ts';

const [signatureInput, reportType] = ['timestamped', 'all'] as const;
const fresh: WebhookDelivery = { id: 'whd_1', state: 'pending', attempts: [], dueAt: T0 };

function answer(status: number, headers: Record<string, string> = {}): HttpReply {
	return { status, headers, body: '' };
}

function settled(
	reply: HttpReply | TransportFailure,
	{ delivery = fresh, ack = '2xx' as '2xx' | 'strict-200', draw = 0.5, latencyMs = 0 } = {},
): WebhookDelivery {
	const at = delivery.dueAt ?? Number.NaN;
	return settleWebhook(
		delivery,
		reply,
		{ at, latencyMs },
		{ policy: WEBHOOK_RETRY, ack },
		() => draw,
	);
}

describe('a webhook delivery', () => {
	it('is tried six times: at once, then after 30 s, 2 min, 10 min, 30 min and 1 h', () => {
		let delivery = fresh;
		while (delivery.state === 'pending')
			delivery = settled(answer(500), { delivery, latencyMs: 100 });
		const starts = delivery.attempts.map(({ at }) => at - T0);
		const gaps = starts.slice(1).map((start, i) => start - (starts[i] ?? 0) - 100);
		expect(gaps).toEqual([30_000, 120_000, 600_000, 1_800_000, 3_600_000]);
		expect(delivery.state).toBe('exhausted');
		expect(delivery.dueAt).toBeUndefined();
	});

	it('re-signs with a fresh timestamp on every retry, and the same body and event id', () => {
		const [event] = new Scene(planOf(['slack'])).events;
		if (!event) throw new Error('No event');
		const requests: { headers: Readonly<Record<string, string>>; body: string }[] = [];
		let delivery = fresh;
		while (delivery.state === 'pending') {
			const now = delivery.dueAt ?? 0;
			const signing = { secrets: ['whsec_test'], now, signatureInput, reportType } as const;
			const request = encodeWebhook('one-ping', [event], signing);
			if (request) requests.push(request);
			delivery = settled(answer(500), { delivery });
		}
		const stamps = requests.map(
			({ headers }) => Number(headers['X-OnePing-Timestamp']) - T0 / 1000,
		);
		expect(stamps).toEqual([0, 30, 150, 750, 2_550, 6_150]);
		expect(new Set(requests.map(({ headers }) => headers['X-OnePing-Signature'])).size).toBe(6);
		expect(new Set(requests.map(({ body }) => body)).size).toBe(1);
		expect(new Set(requests.map(({ headers }) => headers['X-OnePing-Event-Id']))).toEqual(
			new Set([event.event_id]),
		);
	});

	it.each([200, 201, 202, 204, 299])('is acknowledged by %d', (status) => {
		expect(settled(answer(status))).toEqual({
			id: 'whd_1',
			state: 'delivered',
			attempts: [{ at: T0, latencyMs: 0, status }],
		});
	});

	it('is acknowledged by 200 alone where the endpoint asks for that', () => {
		expect(settled(answer(200), { ack: 'strict-200' }).state).toBe('delivered');
		expect(settled(answer(204), { ack: 'strict-200' })).toMatchObject({
			state: 'pending',
			attempts: [{ status: 204, error: { code: 'UNEXPECTED_ANSWER' } }],
		});
	});

	it.each([
		[100, 'UNEXPECTED_ANSWER'],
		[301, 'UNEXPECTED_ANSWER'],
		[307, 'UNEXPECTED_ANSWER'],
		[400, 'UNEXPECTED_ANSWER'],
		[401, 'UNEXPECTED_ANSWER'],
		[404, 'UNEXPECTED_ANSWER'],
		[410, 'UNEXPECTED_ANSWER'],
		[429, 'RATE_LIMITED'],
		[500, 'SERVICE_UNAVAILABLE'],
		[503, 'SERVICE_UNAVAILABLE'],
	])('is retried after %d', (status, code) => {
		expect(settled(answer(status, { location: 'https://elsewhere.example' }))).toEqual({
			id: 'whd_1',
			state: 'pending',
			attempts: [
				{
					at: T0,
					latencyMs: 0,
					status,
					error: { code, message: `The endpoint answered ${status}` },
				},
			],
			dueAt: T0 + 30_000,
		});
	});

	it('is retried when there was no answer', () => {
		expect(settled({ failure: 'timeout', detail: '10 seconds' }).attempts).toEqual([
			{
				at: T0,
				latencyMs: 0,
				error: { code: 'TIMEOUT', message: 'The endpoint did not respond within 10 seconds' },
			},
		]);
		expect(settled({ failure: 'connection', detail: 'ECONNREFUSED' }).attempts).toMatchObject([
			{ error: { code: 'CONNECTION_FAILED', message: 'ECONNREFUSED' } },
		]);
	});

	it('waits for the longer of Retry-After and the delay', () => {
		const due = (retryAfter: string): number =>
			(settled(answer(503, { 'retry-after': retryAfter })).dueAt ?? 0) - T0;
		expect(due('3600')).toBe(3_600_000);
		expect(due('1')).toBe(30_000);
		expect(due(new Date(T0 + 90_000).toUTCString())).toBe(90_000);
		expect(due('soon')).toBe(30_000);
	});

	it('moves a delay by at most a tenth', () => {
		const due = (draw: number): number => (settled(answer(500), { draw }).dueAt ?? 0) - T0;
		expect([due(0), due(0.5), due(1 - Number.EPSILON)]).toEqual([27_000, 30_000, 33_000]);
	});
});

describe('several webhooks in one request', () => {
	const batch = (count: number, attempts: WebhookDelivery['attempts'] = []): WebhookDelivery[] =>
		Array.from({ length: count }, (_, i) => ({ ...fresh, id: `whd_${i}`, attempts }));
	const together = (
		reply: HttpReply | TransportFailure,
		deliveries = batch(100),
		policy = WEBHOOK_RETRY,
	): readonly WebhookDelivery[] =>
		settleWebhooks(
			deliveries,
			reply,
			{ at: T0, latencyMs: 5 },
			{ policy, ack: '2xx' },
			Math.random,
		);

	it('share the answer, and the wait of one draw', () => {
		const settledAll = together(answer(503));
		expect(settledAll.map(({ id }) => id)).toEqual(batch(100).map(({ id }) => id));
		expect(new Set(settledAll.map(({ dueAt }) => dueAt)).size).toBe(1);
		expect(settledAll[7]).toMatchObject({ state: 'pending', attempts: [{ at: T0, status: 503 }] });
		expect(together(answer(200)).every(({ state }) => state === 'delivered')).toBe(true);
	});

	it.each([408, 425, 429, 500, 301])('stay together after %d', (status) => {
		expect(together(answer(status)).every((one) => one.mostTogether === undefined)).toBe(true);
	});

	it.each([400, 401, 404, 413, 422])('go on in smaller requests after %d', (status) => {
		expect(together(answer(status)).every((one) => one.mostTogether === 40)).toBe(true);
	});

	it('are each alone at the last attempt, whatever the schedule, when every answer finds fault', () => {
		for (const retries of [1, 2, 5, 9]) {
			const policy = { ...WEBHOOK_RETRY, delaysMs: Array<number>(retries).fill(1000) };
			let left = batch(1000);
			for (let attempt = 1; attempt <= retries; attempt++) {
				const next = together(answer(413), left, policy);
				left = next.slice(0, next[0]?.mostTogether);
			}
			expect([retries, left.length]).toEqual([retries, 1]);
		}
	});

	it('stay as small as they were made when the endpoint is only busy', () => {
		const small = batch(10).map((one) => ({ ...one, mostTogether: 10 }));
		expect(together(answer(503), small).every((one) => one.mostTogether === 10)).toBe(true);
	});
});

describe('after 410 Gone', () => {
	const LATENCY_MS = 5;
	const afterGone = (
		delivery: Partial<WebhookDelivery>,
		more: { isCallback?: boolean } = {},
	): WebhookDelivery | undefined =>
		settleWebhooks(
			[{ ...fresh, ...delivery }],
			answer(410),
			{ at: T0, latencyMs: LATENCY_MS },
			{ policy: WEBHOOK_RETRY, ack: '2xx', ...more },
			() => 0.5,
		)[0];
	const last = { attempts: Array(5).fill({ at: T0, latencyMs: 0, status: 500 }), mostTogether: 3 };

	it('an event waits for its endpoint, which is disabled, also after its last attempt', () => {
		expect(afterGone({})).toMatchObject({ state: 'pending', dueAt: T0 + LATENCY_MS + 30_000 });
		const held = afterGone(last);
		expect(held).toMatchObject({ state: 'pending', dueAt: T0 + LATENCY_MS + 60_000 });
		expect(held?.mostTogether).toBeUndefined();
		expect(held?.attempts).toHaveLength(6);
	});

	it('a send’s own callback ends', () => {
		const ended = afterGone({}, { isCallback: true });
		expect(ended).toEqual({
			id: fresh.id,
			state: 'exhausted',
			attempts: [expect.objectContaining({ status: 410 })],
		});
	});
});

describe('a webhook without a request', () => {
	const policy = { ...WEBHOOK_RETRY, delaysMs: [1000], jitter: 0 };
	const attempted = { ...fresh, attempts: [{ at: T0, latencyMs: 0, status: 500 }] };

	it('ends where the endpoint’s format has no word for its event any more', () => {
		expect(unformattedWebhook(attempted, T0 + 1)).toMatchObject({
			state: 'exhausted',
			attempts: [{ status: 500 }, { at: T0 + 1, error: { code: 'MESSAGE_REJECTED' } }],
		});
	});

	it('only waits without an error, and has one attempt less with one', () => {
		const error = { code: 'CONNECTION_FAILED', message: 'Not sent: this host is down' } as const;
		const until = T0 + 5000;
		expect(withheldWebhook(fresh, { until }, T0, policy, () => 0.5)).toEqual({
			...fresh,
			dueAt: until,
		});
		const lapsed = withheldWebhook(fresh, { until, error }, T0, policy, () => 0.5);
		expect(lapsed).toMatchObject({ state: 'pending', dueAt: until, attempts: [{ error }] });
		const ended = withheldWebhook(attempted, { until, error }, T0, policy, () => 0.5);
		expect(ended).toMatchObject({ state: 'exhausted', attempts: [{ status: 500 }, { error }] });
	});

	it('knows its last attempt', () => {
		expect([fresh, attempted].map((one) => isLastAttempt(one, policy))).toEqual([false, true]);
	});
});

describe('the endpoints that an event goes to', () => {
	type Named = Subscription & { id: string };
	const endpoint = (id: string, more: Partial<Subscription> = {}): Named => ({
		id,
		events: ['notification.failed'],
		profile: 'one-ping',
		isDefault: false,
		signatureInput,
		reportType,
		...more,
	});
	const scene = new Scene(planOf(['slack', 'sms']));
	scene.attempt('slack', rejected);
	const failed =
		scene.events.find(({ event }) => event === 'notification.failed') ?? scene.events[0];
	if (!failed || isOverall(failed)) throw new Error('No event of a delivery');
	const ids = (endpoints: Named[], event: FeedEvent = failed, more: Partial<Background> = {}) =>
		subscribersOf(event, { hasCallback: false, earlier: () => [], ...more }, endpoints).map(
			({ id }) => id,
		);

	it('are those that ask for its type', () => {
		const endpoints = [
			endpoint('a'),
			endpoint('b', { events: ['notification.delivered'] }),
			endpoint('d', { events: ['notification.delivered', 'notification.failed'] }),
		];
		expect(ids(endpoints)).toEqual(['a', 'd']);
	});

	it('leave out the default one when the notification has its own callback_url', () => {
		const endpoints = [endpoint('a', { isDefault: true }), endpoint('b')];
		expect(ids(endpoints, failed, { hasCallback: true })).toEqual(['b']);
		expect(ids(endpoints)).toEqual(['a', 'b']);
	});

	it('leave out those whose format has no word for it', () => {
		const endpoints = PROFILE_IDS.map((profile) => endpoint(profile, { profile }));
		expect(ids(endpoints)).toEqual(['sureping', 'one-ping', 'pingram', 'standard-webhooks']);
		expect(ids(endpoints, { ...failed, channel: 'email' })).toEqual([
			'sureping',
			'one-ping',
			'notificationapi',
			'pingram',
			'standard-webhooks',
		]);
	});

	it('hear nothing more from OTPIQ’s format once it told the end', () => {
		scene.attempt('sms', delivered);
		const arrived = scene.events.at(-1);
		const otpiq = [endpoint('o', { profile: 'otpiq' })];
		const late = { ...failed, channel: 'telegram' };
		expect(ids(otpiq, late)).toEqual(['o']);
		expect(ids(otpiq, late, { earlier: () => (arrived ? [arrived] : []) })).toEqual([]);
	});
});
