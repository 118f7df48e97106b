import type { PackageDirectoryLoader } from 'n8n-core';
import type { IDataObject } from 'n8n-workflow';
import { startResend } from '../fakes/resend.ts';
import {
	type Answer,
	json,
	type RecordedRequest,
	type RecordingServer,
	startRecordingServer,
} from '../fakes/recording-server.ts';
import { API_KEY, ended, type RunnerProcess, startRunner } from '../support/runner-process.ts';
import { loadOptions } from './n8n/load-options.ts';
import { loadPackage } from './n8n/package.ts';
import { type NodeResult, type NodeRun, runNode } from './n8n/run-workflow.ts';

const UNRECOGNIZED = 'Unrecognized keys: "source", "in_reply_to"';

let loader: PackageDirectoryLoader;
let runner: RunnerProcess;
let resend: Awaited<ReturnType<typeof startResend>>;
/** Stands between the node and the runner where a test needs answers that a healthy runner does not give. */
let proxy: RecordingServer;

beforeAll(async () => {
	[loader, resend] = await Promise.all([loadPackage(), startResend()]);
	const from = 'ops@example.com';
	runner = await startRunner({
		api_keys: [
			{ name: 'n8n', key: API_KEY, scopes: ['send', 'read', 'endpoints'] },
			{ name: 'reader', key: 'sp_test_only_reads', scopes: ['read'] },
		],
		connections: [
			{ name: 'terminal', channel: 'console' },
			{
				name: 'mail',
				channel: 'email',
				resend: { api_key: resend.apiKey },
				from,
				base_url: resend.url,
			},
			{
				name: 'shop',
				channel: 'email',
				resend: { api_key: resend.apiKey },
				from,
				base_url: resend.url,
			},
		],
	});
}, 30_000);

afterAll(async () => {
	await Promise.all([runner.dispose(), resend.close()]);
});

beforeEach(async () => {
	proxy = await startRecordingServer((request) => results(sendsIn(request).map(() => ACCEPTED)));
});

afterEach(async () => {
	await proxy.close();
});

const credential = (baseUrl = runner.url, apiKey = API_KEY): NodeRun['credentials'] => ({
	surepingApi: { baseUrl, apiKey },
});

const send = async (
	parameters: NodeRun['parameters'] = {},
	rest: Partial<NodeRun> = {},
): Promise<NodeResult> =>
	await runNode(loader, 'sendNotification', {
		credentials: credential(),
		...rest,
		parameters: { message: 'Backup done', channels: ['console'], ...parameters },
	});

type Sends = readonly Readonly<Record<string, unknown>>[];

/** Of one call of `POST /send/batch`. */
const sendsIn = ({ body }: RecordedRequest): Sends => (JSON.parse(body) as { sends: Sends }).sends;
const sends = (): Sends => proxy.requests.flatMap(sendsIn);
const keys = (): unknown[] => sends().map(({ idempotency_key }) => idempotency_key);

const ACCEPTED = { status: 202, notification_id: 'msg_proxy', deliveries: [] };
const results = (list: readonly object[]): Answer => json(200, { results: list });

