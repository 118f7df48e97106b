import type { PackageDirectoryLoader } from 'n8n-core';
import { type FakeOnePush, startOnePush } from '../fakes/onepush.ts';
import { loadPackage } from './n8n/package.ts';
import { type NodeResult, type NodeRun, runNode } from './n8n/run-workflow.ts';

let loader: PackageDirectoryLoader;
let onePush: FakeOnePush;

beforeAll(async () => {
	loader = await loadPackage();
});

beforeEach(async () => {
	onePush = await startOnePush();
});

afterEach(async () => {
	await onePush.close();
});

const send = async (
	options: NodeRun['parameters'] = {},
	secretHeaderValue = onePush.headerValue,
): Promise<NodeResult> =>
	await runNode(loader, 'sendNotification', {
		credentials: {
			onePushApi: {
				url: `${onePush.url}/v1/anything`,
				headerName: 'X-Api-Key',
				secretHeaderValue,
			},
		},
		parameters: {
			via: 'onePush',
			message: 'Backup done',
			recipient: 'ada@example.com',
			options,
		},
	});

const bodies = (): unknown[] => onePush.requests.map(({ body }) => JSON.parse(body) as unknown);

describe('sending via OnePush', () => {
	it("posts to the credential's URL with its header, by the default names", async () => {
		const { outputs, error } = await send({
			subject: 'Backup',
			metadata: '{"order_id": "ORD-5678"}',
			idPath: 'data.id',
		});
		expect(error).toBeUndefined();
		expect(onePush.requests.map(({ method, path }) => [method, path])).toEqual([
			['POST', '/v1/anything'],
		]);
		expect(bodies()).toEqual([
			{
				to: 'ada@example.com',
				message: 'Backup done',
				subject: 'Backup',
				metadata: { order_id: 'ORD-5678' },
			},
		]);
		expect(outputs[0]![0]!.json).toEqual({
			notificationId: 'op-1',
			status: 'queued',
			deliveries: [
				{ channel: 'email', recipient: 'ada@example.com', status: 'queued', attempts: [] },
			],
			raw: { data: { id: 'op-1' } },
		});
	});

	it('uses the names that a person chose', async () => {
		await send({
			messageField: 'html',
			recipientField: 'email',
			subjectField: 'title',
			subject: 'Backup',
			additionalFields: '{"from": "ops@example.com"}',
		});
		expect(bodies()).toEqual([
			{
				from: 'ops@example.com',
				email: 'ada@example.com',
				html: 'Backup done',
				title: 'Backup',
			},
		]);
	});

	it('takes any 2xx for an acceptance, also without an ID', async () => {
		onePush.answer({ status: 204 });
		const { outputs } = await send();
		expect(outputs[0]![0]!.json).toMatchObject({ status: 'queued' });
		expect(outputs[0]![0]!.json).not.toHaveProperty('notificationId');
	});

	it('passes on what it does not accept, without the header', async () => {
		const { error } = await send({}, 'Key wrong_0123456789');
		expect(error?.message).toBe('OnePush does not accept the header value [Item 0]');
		expect(error?.description).toContain('unknown key');
		expect(JSON.stringify(error?.description)).not.toContain('wrong_0123456789');
	});

	it('does not send again what may have arrived', async () => {
		onePush.answer({ reset: true });
		const { error } = await send();
		expect(onePush.requests).toHaveLength(1);
		expect(error?.description).toContain('may have been taken, so it was not sent again');
	});
});
