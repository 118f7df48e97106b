import { randomUUID } from 'node:crypto';
import type { ReceivedEvent } from '@sureping/engine';
import type { INodeParameters } from 'n8n-workflow';
import type { CredentialReference, Workflow } from '../../scripts/n8n/api.ts';
import type { ExecutionResult } from '../../scripts/n8n/execution-result.ts';
import { PUBLIC_URL, report } from '../support/report.ts';
import { API_KEY, type RunnerProcess, startRunner } from '../support/runner-process.ts';
import {
	N8N_START_TIMEOUT_MS,
	startTemporaryN8n,
	type TemporaryN8n,
} from '../support/temporary-n8n.ts';
import { waitUntil } from '../support/wait-until.ts';
import { receiveScene } from '../support/webhooks/conformance.ts';
import type { Scene } from '../support/webhooks/index.ts';
import { otpiqReport } from '../support/webhooks/otpiq.ts';
import { twilio } from '../support/webhooks/twilio.ts';

const TRIGGER = 'Trigger';
const EVENTS = ['notification.delivered', 'notification.failed'];
const TEST_TIMEOUT_MS = 90_000;

type Fact = Pick<ReceivedEvent, 'provider' | 'type' | 'notificationId'> & { raw?: unknown };

const cleanUp: (() => Promise<void>)[] = [];
let runner: RunnerProcess;
let local: TemporaryN8n;
let surepingApi: CredentialReference;
/** Gets webhooks of the runner, at which it registered itself. */
let called: Workflow;
/** Asks the runner. */
let asking: Workflow;
/** Events in the words of a trigger's items. */
const happened: Fact[] = [];

beforeAll(async () => {
	runner = await startRunner({
		public_url: PUBLIC_URL,
		// A webhook is given up within half a second.
		webhook_retry: { delays_s: [0.2, 0.2], jitter: 0, timeout_s: 2 },
		inbound: [
			{ provider: 'twilio', connection: 'shop', secret: twilio.secret },
			{ provider: 'otpiq', connection: 'shop', secret: otpiqReport.secret },
		],
	});
	cleanUp.push(runner.dispose);
	local = await startTemporaryN8n();
	cleanUp.push(local.dispose);
	surepingApi = await local.api.saveCredential('Runner', 'surepingApi', {
		baseUrl: runner.url,
		apiKey: API_KEY,
	});
	called = await activate('webhookTrigger', 2, { provider: 'sureping', events: EVENTS });
	asking = await activate('pollingTrigger', 1, {
		source: 'sureping',
		events: EVENTS,
		// Not more often in n8n, which also asks at once whenever it activates the workflow.
		pollTimes: { item: [{ mode: 'everyMinute' }] },
	});
}, N8N_START_TIMEOUT_MS);

afterAll(async () => {
	for (const close of cleanUp.reverse()) await close();
}, 60_000);

async function activate(
	type: string,
	typeVersion: number,
	parameters: INodeParameters,
): Promise<Workflow> {
	const node = {
		id: randomUUID(),
		name: TRIGGER,
		type: `n8n-nodes-sureping.${type}`,
		typeVersion,
		position: [0, 0] satisfies [number, number],
		parameters,
		webhookId: randomUUID(),
		credentials: { surepingApi: {} },
	};
	const file = { name: type, nodes: [node], connections: {} };
	const workflow = await local.api.importWorkflow(file, { surepingApi });
	await local.api.activate(workflow);
	return workflow;
}

/** A report that a provider makes, and repeats, as providers do that did not get the answer. */
async function reported(scene: Scene, body: string): Promise<void> {
	const at = Math.floor(Date.now() / 1000);
	const url = `${PUBLIC_URL}/inbound/${scene.provider}/shop`;
	const request = await scene.sign({ body, url, at });
	for (const time of ['first', 'second']) {
		expect([time, (await report(runner, request)).status]).toEqual([time, 200]);
	}
	const direct = await receiveScene(scene, request, { now: at * 1000 });
	if (!direct.ok) throw new Error(direct.reason);
	happened.push(...direct.events.map(factOf));
}