describe('sending via a runner', () => {
	it('sends each item and puts out what the runner accepted', async () => {
		const { outputs } = await send(
			{ message: '={{ $json.text }}', options: { metadata: '={{ { n: $json.n } }}' } },
			{
				items: [
					{ text: 'one', n: 1 },
					{ text: 'two', n: 2 },
				],
			},
		);
		expect(outputs[0]![1]).toEqual({
			json: {
				notificationId: expect.stringMatching(/^msg_/),
				status: 'queued',
				deliveries: [
					{
						id: expect.stringMatching(/^dlv_/),
						channel: 'console',
						recipient: 'terminal',
						status: 'queued',
						attempts: [],
					},
				],
			},
			pairedItem: { item: 1 },
		});
		const stored = await ended(runner, String(outputs[0]![1]!.json.notificationId));
		expect(stored).toMatchObject({ status: 'delivered', metadata: { n: 2 } });
	});

	it('sends every option under its name on the wire', async () => {
		await send(
			{
				recipient: 'ada@example.com',
				channels: ['email:mail', 'console'],
				fallbackChannels: ['email:shop'],
				options: {
					addresses: { values: [{ channel: 'console', address: 'screen' }] },
					callbackUrl: 'https://example.com/hook',
					expiresAt: '2030-01-02T12:00:00',
					metadata: '{"order_id": "ORD-5678"}',
					priority: 'critical',
					retryDelays: '1, 2.5',
					sendAt: '2030-01-01T12:00:00',
					subject: 'Hello',
					timeout: 3,
				},
			},
			{ credentials: credential(proxy.url) },
		);
		expect(sends()).toEqual([
			{
				idempotency_key: expect.stringMatching(/^n8n-/),
				message: 'Backup done',
				channels: ['email:mail', 'console'],
				recipient: {
					'email:mail': 'ada@example.com',
					'email:shop': 'ada@example.com',
					console: 'screen',
				},
				fallback_channels: ['email:shop'],
				callback_url: 'https://example.com/hook',
				// The workflow's time zone is Berlin.
				send_at: '2030-01-01T11:00:00.000Z',
				expires_at: '2030-01-02T11:00:00.000Z',
				metadata: { order_id: 'ORD-5678' },
				priority: 'critical',
				retry: { delays_s: [1, 2.5], timeout_s: 3 },
				source: expect.objectContaining({ system: 'n8n' }),
				subject: 'Hello',
			},
		]);
	});

	it('takes channels as a model or an expression writes them', async () => {
		await send({ channels: '={{ "console, email" }}' }, { credentials: credential(proxy.url) });
		expect(sends()).toMatchObject([{ channels: ['console', 'email'] }]);
	});

	it('reads a notification back in the same shape', async () => {
		const metadata = { order_id: { first_part: 1 }, constructor: 'Ferrari', toString: 'x' };
		const sent = await send({ options: { metadata: JSON.stringify(metadata) } });
		const id = String(sent.outputs[0]![0]!.json.notificationId);
		await ended(runner, id);
		const { outputs } = await runNode(loader, 'sendNotification', {
			parameters: { operation: 'get', notificationId: id },
			credentials: credential(),
		});
		expect(outputs[0]![0]!.json).toMatchObject({
			notificationId: id,
			status: 'delivered',
			createdAt: expect.any(String),
			metadata,
			deliveries: [{ channel: 'console', attempts: [{ latencyMs: expect.any(Number) }] }],
			events: [{ event: 'notification.queued' }, { event: 'notification.delivered' }],
		});
	});
});

describe('version 2', () => {
	const settings = { typeVersion: 2 };

	it('leaves out the list of attempts that were not made; version 1 has it', async () => {
		const [first, second] = [await send(), await send({}, { settings })];
		const deliveries = [first, second].map(({ outputs }) => outputs[0]![0]!.json.deliveries);
		expect(deliveries[0]).toMatchObject([{ channel: 'console', attempts: [] }]);
		expect(deliveries[1]).toEqual([expect.not.objectContaining({ attempts: [] })]);
		expect(deliveries[1]).toMatchObject([{ channel: 'console', status: 'queued' }]);
	});

	it('waits for the outcome where that is asked for', async () => {
		const options = { waitForOutcome: 10 };
		const { outputs } = await send({ options }, { settings, items: [{}, {}] });
		expect(outputs[0]!.map(({ json }) => json.status)).toEqual(['delivered', 'delivered']);
		expect(outputs[0]![0]!.json.deliveries).toMatchObject([
			{ status: 'delivered', attempts: [{ latencyMs: expect.any(Number) }] },
		]);
	});

	it('says what is known when the outcome takes longer', async () => {
		const options = { waitForOutcome: 0.5, sendAt: '2099-01-01T00:00:00Z' };
		const { outputs, error } = await send({ options }, { settings });
		expect(error).toBeUndefined();
		expect(outputs[0]![0]!.json).toMatchObject({ status: 'queued' });
	});

	it('gets many notifications, the newest first, as many as are asked for', async () => {
		await send({ options: { waitForOutcome: 20 } }, { items: Array(3).fill({}) });
		const many = async (parameters: NodeRun['parameters']): Promise<readonly IDataObject[]> => {
			const { outputs } = await runNode(loader, 'sendNotification', {
				parameters: { operation: 'getMany', ...parameters },
				credentials: credential(),
				settings,
			});
			return outputs[0]!.map(({ json: one }) => one);
		};
		const two = await many({ limit: 2 });
		expect(two).toHaveLength(2);
		expect(two[0]).toMatchObject({ notificationId: expect.stringMatching(/^msg_/) });
		const all = await many({ returnAll: true });
		expect(all.length).toBeGreaterThanOrEqual(3);
		expect(all.slice(0, 2)).toEqual(two);
		expect(await many({ returnAll: true, filters: { channel: 'slack' } })).toEqual([]);
	});

	it('says which scope the list needs', async () => {
		const { error } = await runNode(loader, 'sendNotification', {
			parameters: { operation: 'getMany' },
			credentials: credential(runner.url, 'sp_wrong'),
			settings,
		});
		expect(error?.message).toContain('does not know this API key');
	});
});

