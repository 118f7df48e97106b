import { parse } from 'flatted';
import type { CredentialReference, Workflow, WorkflowFile } from '../../scripts/n8n/api.ts';
import type { StoredExecution } from '../../scripts/n8n/execution-result.ts';
import { type FakeOnePing, startOnePing } from '../fakes/one-ping.ts';
import { json, startRecordingServer } from '../fakes/recording-server.ts';
import { type FakeSlack, startSlack } from '../fakes/slack.ts';
import { API_KEY, type RunnerProcess, startRunner } from '../support/runner-process.ts';
import {
	N8N_START_TIMEOUT_MS,
	startTemporaryN8n,
	type TemporaryN8n,
} from '../support/temporary-n8n.ts';

const TEST_TIMEOUT_MS = 90_000;
const START = 'Three items';
const SEND = 'Send Notification';
const NEXT = 'Next';

const cleanUp: (() => Promise<void>)[] = [];
let slack: FakeSlack;
let onePing: FakeOnePing;
let runner: RunnerProcess;
let local: TemporaryN8n;
let credentials: Record<string, CredentialReference>;

beforeAll(async () => {
	[slack, onePing, runner] = await Promise.all([startSlack(), startOnePing(), startRunner()]);
	cleanUp.push(slack.close, onePing.close, runner.dispose);
	local = await startTemporaryN8n();
	cleanUp.push(local.dispose);
	const save = (type: string, data: object) => local.api.saveCredential(type, type, data);
	credentials = {
		surepingApi: await save('surepingApi', { baseUrl: runner.url, apiKey: API_KEY }),
		surepingSlackApi: await save('surepingSlackApi', { secretWebhookUrl: slack.webhookUrl }),
		onePingApi: await save('onePingApi', { apiKey: onePing.apiKey, baseUrl: onePing.url }),
	};
}, N8N_START_TIMEOUT_MS);

afterAll(async () => {
	for (const close of cleanUp.reverse()) await close();
}, 60_000);

/** Three items, the node, and one after it. */
const importSending = (
	parameters: Record<string, unknown>,
	credential: string,
	settings: Record<string, unknown> = {},
): Promise<Workflow> =>
	local.api.importWorkflow(sendingFile(parameters, credential, settings), credentials);

function sendingFile(
	parameters: Record<string, unknown>,
	credential: string,
	settings: Record<string, unknown> = {},
): WorkflowFile {
	const send = {
		name: SEND,
		type: 'n8n-nodes-sureping.sendNotification',
		typeVersion: 1,
		position: [220, 0] satisfies [number, number],
		// Another message on every try, as people write them.
		parameters: { message: '={{ $json.n }} at {{ $now.toMillis() }}', ...parameters },
		credentials: { [credential]: {} },
		...settings,
	};
	const plain = (name: string, type: string, x: number): WorkflowFile['nodes'][number] => ({
		name,
		type: `n8n-nodes-base.${type}`,
		typeVersion: 1,
		position: [x, 0],
		parameters: {},
	});
	return {
		name: `Send ${JSON.stringify(parameters)}`,
		nodes: [plain(START, 'manualTrigger', 0), send, plain(NEXT, 'noOp', 440)],
		connections: {
			[START]: { main: [[{ node: SEND, type: 'main', index: 0 }]] },
			[SEND]: { main: [[{ node: NEXT, type: 'main', index: 0 }]] },
		},
		pinData: { [START]: [1, 2, 3].map((n) => ({ json: { n } })) },
	};
}

/** Which items the messages are of. */
const numbers = (texts: readonly unknown[]): string[] =>
	texts.map((text) => String(text).slice(0, 1)).sort();
const slackTexts = (): unknown[] =>
	slack.requests.map(({ body }) => (JSON.parse(body) as { text: unknown }).text);
const onePingTexts = (): unknown[] =>
	onePing.requests.map(({ body }) => (JSON.parse(body) as { message: unknown }).message);

const retrying = { retryOnFail: true, maxTries: 3, waitBetweenTries: 1_000 };
const direct = { via: 'direct', channels: ['slack'], options: { retry: false } };
const viaOnePing = { via: 'onePing', channels: ['telegram'], recipient: '@ada' };

