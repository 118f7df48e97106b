import { gzipSync } from 'node:zlib';
import type { PackageDirectoryLoader } from 'n8n-core';
import { waitUntil } from '../support/wait-until.ts';
import { signedRequest } from '../support/signed-request.ts';
import { hostTrigger, type TriggerHost, type TriggerSetup } from './n8n/trigger-host.ts';
import { loadPackage } from './n8n/package.ts';

const SECRET = 'whsec_the_runner_told_us_this';

let loader: PackageDirectoryLoader;
const hosts: TriggerHost[] = [];

beforeAll(async () => {
	loader = await loadPackage();
});

afterEach(async () => {
	await Promise.all(hosts.splice(0).map(async (host) => await host.close()));
});

/** A trigger that is registered at a runner. */
async function host(setup: TriggerSetup = {}): Promise<TriggerHost> {
	const staticData = { endpointId: 'ep_1', secret: SECRET, events: [] };
	const started = await hostTrigger(loader, { staticData, ...setup });
	hosts.push(started);
	return started;
}

const onePing = async (secret: string, parameters = {}): Promise<TriggerHost> =>
	await host({
		parameters: { provider: 'onePing', ...parameters },
		credentials: { onePingApi: { webhookSecret: secret } },
	});

let made = 0;

const event = (changes: Record<string, unknown> = {}): Record<string, unknown> => ({
	event: 'notification.failed',
	status: 'failed',
	notification_id: 'msg_1',
	delivery_id: 'dlv_1',
	event_id: `evt_${++made}`,
	sequence: 2,
	channel: 'slack',
	recipient: 'ops-slack',
	metadata: { order_id: 'ORD-5678' },
	error: { code: 'TARGET_GONE', message: 'Slack answered 410 (channel_is_archived)' },
	attempts: 1,
	all_channels_failed: true,
	timestamp: '2026-01-15T10:31:45.000Z',
	...changes,
});

type Signing = Parameters<typeof signedRequest>[1];

interface Sent {
	readonly body: Buffer;
	readonly headers: Readonly<Record<string, string>>;
}

const signed = (payload: unknown = event(), signing: Signing = {}): Sent =>
	signedRequest(payload, { secret: SECRET, now: Date.now(), ...signing });

async function post({ url }: TriggerHost, { body, headers }: Sent): Promise<Response> {
	return await fetch(url, { method: 'POST', headers, body: new Uint8Array(body) });
}

describe('a genuine webhook', () => {
	it('starts one execution with the event as its item, and is answered 200', async () => {
		const trigger = await host();
		const payload = event();
		const response = await post(trigger, signed(payload));
		expect([response.status, await response.json()]).toEqual([200, { received: 1 }]);
		expect(trigger.executions).toEqual([
			[
				{
					json: {
						eventId: payload.event_id,
						provider: 'sureping',
						type: 'notification.failed',
						notificationId: 'msg_1',
						deliveryId: 'dlv_1',
						channel: 'slack',
						status: 'failed',
						final: true,
						recipient: 'ops-slack',
						attempt: 1,
						allChannelsFailed: true,
						error: payload.error,
						occurredAt: '2026-01-15T10:31:45.000Z',
						receivedAt: expect.stringMatching(/Z$/),
						sequence: 2,
						metadata: { order_id: 'ORD-5678' },
						raw: payload,
					},
				},
			],
		]);
	});

	it('is verified over the bytes as they came', async () => {
		const trigger = await host();
		const text = JSON.stringify(event(), null, 3).replace('"ORD', '"\\u004fRD');
		expect((await post(trigger, signed(text))).status).toBe(200);
		expect(trigger.executions).toHaveLength(1);
	});

	it('is read also with a content type that n8n does not parse', async () => {
		const trigger = await host();
		const request = signed();
		const headers = { ...request.headers, 'content-type': 'application/vnd.events+json' };
		expect((await post(trigger, { ...request, headers })).status).toBe(200);
		expect(trigger.executions).toHaveLength(1);
	});
});