describe('where a send comes from', () => {
	it('is told with it: the workflow, and the execution with its address', async () => {
		await send({}, { credentials: credential(proxy.url), executionId: '7' });
		expect(sends()[0]!.source).toEqual({
			system: 'n8n',
			workflow_id: 'test-workflow',
			execution_id: '7',
			url: 'http://n8n.test/workflow/test-workflow/executions/7',
		});
	});

	it.each(['webhookTrigger', 'pollingTrigger'])(
		'is, for each item, the event that a %s put out',
		async (trigger) => {
			const items = [{ eventId: 'evt_1' }, { eventId: 'evt_2' }];
			const via = { credentials: credential(proxy.url), source: `n8n-nodes-sureping.${trigger}` };
			await send({}, { ...via, items });
			expect(sends().map(({ in_reply_to }) => in_reply_to)).toEqual(['evt_1', 'evt_2']);
		},
	);

	it('is no event where another node started the workflow', async () => {
		await send({}, { credentials: credential(proxy.url), items: [{ eventId: 'evt_1' }] });
		expect(sends()[0]).not.toHaveProperty('in_reply_to');
	});

	it('is left out for a runner that is too old to know it, which is found out once', async () => {
		const old = await startRecordingServer(({ body }) => {
			const { sends: asked = [] } = JSON.parse(body) as { sends?: { source?: unknown }[] };
			const results = asked.map(({ source }, i) =>
				source === undefined
					? { status: 202, notification_id: `msg_${i}` }
					: { status: 422, problem: { errors: [{ path: '', message: UNRECOGNIZED }] } },
			);
			return json(200, { results });
		});
		try {
			const { outputs } = await send({}, { credentials: credential(old.url), items: [{}, {}] });
			expect(outputs[0]!.map(({ json: item }) => item.notificationId)).toEqual(['msg_0', 'msg_1']);
			expect(old.requests).toHaveLength(2);
		} finally {
			await old.close();
		}
	});

	it('does not make a repeat under a key of the person another send', async () => {
		const options = { idempotencyKey: 'order-1' };
		const ids: unknown[] = [];
		for (const executionId of ['1', '2']) {
			const { outputs } = await send({ options }, { executionId });
			ids.push(outputs[0]![0]!.json.notificationId);
		}
		expect(ids[0]).toEqual(expect.stringMatching(/^msg_/));
		expect(ids[1]).toBe(ids[0]);
	});

	it('that goes round in circles is stopped in words', async () => {
		const problem = { type: 'https://sureping.dev/problems/loop', detail: '6 sends follow' };
		const loop = await startRecordingServer(() =>
			json(200, { results: [{ status: 409, problem: { ...problem, notification_id: 'msg_1' } }] }),
		);
		try {
			const { error } = await send({}, { credentials: credential(loop.url) });
			expect(error?.message).toBe('The runner stopped a loop: 6 sends follow [Item 0]');
		} finally {
			await loop.close();
		}
	});
});

