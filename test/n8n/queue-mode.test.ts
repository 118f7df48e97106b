import { readFileSync } from 'node:fs';
import type { CredentialReference, Workflow, WorkflowFileNode } from '../../scripts/n8n/api.ts';
import type { ExecutionResult } from '../../scripts/n8n/execution-result.ts';
import { API_KEY, type RunnerProcess, startRunner } from '../support/runner-process.ts';
import { itemsOf, ourNode, START, startedByHand } from '../support/single-node.ts';
import { N8N_START_TIMEOUT_MS } from '../support/temporary-n8n.ts';
import {
	startTemporaryN8nCluster,
	type TemporaryN8nCluster,
} from '../support/temporary-n8n-cluster.ts';
import { waitUntil } from '../support/wait-until.ts';
import { sceneCredential, sceneParameters, sendTo } from '../support/webhooks/at-trigger.ts';
import { twilio } from '../support/webhooks/twilio.ts';

/** n8n with a worker and two webhook processors: what each of them does with our nodes. */
const TEST_TIMEOUT_MS = 120_000;

const cleanUp: (() => Promise<void>)[] = [];
let runner: RunnerProcess;
let cluster: TemporaryN8nCluster;
let surepingApi: CredentialReference;

beforeAll(async () => {
	runner = await startRunner();
	cleanUp.push(runner.dispose);
	cluster = await startTemporaryN8nCluster();
	cleanUp.push(cluster.dispose);
	const data = { baseUrl: runner.url, apiKey: API_KEY };
	surepingApi = await cluster.api.saveCredential('Runner', 'surepingApi', data);
}, 2 * N8N_START_TIMEOUT_MS);

afterAll(async () => {
	for (const close of cleanUp.reverse()) await close();
}, 90_000);

const importNode = (
	name: string,
	node: WorkflowFileNode,
	credentials: Record<string, CredentialReference> = { surepingApi },
): Promise<Workflow> =>
	cluster.api.importWorkflow({ name, nodes: [node], connections: {} }, credentials);

const idsOf = (executions: readonly ExecutionResult[]): string[] =>
	itemsOf(executions).map(({ notificationId }) => String(notificationId));

const tell = async (): Promise<string> => {
	const { body } = await runner.post('/send', { message: 'hello', channels: ['console'] });
	return String(body.notification_id);
};

/** The worker's own word for every execution that it has taken. */
const expectOnWorker = (executions: readonly ExecutionResult[]): void => {
	const log = readFileSync(cluster.worker.logFile, 'utf8');
	for (const { id } of executions) expect(log).toContain(`Worker started execution ${id} `);
};

describe('in queue mode', () => {
	it(
		'a send runs on the worker',
		async () => {
			const send = ourNode('sendNotification', 2, { message: 'hello', channels: ['console'] });
			const file = startedByHand('Send', send);
			const workflow = await cluster.api.importWorkflow(file, { surepingApi });
			const run = await cluster.api.runManually(workflow, START);
			expect([run.status, run.error]).toEqual(['success', undefined]);
			const [sent] = idsOf([run]);
			expect((await runner.get(`/notifications/${sent}`)).status).toBe(200);
			expectOnWorker([run]);
		},
		TEST_TIMEOUT_MS,
	);

	it(
		'events of the runner arrive at both webhook processors, and each starts one execution',
		async () => {
			const parameters = { provider: 'sureping', events: ['notification.delivered'] };
			const workflow = await importNode('Trigger', ourNode('webhookTrigger', 3, parameters));
			await cluster.api.activate(workflow);
			const { endpoints } = (await runner.get('/endpoints')).body;
			expect(endpoints).toMatchObject([{ url: expect.stringContaining(cluster.proxy.url) }]);

			const told: string[] = [];
			// One after the other, so that they do not come in one request.
			for (let i = 0; i < 4; i++) {
				told.push(await tell());
				await waitUntil('the event has arrived', async () => {
					const { body } = await runner.get('/webhook-deliveries?status=delivered&limit=10');
					return body.webhook_deliveries.length === told.length;
				});
			}
			const executions = await cluster.api.waitForExecutions(workflow, told.length, 60_000);
			expect(idsOf(executions).sort()).toEqual(told.sort());
			expect(executions).toHaveLength(told.length);
			expect([...cluster.proxy.taken.keys()].sort()).toEqual(
				cluster.processors.map(({ url }) => url).sort(),
			);
			expectOnWorker(executions);
		},
		TEST_TIMEOUT_MS,
	);

	it(
		'a webhook processor starts nothing for a duplicate that it has had, and refuses a forged request',
		async () => {
			const { type, data } = sceneCredential(twilio, {});
			const credential = await cluster.api.saveCredential('Twilio', type, data);
			const node = ourNode('webhookTrigger', 3, sceneParameters(twilio), { [type]: {} });
			const workflow = await importNode('Twilio', node, { [type]: credential });
			await cluster.api.activate(workflow);
			const path = `/webhook/${node.webhookId}/webhook`;
			const request = await twilio.sign({ url: cluster.proxy.url + path });
			const forged = await twilio.sign({ url: `${cluster.proxy.url}${path}/elsewhere` });
			const [one, other] = cluster.processors.map(({ url }) => url + path);
			const status = async (url = '', what = request): Promise<number> =>
				(await sendTo(url, what)).status;

			await waitUntil('it is taken', async () => (await status(one)) === 200, 60_000);
			expect(await status(one)).toBe(200);
			expect([await status(one, forged), await status(other, forged)]).toEqual([401, 401]);
			await cluster.api.waitForExecutions(workflow, 1, 60_000);
			// Each process remembers for itself: the other one has not had it.
			expect([await status(other), await status(other)]).toEqual([200, 200]);
			await cluster.api.waitForExecutions(workflow, 2, 60_000);
			expect(await cluster.api.executions(workflow)).toHaveLength(2);
		},
		TEST_TIMEOUT_MS,
	);

	it(
		'the Polling Trigger reads each event once, and what it starts runs on the worker',
		async () => {
			const before = await tell();
			const options = { startAt: 'oldest' };
			const parameters = { events: ['notification.delivered'], options };
			const workflow = await importNode('Poll', ourNode('pollingTrigger', 2, parameters));
			await cluster.api.activate(workflow);
			const executions = await cluster.api.waitForExecutions(workflow, 1, 60_000);
			const ids = idsOf(executions);
			expect(ids).toContain(before);
			expect(new Set(ids).size).toBe(ids.length);
			expectOnWorker(executions);
		},
		TEST_TIMEOUT_MS,
	);
});