describe('a webhook that is not genuine', () => {
	const now = Date.now();
	const request = signed();
	const cases: [string, Sent][] = [
		['forged', signed(event(), { secret: 'whsec_guessed' })],
		['stale', signed(event(), { now: now - 302_000 })],
		['from the future', signed(event(), { now: now + 310_000 })],
		[
			'tampered with',
			{ ...request, body: Buffer.from(`${request.body.toString()} `.replace('1', '2')) },
		],
		['unsigned', { ...request, headers: { 'content-type': 'application/json' } }],
	];

	it.each(cases)('(%s) is answered 401, learns nothing and starts nothing', async (_, sent) => {
		const trigger = await host();
		const response = await post(trigger, sent);
		expect([response.status, await response.json()]).toEqual([401, { message: 'Unauthorized' }]);
		expect(trigger.executions).toEqual([]);
	});

	it.each<[string, Sent, unknown]>([
		['no event', signed({ hello: 'world' }), { hello: 'world' }],
		['no JSON', signed('not JSON'), 'not JSON'],
	])('is another thing than one that cannot be read: %s', async (_, sent, raw) => {
		// Filters let it through: nobody knows what it is.
		const trigger = await host({ parameters: { events: ['notification.failed'] } });
		const response = await post(trigger, sent);
		expect([response.status, await response.json()]).toEqual([200, { received: 1 }]);
		expect(trigger.executions[0]![0]!.json).toMatchObject({
			type: 'unknown',
			unreadable: true,
			raw,
		});
		expect((await post(trigger, sent)).status).toBe(200);
		expect(trigger.executions).toHaveLength(1);
	});

	it('that says it is gzip and is none is refused as well', async () => {
		const trigger = await host();
		const request = signed();
		const content = { 'content-type': 'application/vnd.events+json', 'content-encoding': 'gzip' };
		const response = await post(trigger, {
			...request,
			headers: { ...request.headers, ...content },
		});
		expect([response.status, await response.json()]).toEqual([401, { message: 'Unauthorized' }]);
		const body = gzipSync(request.body);
		const zipped = { body, headers: { ...request.headers, ...content } };
		expect((await post(trigger, zipped)).status).toBe(200);
	});

	it('is refused while no secret is stored', async () => {
		const trigger = await host({ staticData: {} });
		expect((await post(trigger, signed())).status).toBe(401);
		expect((await post(trigger, signed(event(), { secret: '' }))).status).toBe(401);
	});

	it('does not use up the event that it names', async () => {
		const trigger = await host();
		const payload = event();
		await post(trigger, signed(payload, { secret: 'whsec_guessed' }));
		expect((await post(trigger, signed(payload))).status).toBe(200);
		expect(trigger.executions).toHaveLength(1);
	});

	it('is judged by the tolerance that is set', async () => {
		const trigger = await host({ parameters: { options: { toleranceS: 60 } } });
		expect((await post(trigger, signed(event(), { now: Date.now() - 62_000 }))).status).toBe(401);
		expect((await post(trigger, signed(event(), { now: Date.now() - 50_000 }))).status).toBe(200);
	});
});

describe('a webhook that comes again', () => {
	it('is acknowledged and starts nothing, replayed or signed anew', async () => {
		const trigger = await host();
		const payload = event();
		const request = signed(payload);
		await post(trigger, request);
		const replayed = await post(trigger, request);
		const repeated = await post(trigger, signed(payload, { now: Date.now() + 5_000 }));
		expect([replayed.status, repeated.status]).toEqual([200, 200]);
		expect(await replayed.json()).toEqual({ received: 0 });
		expect(trigger.executions).toHaveLength(1);
	});

	it('eight times at once starts one execution', async () => {
		const trigger = await host();
		const request = signed();
		const answers = await Promise.all(
			Array.from({ length: 8 }, async () => (await post(trigger, request)).status),
		);
		expect(answers).toEqual(Array(8).fill(200));
		expect(trigger.executions).toHaveLength(1);
	});

	it('after n8n could not start the execution starts it', async () => {
		const trigger = await host();
		const request = signed();
		trigger.breakExecutions(true);
		expect((await post(trigger, request)).status).toBe(500);
		trigger.breakExecutions(false);
		expect((await post(trigger, request)).status).toBe(200);
		expect(trigger.executions).toHaveLength(1);
	});

	it('after its connection was lost before the answer starts it', async () => {
		const trigger = await host();
		const request = signed();
		trigger.dropAnswers(true);
		await expect(post(trigger, request)).rejects.toThrow();
		trigger.dropAnswers(false);
		await waitUntil('the claim is given back', async () => {
			await post(trigger, request);
			return trigger.executions.length > 0;
		});
		await post(trigger, request);
		expect(trigger.executions).toHaveLength(1);
	});

	it('at the test listener is not taken away from the active workflow', async () => {
		const nodeId = 'one-node';
		const [production, listening] = [
			await host({ nodeId }),
			await host({ nodeId, mode: 'manual' }),
		];
		const request = signed();
		await post(listening, request);
		await post(production, request);
		expect([listening.executions.length, production.executions.length]).toEqual([1, 1]);
	});

	it('for two nodes starts both', async () => {
		const [one, other] = [await host(), await host()];
		const request = signed();
		await Promise.all([post(one, request), post(other, request)]);
		expect([one.executions.length, other.executions.length]).toEqual([1, 1]);
	});
});

