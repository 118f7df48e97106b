import {
	announcementOf,
	DEFAULT_HEALTH_RULES,
	type EndpointHealth,
	type HttpReply,
	healthyFrom,
	type OperationalEvent,
	outcomeOfRequest,
	type RequestOutcome,
	reviewEndpoint,
	type TransportFailure,
	type WebhookDelivery,
} from '@sureping/engine';

const START = Date.parse('2026-01-01T00:00:00Z');
const HOUR = 3_600_000;
const answer = (status: number): HttpReply => ({ status, headers: {}, body: '' });

describe('the outcome of a request', () => {
	const [sentAt, now] = [START, START + 40];
	const outcome = (
		reply: HttpReply | TransportFailure,
		...settled: Partial<WebhookDelivery>[]
	): RequestOutcome | undefined => {
		const deliveries = settled.map((one, i): WebhookDelivery => ({
			id: `whd_${i}`,
			state: 'pending',
			attempts: [],
			...one,
		}));
		return outcomeOfRequest(deliveries, reply, sentAt, now);
	};

	it('is an acknowledgement where its events are delivered', () => {
		const reply = answer(204);
		expect(outcome(reply, { state: 'delivered' }, { state: 'delivered' })).toEqual({
			sentAt,
			now,
			reply,
			acknowledged: true,
			gaveUp: false,
			waitMs: undefined,
		});
	});

	it('gives up where one of its events was tried for the last time, and waits as the first one does', () => {
		expect(outcome(answer(500), { dueAt: now + 30_000 }, { state: 'exhausted' })).toMatchObject({
			acknowledged: false,
			gaveUp: true,
			waitMs: 30_000,
		});
		expect(outcome(answer(500), { dueAt: now + 1 })).toMatchObject({ gaveUp: false, waitMs: 1 });
	});

	it('says nothing where no request left this host', () => {
		expect(outcome({ failure: 'exhausted', detail: 'EMFILE' }, {})).toBeUndefined();
		expect(outcome({ failure: 'connection', detail: 'ECONNREFUSED' }, {})).toBeDefined();
	});
});

describe('what is announced of an endpoint', () => {
	const endpoint = { id: 'ep_1', name: 'crm' };
	const error = { code: 'SERVICE_UNAVAILABLE', message: 'The endpoint answered 500' } as const;
	const announced = (
		before: EndpointHealth,
		status: number,
		now: number,
	): OperationalEvent | undefined => {
		const acknowledged = status < 300;
		const outcome = { sentAt: now, now, reply: answer(status), acknowledged, gaveUp: false };
		const review = reviewEndpoint(before, outcome, DEFAULT_HEALTH_RULES);
		const facts = { error: acknowledged ? undefined : error, now };
		return announcementOf(endpoint, review, before, facts, (kind) => `${kind}_1`);
	};
	const failing: EndpointHealth = {
		since: START,
		failures: 4,
		failingSince: START,
		failedAt: START,
		warnings: 0,
	};

	it('is nothing after a first failure, and nothing after an acknowledgement that ends no warning', () => {
		expect(announced(healthyFrom(START), 500, START)).toBeUndefined();
		expect(announced(failing, 200, START + 1)).toBeUndefined();
	});

	it('is that it fails, since when, and why', () => {
		expect(announced(failing, 500, START + HOUR)).toMatchObject({
			event: 'endpoint.failing',
			event_id: 'evt_1',
			endpoint_id: 'ep_1',
			endpoint_name: 'crm',
			failing_since: '2026-01-01T00:00:00.000Z',
			consecutive_failures: 5,
			error,
		});
	});

	it('is a recovery with the failures that it ends', () => {
		const event = announced({ ...failing, warnings: 1 }, 200, START + HOUR);
		expect(event).toMatchObject({ event: 'endpoint.recovered', consecutive_failures: 4 });
		expect(event).toMatchObject({ failing_since: '2026-01-01T00:00:00.000Z' });
		expect(event).not.toHaveProperty('error');
	});

	it('is that it was disabled, and that it is gone', () => {
		expect(announced(failing, 410, START + 1)).toMatchObject({
			event: 'endpoint.disabled',
			reason: 'gone',
		});
	});
});
