import type {
	CredentialReference,
	Workflow,
	WorkflowFile,
	WorkflowFileNode,
} from '../../scripts/n8n/api.ts';
import { twilio } from '../support/webhooks/twilio.ts';
import { sceneCredential, sceneParameters, sendTo } from '../support/webhooks/at-trigger.ts';
import { API_KEY, type RunnerProcess, startRunner } from '../support/runner-process.ts';
import {
	itemsOf,
	NODE,
	type NodeType,
	ourNode,
	START,
	startedByHand,
} from '../support/single-node.ts';
import {
	N8N_START_TIMEOUT_MS,
	startTemporaryN8n,
	type TemporaryN8n,
} from '../support/temporary-n8n.ts';
import { waitUntil } from '../support/wait-until.ts';

/** The essentials of a workflow, on the n8n that `npm run test:n8n -- --n8n MAJOR` names. */
const TEST_TIMEOUT_MS = 90_000;

const cleanUp: (() => Promise<void>)[] = [];
let runner: RunnerProcess;
let local: TemporaryN8n;
let surepingApi: CredentialReference;

beforeAll(async () => {
	runner = await startRunner();
	cleanUp.push(runner.dispose);
	local = await startTemporaryN8n();
	cleanUp.push(local.dispose);
	const data = { baseUrl: runner.url, apiKey: API_KEY };
	surepingApi = await local.api.saveCredential('Runner', 'surepingApi', data);
}, N8N_START_TIMEOUT_MS);

afterAll(async () => {
	for (const close of cleanUp.reverse()) await close();
}, 60_000);

/** The first version of each node, as workflows stored it, and the newest. */
const VERSIONS = {
	first: { sendNotification: 1, webhookTrigger: 2, pollingTrigger: 1 },
	newest: { sendNotification: 2, webhookTrigger: 3, pollingTrigger: 2 },
} as const;
let versions: (typeof VERSIONS)[keyof typeof VERSIONS];

const chosenNode = (
	type: NodeType,
	parameters: Record<string, unknown>,
	credentials?: WorkflowFileNode['credentials'],
): WorkflowFileNode => ourNode(type, versions[type], parameters, credentials);

const importNode = (
	name: string,
	node: WorkflowFileNode,
	credentials: Record<string, CredentialReference> = { surepingApi },
): Promise<Workflow> =>
	local.api.importWorkflow({ name, nodes: [node], connections: {} }, credentials);

const tell = async (): Promise<string> => {
	const { body } = await runner.post('/send', { message: 'hello', channels: ['console'] });
	return String(body.notification_id);
};

describe.each(Object.entries(VERSIONS))('the %s versions', (_, chosen) => {
	beforeAll(() => {
		versions = chosen;
	});

	it(
		'sends, shows and cancels',
		async () => {
			const sending = (parameters: Record<string, unknown>): WorkflowFile =>
				startedByHand(JSON.stringify(parameters), chosenNode('sendNotification', parameters));
			const run = async (parameters: Record<string, unknown>): Promise<Record<string, unknown>> => {
				const workflow = await local.api.importWorkflow(sending(parameters), { surepingApi });
				const ended = await local.api.runManually(workflow, START);
				expect([ended.status, ended.error]).toEqual(['success', undefined]);
				return itemsOf([ended])[0]!;
			};
			const sent = await run({ message: 'hello', channels: ['console'] });
			expect(sent).toMatchObject({
				notificationId: expect.stringMatching(/^msg_/),
				status: 'queued',
			});
			const { notificationId } = sent;
			expect(await run({ operation: 'get', notificationId })).toMatchObject({ notificationId });
			const later = { message: 'later', channels: ['console'], options: { sendAt: '2099-01-01' } };
			const { notificationId: waiting } = await run(later);
			const cancelled = await run({ operation: 'cancel', notificationId: waiting });
			expect(cancelled).toMatchObject({ status: 'cancelled' });
		},
		TEST_TIMEOUT_MS,
	);

	it(
		'is told by the runner: activated, paused, activated again, and listening for a test event',
		async () => {
			const parameters = { provider: 'sureping', events: ['notification.delivered'] };
			const workflow = await importNode('Trigger', chosenNode('webhookTrigger', parameters));
			const arrived = async (mode: string): Promise<unknown[]> => {
				const executions = await local.api.executions(workflow);
				return itemsOf(executions.filter((one) => one.mode === mode)).map((i) => i.notificationId);
			};
			await local.api.activate(workflow);
			const first = await tell();
			await waitUntil('the first', async () => (await arrived('webhook')).includes(first), 30_000);
			await local.api.deactivate(workflow);
			const held = await tell();
			await local.api.activate(workflow);
			await waitUntil('the held', async () => (await arrived('webhook')).includes(held), 30_000);

			await local.api.listenForTestEvent(workflow, NODE);
			const test = await tell();
			await waitUntil('the test', async () => (await arrived('manual')).includes(test), 30_000);
			await waitUntil('production', async () => (await arrived('webhook')).includes(test), 30_000);
			expect(await arrived('webhook')).toEqual(expect.arrayContaining([first, held, test]));
			expect(await arrived('webhook')).toHaveLength(3);
			expect(await arrived('manual')).toEqual([test]);
		},
		TEST_TIMEOUT_MS,
	);

	it(
		'verifies a provider that signs the URL, and refuses a forged request',
		async () => {
			const { type, data } = sceneCredential(twilio, {});
			const credential = await local.api.saveCredential('Twilio', type, data);
			const node = chosenNode('webhookTrigger', sceneParameters(twilio), { [type]: {} });
			const workflow = await importNode('Twilio', node, { [type]: credential });
			await local.api.activate(workflow);
			const url = `${local.n8n.url}/webhook/${node.webhookId}/webhook`;
			const request = await twilio.sign({ url });
			await waitUntil(
				'it is taken',
				async () => (await sendTo(url, request)).status === 200,
				30_000,
			);
			const other = await twilio.sign({ url: `${url}/elsewhere` });
			expect((await sendTo(url, other)).status).toBe(401);
			expect(itemsOf(await local.api.waitForExecutions(workflow, 1))).toHaveLength(1);
		},
		TEST_TIMEOUT_MS,
	);

	it('polls', async () => {
		const before = await tell();
		const node = chosenNode('pollingTrigger', { events: ['notification.delivered'] });
		const workflow = await importNode('Poll', node);
		const run = await local.api.runManually(workflow, NODE);
		expect([run.status, run.error]).toEqual(['success', undefined]);
		expect(itemsOf([run]).map(({ notificationId }) => notificationId)).toContain(before);
	}, 120_000);
});