describe('the event filter', () => {
	it('acknowledges an event that was not chosen and starts nothing', async () => {
		const trigger = await host({ parameters: { events: ['notification.delivered'] } });
		const response = await post(trigger, signed());
		expect([response.status, await response.json()]).toEqual([200, { received: 0 }]);
		expect(trigger.executions).toEqual([]);
	});

	it('lets every event through when it is empty', async () => {
		const trigger = await host({ parameters: { events: [] } });
		await post(trigger, signed(event({ event: 'notification.of_the_future' })));
		expect(trigger.executions[0]![0]!.json).toMatchObject({
			type: 'unknown',
			providerEvent: 'notification.of_the_future',
		});
	});
});

describe('a request with many events', () => {
	it('starts one execution with an item for each, and a bad entry does not lose the others', async () => {
		const trigger = await host();
		const events = [event(), { hello: 'world' }, event({ event_id: undefined }), event()];
		const response = await post(trigger, signed({ events }));
		expect([response.status, await response.json()]).toEqual([200, { received: 4 }]);
		expect(trigger.executions.map((items) => items.map(({ json }) => json.eventId))).toEqual([
			[events[0]!.event_id, expect.any(String), expect.any(String), events[3]!.event_id],
		]);
		expect(trigger.executions[0]!.map(({ json }) => json.unreadable ?? false)).toEqual([
			...[false, true, false, false],
		]);
	});

	it('that were taken in part gives only the new ones', async () => {
		const trigger = await host();
		const [first, second] = [event(), event()];
		await post(trigger, signed({ events: [first, first] }));
		await post(trigger, signed({ events: [first, second] }));
		expect(trigger.executions.map((items) => items.map(({ json }) => json.eventId))).toEqual([
			[first.event_id],
			[second.event_id],
		]);
	});
});

describe('an event that comes late', () => {
	const sent = (): Sent =>
		signed(event({ event: 'notification.sent', status: 'sent', sequence: 1 }));

	it('is marked as out of order, and is not final', async () => {
		const trigger = await host({ parameters: { events: [] } });
		await post(trigger, signed());
		await post(trigger, sent());
		expect(trigger.executions[0]![0]!.json).not.toHaveProperty('outOfOrder');
		expect(trigger.executions[1]![0]!.json).toMatchObject({ outOfOrder: true, final: false });
	});

	it('is marked also when the earlier one was not chosen', async () => {
		const trigger = await host({ parameters: { events: ['notification.sent'] } });
		await post(trigger, signed());
		await post(trigger, sent());
		expect(trigger.executions.map(([item]) => item!.json.outOfOrder)).toEqual([true]);
	});
});

describe('a GET', () => {
	it('is answered 405 where the provider only posts, and starts nothing', async () => {
		const trigger = await host();
		const response = await fetch(trigger.url);
		expect([response.status, response.headers.get('allow')]).toEqual([405, 'POST']);
		expect(trigger.executions).toEqual([]);
	});
});

