import type { PackageDirectoryLoader } from 'n8n-core';
import { type FakeOnePing, startOnePing } from '../fakes/one-ping.ts';
import { loadPackage } from './n8n/package.ts';
import { type NodeResult, type NodeRun, runNode } from './n8n/run-workflow.ts';

let loader: PackageDirectoryLoader;
let onePing: FakeOnePing;

beforeAll(async () => {
	loader = await loadPackage();
});

beforeEach(async () => {
	onePing = await startOnePing();
});

afterEach(async () => {
	await onePing.close();
});

const send = async (
	parameters: NodeRun['parameters'] = {},
	rest: Partial<NodeRun> = {},
): Promise<NodeResult> =>
	await runNode(loader, 'sendNotification', {
		credentials: { onePingApi: { apiKey: onePing.apiKey, baseUrl: onePing.url } },
		...rest,
		parameters: {
			via: 'onePing',
			message: 'Backup done',
			channels: ['telegram'],
			recipient: '@ada',
			...parameters,
		},
	});

const bodies = (): unknown[] => onePing.requests.map(({ body }) => JSON.parse(body) as unknown);

describe('sending via One-Ping', () => {
	it('makes the documented request and puts out what is known', async () => {
		const { outputs } = await send({
			fallbackChannels: ['email'],
			options: {
				callbackUrl: 'https://example.com/hook',
				metadata: '{"order_id": "ORD-5678"}',
				retry: false,
				subject: 'Backup',
			},
		});
		expect(bodies()).toEqual([
			{
				message: 'Backup done',
				channels: ['telegram'],
				recipient: '@ada',
				fallback_channels: ['email'],
				callback_url: 'https://example.com/hook',
				metadata: { order_id: 'ORD-5678' },
				retry: false,
				subject: 'Backup',
			},
		]);
		expect(outputs[0]![0]!.json).toEqual({
			notificationId: 'msg_0000000001',
			status: 'queued',
			deliveries: [{ channel: 'telegram', recipient: '@ada', status: 'queued', attempts: [] }],
			raw: { notification_id: 'msg_0000000001', status: 'queued' },
		});
	});

	it('sends nothing that One-Ping does not document, even if it was set before', async () => {
		await send({ options: { priority: 'critical', timeout: 3, idempotencyKey: 'mine' } });
		expect(bodies()).toEqual([
			{ message: 'Backup done', channels: ['telegram'], recipient: '@ada' },
		]);
	});

	it('tries an item again after 503 and 429', async () => {
		onePing.answer({ status: 503 }, { status: 429, retryAfter: 1 });
		const { error } = await send();
		expect(error).toBeUndefined();
		expect(onePing.requests).toHaveLength(3);
	}, 10_000);

	it('does not send again what may have arrived', async () => {
		onePing.answer({ reset: true });
		const { error } = await send();
		expect(onePing.requests).toHaveLength(1);
		expect(error?.description).toContain('may have been taken, so it was not sent again');
	});

	it('takes a refusal as final and passes its words on', async () => {
		const { error } = await send({ channels: '={{ ["pigeon"] }}' });
		expect(onePing.requests).toHaveLength(1);
		expect(error?.message).toContain('it answered 400');
		expect(error?.description).toContain('Invalid: channels');
	});

	it('says that the key is not accepted', async () => {
		const { error } = await send(
			{},
			{ credentials: { onePingApi: { apiKey: 'op_wrong', baseUrl: onePing.url } } },
		);
		expect(error?.message).toBe('One-Ping does not accept the API key [Item 0]');
	});

	it('does not send a second time what went out, with Retry on Fail', async () => {
		onePing.answer({ status: 400 });
		const { error } = await send(
			{},
			{
				items: [{ n: 1 }, { n: 2 }],
				settings: { retryOnFail: true, maxTries: 2, waitBetweenTries: 1 },
			},
		);
		expect(error).toBeUndefined();
		expect(onePing.requests).toHaveLength(3);
	});

	it('does not send a second time what went out, when a person retries the execution', async () => {
		const run = { items: [{ n: 1 }, { n: 2 }], executionId: 'one' };
		onePing.answer({ status: 400 });
		const failed = await send({}, run);
		expect(failed.error).toBeDefined();
		const retried = await send({}, { ...run, executionId: 'two', retryOf: failed });
		expect(retried.error).toBeUndefined();
		expect(onePing.requests).toHaveLength(3);
	});
});