describe('with Retry on Fail, what was sent is not sent again', () => {
	it(
		'via a runner',
		async () => {
			// The second item is refused in the first try and taken in the next.
			const later = Date.now() + 3_000;
			const channels = `={{ [$json.n === 2 && Date.now() < ${later} ? "pigeon" : "console"] }}`;
			const workflow = await importSending({ channels }, 'surepingApi', {
				...retrying,
				maxTries: 5,
			});
			const run = await local.api.runManually(workflow, START);
			expect([run.status, run.error]).toEqual(['success', undefined]);
			expect(run.runs[SEND]![0]!.outputs[0]).toHaveLength(3);
			expect(Date.now()).toBeGreaterThan(later);
			expect((await runner.get('/notifications')).body.notifications).toHaveLength(3);
		},
		TEST_TIMEOUT_MS,
	);

	it(
		'directly',
		async () => {
			slack.answer({}, { status: 404, body: 'no_service' }, {}, { status: 500 });
			const workflow = await importSending(direct, 'surepingSlackApi', retrying);
			const run = await local.api.runManually(workflow, START);
			expect([run.status, run.error]).toEqual(['success', undefined]);
			expect(run.runs[SEND]![0]!.outputs[0]).toHaveLength(3);
			// Three in the first try, and the refused one twice more.
			expect(new Set(numbers(slackTexts())).size).toBe(3);
			expect(slack.requests).toHaveLength(5);
		},
		TEST_TIMEOUT_MS,
	);

	it(
		'via One-Ping',
		async () => {
			onePing.answer({}, {}, { status: 400 });
			const workflow = await importSending(viaOnePing, 'onePingApi', retrying);
			const run = await local.api.runManually(workflow, START);
			expect([run.status, run.error]).toEqual(['success', undefined]);
			expect(onePing.requests).toHaveLength(4);
			expect(new Set(numbers(onePingTexts())).size).toBe(3);
		},
		TEST_TIMEOUT_MS,
	);
});

describe('what was sent is not sent again', () => {
	it(
		'when a person retries the execution that failed, also after a restart of n8n',
		async () => {
			const before = slack.requests.length;
			slack.answer({}, { status: 404, body: 'no_service' }, {});
			const workflow = await importSending(direct, 'surepingSlackApi');
			const failed = await local.api.runManually(workflow, START);
			expect(failed.status).toBe('error');
			expect(slack.requests.length - before).toBe(3);

			await local.n8n.restart();
			const retried = await local.api.retry(failed);
			expect([retried.status, retried.error]).toEqual(['success', undefined]);
			expect(retried.runs[SEND]![0]!.outputs[0]).toHaveLength(3);
			expect(slack.requests.length - before).toBe(4);
			expect(numbers(slackTexts().slice(before))).toEqual(expect.arrayContaining(['1', '2', '3']));
		},
		N8N_START_TIMEOUT_MS,
	);

	it(
		'when n8n was killed before it heard that the runner took it, and a person retries the execution',
		async () => {
			const asked = await startRecordingServer(({ body }) => {
				const { sends = [] } = JSON.parse(body) as { sends?: object[] };
				const results = sends.map((_, i) => ({ status: 202, notification_id: `msg_${i}` }));
				return json(200, { results });
			});
			cleanUp.push(asked.close);
			const surepingApi = await local.api.saveCredential('Slow runner', 'surepingApi', {
				baseUrl: asked.url,
				apiKey: API_KEY,
			});
			const file = sendingFile({ channels: ['console'] }, 'surepingApi');
			const settings = { saveExecutionProgress: true, saveManualExecutions: true };
			const workflow = await local.api.importWorkflow({ ...file, settings }, { surepingApi });
			asked.answer({ hang: true });
			const running = local.api.startManually(workflow, START);
			await asked.received(1);
			const executionId = await running;
			await local.n8n.kill();
			await local.n8n.restart();
			const killed = await local.api.execution(executionId);
			const retried = await local.api.retry(killed);
			expect([retried.status, retried.error]).toEqual(['success', undefined]);
			expect(retried.id).not.toBe(executionId);
			const keys = asked.requests.map(({ body }) => body.match(/n8n-[0-9a-f]{64}/g));
			expect(keys).toEqual([keys[0], keys[0]]);
			expect(keys[0]).toHaveLength(3);

			// Another execution is another send.
			await local.api.runManually(workflow, START);
			expect(asked.requests.at(-1)!.body.match(/n8n-[0-9a-f]{64}/g)).not.toEqual(keys[0]);
		},
		N8N_START_TIMEOUT_MS,
	);

	it(
		'when only a node after it is executed',
		async () => {
			const before = slack.requests.length;
			const workflow = await importSending(direct, 'surepingSlackApi');
			const first = await local.api.runManually(workflow, START);
			expect(slack.requests.length - before).toBe(3);

			const { data } = await local.api.call<StoredExecution>('GET', `/executions/${first.id}`);
			const { resultData } = parse(data) as { resultData: { runData: Record<string, object> } };
			const { [START]: start, [SEND]: sent } = resultData.runData;
			const { executionId } = await local.api.call<{ executionId: string }>(
				'POST',
				`/workflows/${workflow.id}/run`,
				{
					runData: { [START]: start, [SEND]: sent },
					destinationNode: { nodeName: NEXT, mode: 'inclusive' },
					dirtyNodeNames: [],
				},
			);
			await local.api.waitForExecutions(workflow, 2);
			const partial = await local.api.execution(executionId);
			expect(partial.runs[NEXT]![0]!.outputs[0]).toHaveLength(3);
			expect(slack.requests.length - before).toBe(3);
		},
		TEST_TIMEOUT_MS,
	);
});