describe('the options', () => {
	const withOptions = async (options: Record<string, unknown>): Promise<TriggerHost> =>
		await host({ parameters: { options } as TriggerSetup['parameters'] & object });

	it('give each item the headers of its request, without what would let somebody in', async () => {
		const trigger = await withOptions({ includeHeaders: true });
		const request = signed();
		const secrets = {
			authorization: 'Bearer s3cret',
			cookie: 'session=s3cret',
			'x-api-key': 's3cret',
			'x-webhook-secret': 's3cret',
		};
		const headers = { ...request.headers, ...secrets, 'x-request-id': 'req-1' };
		await post(trigger, { ...request, headers });
		const item = trigger.executions[0]![0]!.json;
		expect(item.headers).toMatchObject({ 'x-request-id': 'req-1' });
		expect(JSON.stringify(item)).not.toContain('s3cret');
		expect(JSON.stringify(item)).not.toContain(request.headers['x-oneping-signature']);
	});

	it('leave headers out unless they are asked for', async () => {
		const trigger = await host();
		await post(trigger, signed());
		expect(trigger.executions[0]![0]!.json).not.toHaveProperty('headers');
	});

	it.each([
		['ok', 'text/plain'],
		['{"status":"ok"}', 'application/json'],
	])('answer %s as %s', async (responseBody, type) => {
		const trigger = await withOptions({ responseBody });
		const request = signed();
		for (const response of [await post(trigger, request), await post(trigger, request)]) {
			expect([response.status, await response.text()]).toEqual([200, responseBody]);
			expect(response.headers.get('content-type')).toContain(type);
		}
		expect(trigger.executions).toHaveLength(1);
	});

	it('start the workflow with chosen names of the provider only', async () => {
		const trigger = await withOptions({ providerEvents: 'notification.new, notification.failed' });
		await post(trigger, signed(event({ event: 'notification.old' })));
		await post(trigger, signed(event({ event: 'notification.new' })));
		await post(trigger, signed());
		expect(trigger.executions.flat().map(({ json }) => json.providerEvent ?? json.type)).toEqual([
			'notification.new',
			'notification.failed',
		]);
	});

	it('remember an event for as long as is set', async () => {
		const trigger = await withOptions({ dedupeMinutes: 60 });
		const payload = event();
		const now = Date.now();
		const at = async (minutes: number): Promise<number> => {
			jest.spyOn(Date, 'now').mockReturnValue(now + minutes * 60_000);
			await post(trigger, signed(payload, { now: now + minutes * 60_000 }));
			return trigger.executions.length;
		};
		expect([await at(0), await at(59), await at(61), await at(62)]).toEqual([1, 1, 2, 2]);
		jest.restoreAllMocks();
	});
});

describe('the filter', () => {
	it('can be for what is unknown', async () => {
		const trigger = await host({ parameters: { events: ['unknown'] } });
		await post(trigger, signed());
		await post(trigger, signed(event({ event: 'notification.of_the_future' })));
		expect(trigger.executions.flat().map(({ json }) => json.type)).toEqual(['unknown']);
	});
});

describe('One-Ping', () => {
	const payload = {
		event: 'notification.delivered',
		notification_id: 'msg_a1b2c3d4e5',
		channel: 'telegram',
		status: 'delivered',
		recipient: '@username',
		delivered_at: '2025-01-15T10:30:05Z',
		latency_ms: 245,
		attempt: 1,
		metadata: {},
		timestamp: '2025-01-15T10:30:05Z',
	};

	it('is verified with the secret of the credential', async () => {
		const trigger = await onePing('whsec_op');
		expect((await post(trigger, signed(payload, { secret: 'whsec_op' }))).status).toBe(200);
		expect((await post(trigger, signed(payload, { secret: 'whsec_other' }))).status).toBe(401);
		expect(trigger.executions).toHaveLength(1);
		expect(trigger.executions[0]![0]!.json).toMatchObject({
			provider: 'one-ping',
			eventId: expect.stringMatching(/^op_/),
		});
	});

	it('accepts another form of signature only where it is asked for', async () => {
		const request = signed(payload, { secret: 'whsec_op', input: 'body-only' });
		expect((await post(await onePing('whsec_op'), request)).status).toBe(401);
		const asked = await onePing('whsec_op', { options: { signatureInput: 'body-only' } });
		expect((await post(asked, request)).status).toBe(200);
	});

	it('reads the credential once for many webhooks, and not for every forged one', async () => {
		const trigger = await onePing('whsec_op');
		for (let i = 0; i < 5; i++) {
			await post(trigger, signed({ ...payload, attempt: i }, { secret: 'whsec_op' }));
			await post(trigger, signed(payload, { secret: 'whsec_forged' }));
		}
		expect(trigger.executions).toHaveLength(5);
		expect(trigger.credentials.reads).toBe(1);
	});

	it('sees a changed secret before it refuses a webhook', async () => {
		const trigger = await onePing('whsec_old');
		await post(trigger, signed(payload, { secret: 'whsec_old' }));
		trigger.credentials.data = { onePingApi: { webhookSecret: 'whsec_new' } };
		const again = signed({ ...payload, attempt: 2 }, { secret: 'whsec_new' });
		jest.spyOn(Date, 'now').mockReturnValue(Date.now() + 1_500);
		expect((await post(trigger, again)).status).toBe(200);
		jest.restoreAllMocks();
	});

	it('without a secret in the credential accepts nothing', async () => {
		const trigger = await onePing('');
		expect((await post(trigger, signed(payload, { secret: '' }))).status).toBe(401);
	});
});

