import { randomUUID } from 'node:crypto';
import type { Workflow } from '../../scripts/n8n/api.ts';
import { API_KEY, ended, type RunnerProcess, startRunner } from '../support/runner-process.ts';
import {
	N8N_START_TIMEOUT_MS,
	startTemporaryN8n,
	type TemporaryN8n,
} from '../support/temporary-n8n.ts';
import { waitUntil } from '../support/wait-until.ts';

const TRIGGER = 'Notification Polling Trigger';

const cleanUp: (() => Promise<void>)[] = [];
let runner: RunnerProcess;
let local: TemporaryN8n;
let workflow: Workflow;
const sent: string[] = [];

beforeAll(async () => {
	runner = await startRunner();
	cleanUp.push(runner.dispose);
	local = await startTemporaryN8n();
	cleanUp.push(local.dispose);
	const data = { baseUrl: runner.url, apiKey: API_KEY };
	const surepingApi = await local.api.saveCredential('Runner', 'surepingApi', data);
	const node = {
		id: randomUUID(),
		name: TRIGGER,
		type: 'n8n-nodes-sureping.pollingTrigger',
		typeVersion: 1,
		position: [0, 0] satisfies [number, number],
		parameters: {
			pollTimes: { item: [{ mode: 'everyMinute' }] },
			events: ['notification.delivered'],
		},
		credentials: { surepingApi: {} },
	};
	const file = { name: 'Polling', nodes: [node], connections: {} };
	workflow = await local.api.importWorkflow(file, { surepingApi });
}, N8N_START_TIMEOUT_MS);

afterAll(async () => {
	for (const close of cleanUp.reverse()) await close();
}, 60_000);

async function send(): Promise<void> {
	const { body } = await runner.post('/send', { message: 'hello', channels: ['console'] });
	const id = String(body.notification_id);
	await ended(runner, id);
	sent.push(id);
}

async function arrived(): Promise<readonly string[]> {
	const executions = await local.api.executions(workflow);
	return executions
		.flatMap(({ runs }) => runs[TRIGGER] ?? [])
		.flatMap(({ outputs }) => outputs.flat())
		.map(({ notificationId }) => String(notificationId))
		.sort((a, b) => sent.indexOf(a) - sent.indexOf(b));
}

const everythingArrived = async (): Promise<void> => {
	await waitUntil('all of it arrives', async () => (await arrived()).length >= sent.length, 90_000);
	expect(await arrived()).toEqual(sent);
};

describe('the polling trigger in a real n8n', () => {
	it('gives each event once that came after the first activation, also while it was off', async () => {
		await runner.post('/send', { message: 'before', channels: ['console'] });
		await local.api.activate(workflow);
		await send();
		await local.api.deactivate(workflow);
		await send();
		await local.api.activate(workflow);
		await everythingArrived();
	}, 150_000);

	it('stays active while the runner is down, and loses nothing', async () => {
		await runner.kill('SIGTERM');
		await waitUntil(
			'a poll fails',
			async () => (await local.api.executions(workflow)).some(({ status }) => status === 'error'),
			90_000,
		);
		await runner.start();
		await send();
		await everythingArrived();
	}, 240_000);
});