describe('the idempotency key', () => {
	it('is the same over runs of one execution and differs for each item and execution', async () => {
		const items = [{}, {}];
		const via = { credentials: credential(proxy.url), items };
		proxy.answer({ status: 400 }, { status: 400 });
		await send({}, { ...via, executionId: '1' });
		await send({}, { ...via, executionId: '1' });
		await send({}, { ...via, executionId: '2' });
		const [first, second, third] = [0, 2, 4].map((i) => keys().slice(i, i + 2));
		expect(first!.sort()).toEqual(second!.sort());
		expect(new Set([...first!, ...third!]).size).toBe(4);
		expect(keys().every((key) => /^n8n-[0-9a-f]{64}$/.test(String(key)))).toBe(true);
	});

	it('is the same when n8n was killed and a person retries the execution, which then has another id', async () => {
		const via = { credentials: credential(proxy.url), items: [{}, {}], resumeToken: 'one' };
		await send({}, { ...via, executionId: 'killed' });
		await send({}, { ...via, executionId: 'retried' });
		await send({}, { ...via, executionId: 'killed', resumeToken: 'other' });
		const [first, again, other] = [0, 2, 4].map((i) => keys().slice(i, i + 2));
		expect(again).toEqual(first);
		expect(new Set([...first!, ...other!]).size).toBe(4);
	});

	it('keeps an attempt whose answer was lost from sending twice', async () => {
		proxy.answer({ reset: true });
		await send({}, { credentials: credential(proxy.url) });
		expect(keys()).toHaveLength(2);
		expect(new Set(keys()).size).toBe(1);
	});

	it('is the one that the person gave', async () => {
		const options = { idempotencyKey: '=order-{{ $json.id }}' };
		const { outputs } = await send({ options }, { items: [{ id: 1 }, { id: 1 }, { id: 2 }] });
		const ids = outputs[0]!.map(({ json }) => json.notificationId);
		expect(ids[0]).toBe(ids[1]);
		expect(ids[2]).not.toBe(ids[0]);
	});

	it('given with other content is refused', async () => {
		const options = { idempotencyKey: 'conflict' };
		await send({ options });
		const { error } = await send({ options, message: 'Something else' });
		expect(error?.message).toContain('idempotency key with other content');
		expect(error?.description).toContain('Use another Idempotency Key');
	});

	it('finds what the item was sent as, when it is made again with other content', async () => {
		const problem = { status: 409, detail: 'used', notification_id: 'msg_first' };
		proxy.answer(results([{ status: 409, problem }]));
		const { outputs } = await send({}, { credentials: credential(proxy.url) });
		expect(outputs[0]![0]!.json.notificationId).toBe('msg_first');
	});

	it('lets Retry on Fail send only what the runner did not take', async () => {
		proxy.answer(results([ACCEPTED, { status: 422, problem: { detail: 'not now' } }, ACCEPTED]));
		const { error, outputs } = await send(
			{ message: '={{ $json.n }} {{ $now.toMillis() }}' },
			{
				credentials: credential(proxy.url),
				items: [{ n: 1 }, { n: 2 }, { n: 3 }],
				settings: { retryOnFail: true, maxTries: 2, waitBetweenTries: 1 },
			},
		);
		expect(error).toBeUndefined();
		expect(outputs[0]).toHaveLength(3);
		expect(sends().map(({ message }) => String(message).slice(0, 2))).toEqual([
			'1 ',
			'2 ',
			'3 ',
			'2 ',
		]);
		expect(keys()[3]).toBe(keys()[1]);
	});

	it('stays that of the first execution when a person retries it, also if its answer was lost', async () => {
		const via = { credentials: credential(proxy.url), items: [{}] };
		proxy.answer({ status: 400 });
		const failed = await send({}, { ...via, executionId: 'first' });
		await send({}, { ...via, executionId: 'second', retryOf: failed });
		expect(keys()).toHaveLength(2);
		expect(new Set(keys()).size).toBe(1);
	});
});