describe('an endpoint that was set up by hand', () => {
	it('is verified with the secret of the signing credential', async () => {
		const trigger = await host({
			parameters: { registration: 'manual' },
			credentials: { webhookSigningApi: { secret: 'whsec_by_hand_0123' } },
		});
		expect((await post(trigger, signed(event(), { secret: 'whsec_by_hand_0123' }))).status).toBe(
			200,
		);
		expect((await post(trigger, signed())).status).toBe(401);
		expect(await trigger.hook('checkExists')).toBe(true);
	});
});

describe('a test that listens at a runner', () => {
	const listening = (endpointId: string): Promise<TriggerHost> =>
		host({
			mode: 'manual',
			nodeId: 'listening',
			staticData: { endpointId, secret: SECRET, isEphemeral: true },
		});

	it('is started by the first request; one that comes side by side is acknowledged', async () => {
		const test = await listening('ep_test_1');
		const answers = await Promise.all([post(test, signed()), post(test, signed())]);
		expect(answers.map(({ status }) => status)).toEqual([200, 200]);
		const received = await Promise.all(answers.map((answer) => answer.json()));
		expect(received).toEqual(expect.arrayContaining([{ received: 1 }, { received: 0 }]));
		expect(test.executions).toHaveLength(1);

		const next = await listening('ep_test_2');
		expect(await (await post(next, signed())).json()).toEqual({ received: 1 });
	});

	it('goes on listening when the execution of the first could not be started', async () => {
		const test = await listening('ep_test_3');
		test.breakExecutions(true);
		expect((await post(test, signed())).status).toBe(500);
		test.breakExecutions(false);
		expect(await (await post(test, signed())).json()).toEqual({ received: 1 });
	});
});

describe('what its own workflow sent', () => {
	const own = { source: { system: 'n8n', workflow_id: 'trigger-workflow' } };

	it.each([
		['starts it no more since version 3', { version: 3 }, own, 0],
		[
			'starts it where that is asked for',
			{ version: 3, parameters: { options: { includeOwn: true } } },
			own,
			1,
		],
		['starts it in version 2, as it did', { version: 2 }, own, 1],
		[
			'is not what another workflow sent',
			{ version: 3 },
			{ source: { system: 'n8n', workflow_id: 'other' } },
			1,
		],
		[
			'is not what another system sent',
			{ version: 3 },
			{ source: { system: 'cron', workflow_id: 'trigger-workflow' } },
			1,
		],
	])('%s', async (_, setup, about, received) => {
		const parameters = { events: [], ...('parameters' in setup ? setup.parameters : {}) };
		const trigger = await host({ ...setup, parameters });
		const answer = await post(trigger, signed(event(about)));
		expect([answer.status, await answer.json()]).toEqual([200, { received }]);
		expect(trigger.executions).toHaveLength(received);
	});
});