async function sent(message: string): Promise<void> {
	const { status, body } = await runner.post('/send', { message, channels: ['console'] });
	expect(status).toBe(202);
	happened.push(delivered(String(body.notification_id)));
}

const delivered = (notificationId: string): Fact => ({
	provider: 'sureping',
	type: 'notification.delivered',
	notificationId,
});

let messages = 0;

/** Two providers make three reports, and two notifications of the runner's own are sent. */
async function somethingHappens(): Promise<void> {
	for (const status of ['delivered', 'undelivered']) {
		const sid = `SM${String(++messages).padStart(32, '0')}`;
		const fields = { MessageSid: sid, MessageStatus: status, To: '+14155550123' };
		await reported(twilio, new URLSearchParams(fields).toString());
	}
	const smsId = `sms_${++messages}`;
	await reported(otpiqReport, otpiqReport.body.replace('sms_1234567890abcdef', smsId));
	await sent('one');
	await sent('another');
}

/** A provider's payload is compared word for word; that of a runner is made by itself. */
const factOf = ({ provider, type, notificationId, raw }: Fact): Fact => ({
	provider,
	type,
	notificationId,
	...(provider === 'sureping' ? {} : { raw }),
});

const executions = async (workflow: Workflow): Promise<readonly ExecutionResult[]> =>
	await local.api.executions(workflow);

const factsIn = (all: readonly ExecutionResult[]): Fact[] =>
	all
		.flatMap(({ runs }) => runs[TRIGGER] ?? [])
		.flatMap(({ outputs }) => outputs.flat())
		// An item of the trigger, which the comparison checks.
		.map((item) => factOf(item as unknown as Fact));

const sorted = (facts: readonly Fact[]): readonly string[] =>
	facts.map((fact) => JSON.stringify(fact)).sort();

/** Waits until everything that happened has started a workflow, and checks that it did so once. */
async function expectEachOnce(workflow: Workflow): Promise<void> {
	await waitUntil(
		`everything arrives at the ${workflow.name}`,
		async () => new Set(sorted(factsIn(await executions(workflow)))).size >= happened.length,
		70_000,
	);
	// A repeat would have come by now: the runner owes nothing any more.
	await waitUntil('the runner owes nothing', async () => await owesNothing());
	expect(sorted(factsIn(await executions(workflow)))).toEqual(sorted(happened));
}

async function owesNothing(): Promise<boolean> {
	const { body } = await runner.get('/webhook-deliveries?status=pending');
	return body.webhook_deliveries.length === 0;
}

it(
	'what happens while the workflow is inactive starts it once it is active',
	async () => {
		await somethingHappens();
		await expectEachOnce(called);

		await local.api.deactivate(called);
		await somethingHappens();
		await local.api.activate(called);
		await expectEachOnce(called);
	},
	TEST_TIMEOUT_MS,
);

it(
	'what happens while n8n is killed starts its workflows once it runs, also when the runner is killed as well',
	async () => {
		await local.n8n.kill();
		await somethingHappens();
		await waitUntil('the webhooks are given up', async () => await owesNothing());
		await runner.kill('SIGKILL');
		await runner.start();
		await somethingHappens();
		await waitUntil('the webhooks are given up', async () => await owesNothing());

		await local.n8n.restart();
		await expectEachOnce(called);
		await expectEachOnce(asking);
		await somethingHappens();
		await expectEachOnce(called);
		await local.api.deactivate(asking);
		await local.api.activate(asking);
		await expectEachOnce(asking);
	},
	N8N_START_TIMEOUT_MS,
);

it(
	'what happens at once starts the workflow a few times, with many items each',
	async () => {
		const before = (await executions(called)).length;
		const sends = Array.from({ length: 250 }, (_, n) => ({
			message: `number ${n}`,
			channels: ['console'],
		}));
		const { body } = await runner.post('/send/batch', { sends });
		const results = body.results as { notification_id: string }[]; // 200 of the runner
		happened.push(...results.map(({ notification_id: id }) => delivered(id)));
		await expectEachOnce(called);
		expect((await executions(called)).length - before).toBeLessThan(25);
	},
	TEST_TIMEOUT_MS,
);