describe('many items', () => {
	it('go to the runner in one call', async () => {
		const items = Array.from({ length: 120 }, (_, n) => ({ n }));
		const parameters = { message: '=Backup {{ $json.n }}' };
		await send(parameters, { items, credentials: credential(proxy.url) });
		expect(proxy.requests.map(({ path }) => path)).toEqual(['/send/batch']);
		expect(sends().map(({ message }) => message)).toEqual(items.map(({ n }) => `Backup ${n}`));
	});

	it('are all stored, and come out in the order in which they came in', async () => {
		const items = Array.from({ length: 1_003 }, (_, n) => ({ n }));
		const options = { metadata: '={{ { n: $json.n } }}' };
		const { outputs } = await send({ options }, { items });
		expect(outputs[0]!.map(({ pairedItem }) => pairedItem)).toEqual(
			items.map((_, item) => ({ item })),
		);
		const ids = outputs[0]!.map(({ json }) => String(json.notificationId));
		expect(new Set(ids).size).toBe(1_003);
		const last = await ended(runner, ids[1_002]!);
		expect(last.metadata).toEqual({ n: 1_002 });
	}, 30_000);

	it('each say why when none could be sent', async () => {
		const { outputs } = await send(
			{},
			{
				items: [{}, {}],
				credentials: credential(runner.url, 'sp_wrong'),
				settings: { onError: 'continueRegularOutput' },
			},
		);
		expect(outputs[0]!.map(({ json }) => json.error)).toEqual([
			'The runner does not know this API key [Item 0]',
			'The runner does not know this API key [Item 1]',
		]);
	});

	it('are sent except for those whose expressions throw', async () => {
		const { outputs } = await send(
			{ message: '={{ $json.a.b }}' },
			{
				items: [{ a: { b: 'one' } }, {}, { a: { b: 'three' } }],
				credentials: credential(proxy.url),
				settings: { onError: 'continueRegularOutput' },
			},
		);
		expect(sends().map(({ message }) => message)).toEqual(['one', 'three']);
		expect(outputs[0]!.map(({ json }) => json.notificationId)).toEqual([
			'msg_proxy',
			undefined,
			'msg_proxy',
		]);
	});
});

describe('cancelling', () => {
	const cancel = async (id: string, rest: Partial<NodeRun> = {}): Promise<NodeResult> =>
		await runNode(loader, 'sendNotification', {
			credentials: credential(),
			...rest,
			parameters: { operation: 'cancel', notificationId: id },
		});

	it('stops what is pending, and once more is the same', async () => {
		const sent = await send({ options: { sendAt: '2090-01-01T12:00:00' } });
		const id = String(sent.outputs[0]![0]!.json.notificationId);
		const { outputs } = await cancel(id);
		expect(outputs[0]![0]!.json).toMatchObject({
			notificationId: id,
			status: 'cancelled',
			deliveries: [{ channel: 'console', status: 'cancelled' }],
		});
		expect((await cancel(id)).outputs).toEqual(outputs);
	});

	it('is refused when the notification has ended', async () => {
		const sent = await send();
		const id = String(sent.outputs[0]![0]!.json.notificationId);
		await ended(runner, id);
		const { error } = await cancel(id);
		expect(error?.message).toBe(`The notification ${id} has no pending deliveries [Item 0]`);
	});

	it('is refused for a notification that the runner does not have', async () => {
		const { error } = await cancel('msg_unknown');
		expect(error?.message).toContain('The runner has no notification msg_unknown');
	});

	it('needs the scope', async () => {
		const { error } = await cancel('msg_any', {
			credentials: credential(runner.url, 'sp_test_only_reads'),
		});
		expect(error?.description).toContain('Add the scope "send"');
	});
});