describe('a trigger that nobody has told which events', () => {
	const undelivered = {
		event: 'notification.undelivered',
		status: 'undelivered',
		notification_id: 'msg_1',
		event_id: 'evt_undelivered',
		sequence: 1,
		metadata: {},
		timestamp: '2026-01-15T10:31:45.000Z',
		subject: 'Backup',
		message: 'The backup is done',
		source: { system: 'n8n', workflow_id: 'w', workflow_name: 'Order flow' },
		deliveries: [
			{
				channel: 'slack',
				connection: 'ops',
				recipient: 'ops',
				error: { code: 'TARGET_GONE', message: 'Slack 404 (no_service)' },
			},
		],
	};

	it('is started by what did not arrive at all, since version 3, with what it was about', async () => {
		const trigger = await host({ version: 3 });
		expect(await (await post(trigger, signed(event()))).json()).toEqual({ received: 0 });
		expect(await (await post(trigger, signed(undelivered))).json()).toEqual({ received: 1 });
		expect(trigger.executions[0]![0]!.json).toMatchObject({
			type: 'notification.undelivered',
			subject: 'Backup',
			message: 'The backup is done',
			source: { workflowName: 'Order flow' },
			deliveries: [{ channel: 'slack', error: { message: 'Slack 404 (no_service)' } }],
		});
	});

	it('is started by each event in version 2, as it was', async () => {
		const trigger = await host({ version: 2 });
		expect(await (await post(trigger, signed(event()))).json()).toEqual({ received: 1 });
	});

	it('is started by each event of another provider', async () => {
		const parameters = { provider: 'onePing' };
		const trigger = await host({
			version: 3,
			parameters,
			credentials: { onePingApi: { webhookSecret: SECRET } },
		});
		expect(await (await post(trigger, signed(event()))).json()).toEqual({ received: 1 });
	});
});

describe('an event of an incident', () => {
	const started = {
		event: 'escalation.step_started',
		status: 'open',
		incident_id: 'inc_1',
		dedup_key: 'order-flow',
		policy: 'night',
		step: 2,
		round: 1,
		pages: [
			{ notification_id: 'msg_2', contact_id: 'ada', on_call: 'ops', channels: ['telegram:bot'] },
			{ notification_id: 'msg_3', channels: ['slack:ops-slack'] },
		],
		problems: [{ notify: 'on_call:db', message: 'nobody is on call' }],
		event_id: 'evt_step',
		sequence: 5,
		metadata: { order_id: 7 },
		timestamp: '2026-01-15T10:31:45.000Z',
		subject: 'Order flow failed',
	};

	it('is an item with the step, those who were paged, and those who could not be', async () => {
		const parameters = { events: ['escalation.step_started'] };
		const trigger = await host({ version: 3, parameters });
		expect(await (await post(trigger, signed(started))).json()).toEqual({ received: 1 });
		expect(trigger.executions[0]![0]!.json).toEqual({
			eventId: 'evt_step',
			provider: 'sureping',
			type: 'escalation.step_started',
			notificationId: 'evt_step',
			incidentId: 'inc_1',
			dedupKey: 'order-flow',
			policy: 'night',
			status: 'open',
			final: false,
			step: 2,
			round: 1,
			pages: [
				{ notificationId: 'msg_2', contactId: 'ada', onCall: 'ops', channels: ['telegram:bot'] },
				{ notificationId: 'msg_3', channels: ['slack:ops-slack'] },
			],
			problems: [{ notify: 'on_call:db', message: 'nobody is on call' }],
			subject: 'Order flow failed',
			sequence: 5,
			metadata: { order_id: 7 },
			occurredAt: '2026-01-15T10:31:45.000Z',
			receivedAt: expect.any(String),
			raw: started,
		});
	});

	it.each([
		[
			'acknowledged',
			{ status: 'acknowledged', by: 'ada', via: 'link', via_channel: 'slack:ops', note: 'on it' },
			{ by: 'ada', via: 'link', viaChannel: 'slack:ops', note: 'on it', final: false },
		],
		['resolved', { status: 'resolved', via: 'timeout' }, { via: 'timeout', final: true }],
		[
			'exhausted',
			{ status: 'exhausted', reason: 'unanswered', pages: [] },
			{ reason: 'unanswered' },
		],
	])('says of %s who, how and why', async (word, facts, expected) => {
		const { pages: _pages, problems: _problems, step: _step, round: _round, ...about } = started;
		const trigger = await host({ version: 3, parameters: { events: [] } });
		await post(trigger, signed({ ...about, event: `escalation.${word}`, ...facts }));
		const item = trigger.executions[0]![0]!.json;
		expect(item).toMatchObject({ type: `escalation.${word}`, incidentId: 'inc_1', ...expected });
		expect(item).not.toHaveProperty('step');
	});
});
