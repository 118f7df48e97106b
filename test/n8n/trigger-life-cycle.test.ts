import { randomUUID } from 'node:crypto';
import type { CredentialReference, Workflow, WorkflowFile } from '../../scripts/n8n/api.ts';
import type { ExecutionResult } from '../../scripts/n8n/execution-result.ts';
import { API_KEY, ended, type RunnerProcess, startRunner } from '../support/runner-process.ts';
import {
	N8N_START_TIMEOUT_MS,
	startTemporaryN8n,
	type TemporaryN8n,
} from '../support/temporary-n8n.ts';
import { waitUntil } from '../support/wait-until.ts';

const TRIGGER = 'Notification Webhook Trigger';
const TEST_TIMEOUT_MS = 90_000;

const cleanUp: (() => Promise<void>)[] = [];
let runner: RunnerProcess;
let local: TemporaryN8n;
let surepingApi: CredentialReference;
let workflow: Workflow;
/** The notifications that were sent, each of which makes one event of the kind that the workflow waits for. */
const sent: string[] = [];

beforeAll(async () => {
	// A webhook is given up within half a second.
	runner = await startRunner({
		webhook_retry: { delays_s: [0.2, 0.2], jitter: 0, timeout_s: 2 },
	});
	cleanUp.push(runner.dispose);
	local = await startTemporaryN8n();
	cleanUp.push(local.dispose);
	surepingApi = await saveCredential('Runner', runner);
	workflow = await local.api.importWorkflow(triggerWorkflow('Life cycle'), { surepingApi });
	await local.api.activate(workflow);
}, N8N_START_TIMEOUT_MS);

afterAll(async () => {
	for (const close of cleanUp.reverse()) await close();
}, 60_000);

const saveCredential = (name: string, { url }: RunnerProcess): Promise<CredentialReference> =>
	local.api.saveCredential(name, 'surepingApi', { baseUrl: url, apiKey: API_KEY });

function triggerWorkflow(name: string): WorkflowFile {
	const node = {
		id: randomUUID(),
		name: TRIGGER,
		type: 'n8n-nodes-sureping.webhookTrigger',
		typeVersion: 2,
		position: [0, 0] satisfies [number, number],
		parameters: { provider: 'sureping', events: ['notification.delivered'] },
		webhookId: randomUUID(),
		credentials: { surepingApi: {} },
	};
	return { name, nodes: [node], connections: {} };
}

async function send(): Promise<string> {
	const { body } = await runner.post('/send', { message: 'hello', channels: ['console'] });
	const id = String(body.notification_id);
	sent.push(id);
	await ended(runner, id);
	return id;
}

/** The notifications whose events started an execution, in the order of the sends. */
function arrived(executions: readonly ExecutionResult[], mode: string): string[] {
	return executions
		.filter((execution) => execution.mode === mode)
		.flatMap(({ runs }) => runs[TRIGGER] ?? [])
		.flatMap(({ outputs }) => outputs.flat())
		.map(({ notificationId }) => String(notificationId))
		.sort((a, b) => sent.indexOf(a) - sent.indexOf(b));
}

/** Waits until everything that was sent arrived in production, and checks that it did so once. */
async function expectEachOnce(): Promise<void> {
	await waitUntil(
		'every event arrives',
		async () => {
			const executions = await local.api.executions(workflow);
			return new Set(arrived(executions, 'webhook')).size === sent.length;
		},
		30_000,
	);
	// A repeat would have come by now: the runner owes nothing any more.
	const { webhook_deliveries: owed } = (await runner.get('/webhook-deliveries?status=pending'))
		.body;
	expect(owed).toEqual([]);
	expect(arrived(await local.api.executions(workflow), 'webhook')).toEqual(sent);
}

const endpoints = async (): Promise<readonly Record<string, unknown>[]> =>
	(await runner.get('/endpoints')).body.endpoints;

describe('the trigger in a real n8n', () => {
	it(
		'gets each event once that happened while its workflow was inactive',
		async () => {
			const [active] = await endpoints();
			await send();
			await expectEachOnce();

			await local.api.deactivate(workflow);
			expect(await endpoints()).toEqual([
				{ ...active, status: 'disabled', disabled_reason: 'requested' },
			]);
			await send();
			await send();
			await local.api.activate(workflow);
			expect(await endpoints()).toEqual([active]);
			await send();
			await expectEachOnce();
		},
		TEST_TIMEOUT_MS,
	);

	it(
		'gets each event once that happened after n8n was killed, also those that the runner gave up',
		async () => {
			await local.n8n.kill();
			await send();
			await send();
			await waitUntil('both are given up', async () => {
				const { body } = await runner.get('/webhook-deliveries?status=exhausted');
				return body.webhook_deliveries.length === 2;
			});
			await local.n8n.restart();
			await expectEachOnce();
		},
		N8N_START_TIMEOUT_MS,
	);

	it(
		'listens for a test event beside the active workflow, which misses nothing',
		async () => {
			const active = await endpoints();
			await local.api.listenForTestEvent(workflow, TRIGGER);
			const [test] = (await endpoints()).filter(({ expires_at }) => expires_at !== undefined);
			expect(test).toMatchObject({
				url: expect.stringContaining('/webhook-test/'),
				events: ['notification.delivered'],
			});
			expect(await endpoints()).toHaveLength(2);

			const id = await send();
			await waitUntil(
				'the test has its event',
				async () => arrived(await local.api.executions(workflow), 'manual').includes(id),
				30_000,
			);
			await expectEachOnce();
			await waitUntil(
				'the endpoint of the test is removed',
				async () => (await endpoints()).length === 1,
			);
			expect(await endpoints()).toEqual(active);
			await send();
			await expectEachOnce();
			expect(arrived(await local.api.executions(workflow), 'manual')).toEqual([id]);
		},
		TEST_TIMEOUT_MS,
	);

	it(
		'shows the setting to change when the runner refuses its URL',
		async () => {
			const careful = await startRunner({ security: { allow_hosts: [] } });
			cleanUp.push(careful.dispose);
			const refused = await local.api.importWorkflow(triggerWorkflow('Refused'), {
				surepingApi: await saveCredential('Careful runner', careful),
			});
			await expect(local.api.activate(refused)).rejects.toThrow(
				/The webhook URL of n8n: .*add "127\.0\.0\.1" to security\.allow_hosts/,
			);
		},
		TEST_TIMEOUT_MS,
	);
});