describe('a runner that cannot answer now', () => {
	it('is asked again after 503 and 429, as long as Retry-After asks', async () => {
		proxy.answer({ status: 503 }, { status: 429, retryAfter: 2.5 });
		const { error } = await send({}, { credentials: credential(proxy.url) });
		expect(error).toBeUndefined();
		const [first, second, third] = proxy.requests.map(({ at }) => at);
		expect(second! - first!).toBeGreaterThanOrEqual(400);
		expect(third! - second!).toBeGreaterThanOrEqual(2_450);
	}, 10_000);

	it('is not waited for when it asks for more than 30 s', async () => {
		proxy.answer({ status: 429, retryAfter: 31 });
		const { error } = await send({}, { credentials: credential(proxy.url) });
		expect(error?.message).toContain('it answered 429');
		expect(proxy.requests).toHaveLength(1);
	});

	it('does not follow a redirect with its key', async () => {
		proxy.answer({ status: 307, headers: { location: `${runner.url}/send/batch` } });
		const { error } = await send({}, { credentials: credential(proxy.url) });
		expect(error?.message).toContain('it answered 307');
	});

	it('is named when nothing listens there', async () => {
		const { url } = proxy;
		await proxy.close();
		const { error } = await send({}, { credentials: credential(url) });
		expect(error?.message).toBe(
			`The runner at ${url} did not answer: the connection was refused [Item 0]`,
		);
		expect(error?.description).toContain('If n8n runs in a container');
		proxy = await startRecordingServer(() => ({ status: 200, body: '' }));
	}, 10_000);
});

describe('what the runner refuses', () => {
	it.each([
		[{ channels: ['pigeon'] }, /^Channels: pigeon has no connection here; one of: .*console/],
		[{ channels: ['email'] }, /^Recipient: email needs a recipient address/],
		[{ channels: ['console'], fallbackChannels: ['email:none'] }, /^Fallback Channels: /],
		[{ options: { callbackUrl: 'http://127.0.0.1/' } }, /^Callback URL: /],
		[{ options: { expiresAt: '2020-01-01T00:00:00' } }, /^Expires At: must be in the future/],
		[{ options: { metadata: 'no JSON' } }, /^Metadata: must be a JSON object/],
		[{ options: { metadata: '[1]' } }, /^Metadata: must be a JSON object/],
		[
			{ options: { metadata: '{"__proto__": {}}' } },
			/^Metadata: must not have a member "__proto__"/,
		],
		[{ options: { sendAt: 'tomorrow' } }, /^Send At: must be a date and time/],
	])('%j is explained with the name of the parameter', async (parameters, message) => {
		const { error } = await send(parameters);
		expect(error?.message).toMatch(message);
		expect(error?.message).toMatch(/ \[Item 0\]$/);
	});

	it('names the item, and sends the others', async () => {
		const { outputs } = await send(
			{ channels: '={{ [$json.channel] }}' },
			{
				items: [{ channel: 'console' }, { channel: 'pigeon' }, { channel: 'console' }],
				settings: { onError: 'continueRegularOutput' },
			},
		);
		expect(outputs[0]!.map(({ json }) => json.status)).toEqual(['queued', undefined, 'queued']);
		expect(outputs[0]![1]!.json.error).toMatch(/^Channels: pigeon.*\[Item 1\]$/);
	});

	it('an unknown key', async () => {
		const { error } = await send({}, { credentials: credential(runner.url, 'sp_wrong') });
		expect(error?.message).toContain('The runner does not know this API key');
		expect(error?.description).toContain('api_keys');
	});

	it('a key without the scope', async () => {
		const { error } = await send({}, { credentials: credential(runner.url, 'sp_test_only_reads') });
		expect(error?.description).toContain('Add the scope "send"');
	});

	it('a notification that it does not have', async () => {
		const { error } = await runNode(loader, 'sendNotification', {
			parameters: { operation: 'get', notificationId: 'msg_unknown' },
			credentials: credential(),
		});
		expect(error?.message).toContain('The runner has no notification msg_unknown');
	});
});

describe('the drop-down of channels', () => {
	it('lists each channel with its default, and each connection where there are several', async () => {
		expect(await loadOptions(loader, 'getChannels', credential())).toEqual([
			{ name: 'E-mail (Default: mail)', value: 'email' },
			{ name: 'E-mail – mail', value: 'email:mail' },
			{ name: 'E-mail – shop', value: 'email:shop' },
			{ name: 'Console (Default: terminal)', value: 'console' },
		]);
	});

	it('says what to do when the key is wrong', async () => {
		const listing = loadOptions(loader, 'getChannels', credential(runner.url, 'sp_wrong'));
		await expect(listing).rejects.toThrow('The runner does not know this API key');
	});
});
