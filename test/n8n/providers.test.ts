import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { PROVIDERS, type ReceivedEvent } from '@sureping/engine';
import type { INodeParameters } from 'n8n-workflow';
import type { Workflow, WorkflowFileNode } from '../../scripts/n8n/api.ts';
import type { ExecutionResult } from '../../scripts/n8n/execution-result.ts';
import { type AmazonSns, startAmazonSns } from '../fakes/amazon-sns.ts';
import { selfSigned } from '../support/self-signed.ts';
import {
	N8N_START_TIMEOUT_MS,
	startTemporaryN8n,
	type TemporaryN8n,
} from '../support/temporary-n8n.ts';
import { waitUntil } from '../support/wait-until.ts';
import {
	forged,
	isReachable,
	sceneCredential,
	sceneParameters,
	sendTo,
} from '../support/webhooks/at-trigger.ts';
import { receiveScene } from '../support/webhooks/conformance.ts';
import { type Scene, SCENES, type SceneRequest } from '../support/webhooks/index.ts';
import { otpiqUrlToken } from '../support/webhooks/otpiq.ts';
import { sendgrid } from '../support/webhooks/sendgrid.ts';
import {
	notification,
	ses,
	sesVersion1,
	signEnvelope,
	snsRequest,
} from '../support/webhooks/ses.ts';
import { slack } from '../support/webhooks/slack.ts';
import { whatsapp } from '../support/webhooks/whatsapp.ts';

const TRIGGER = 'Notification Webhook Trigger';
const OUTPUTS = ['Delivered', 'Failed', 'Engagement', 'Other'];
const VERIFY_TOKEN = 'a token of my choice';
const TEST_TIMEOUT_MS = 60_000;

/** Signed by a key whose certificate is good now; that of the scenes is good on the day of their time. */
const amazon = selfSigned('sns.amazonaws.com');
const amazonToday = (scene: Scene, version: '1' | '2'): Scene => ({
	...scene,
	certificate: amazon.cert,
	sign: (signing) => snsRequest(signEnvelope(notification(signing), version, amazon.key)),
});

/** With the token in the query, which is where a URL of n8n has room for it. */
const otpiqQueryToken: Scene = {
	...otpiqUrlToken,
	title: 'OTPIQ, delivery reports with a token in the query',
	async sign({ secret = otpiqUrlToken.secret, url = '', ...signing } = {}) {
		const request = await otpiqUrlToken.sign({ secret, url, ...signing });
		return { ...request, url: `${url}?token=${secret}` };
	},
};

const scenes: readonly Scene[] = [
	...SCENES.filter((scene) => isReachable(scene) && scene.provider !== 'ses'),
	otpiqQueryToken,
	amazonToday(ses, '2'),
	amazonToday(sesVersion1, '1'),
];

interface Active {
	readonly workflow: Workflow;
	readonly url: string;
}

const cleanUp: (() => Promise<void> | void)[] = [];
let sns: AmazonSns;
let local: TemporaryN8n;

beforeAll(async () => {
	sns = await startAmazonSns(amazon.cert);
	cleanUp.push(sns.close);
	const directory = mkdtempSync(join(tmpdir(), 'sureping-authority-'));
	cleanUp.push(() => rmSync(directory, { recursive: true }));
	const authority = join(directory, 'amazon.pem');
	writeFileSync(authority, sns.authority);
	local = await startTemporaryN8n({
		// In lower case they come before those that the machine may have.
		https_proxy: sns.proxyUrl,
		no_proxy: '127.0.0.1,localhost',
		NODE_EXTRA_CA_CERTS: authority,
	});
	cleanUp.push(local.dispose);
}, N8N_START_TIMEOUT_MS);

afterAll(async () => {
	for (const close of cleanUp.reverse()) await close();
}, 60_000);

/** An active workflow for a scene's provider, with a node behind each output that the trigger has. */
async function activate(
	scene: Scene,
	parameters: INodeParameters = {},
	more: Record<string, string> = {},
	outputs: readonly string[] = [],
): Promise<Active> {
	const { type, data } = sceneCredential(scene);
	const credential = await local.api.saveCredential(randomUUID(), type, { ...data, ...more });
	const webhookId = randomUUID();
	const trigger: WorkflowFileNode = {
		id: randomUUID(),
		name: TRIGGER,
		type: 'n8n-nodes-sureping.webhookTrigger',
		typeVersion: 2,
		position: [0, 0],
		parameters: { ...sceneParameters(scene), ...parameters },
		webhookId,
		credentials: { [type]: {} },
	};
	const behind = outputs.map((name, i): WorkflowFileNode => ({
		name,
		type: 'n8n-nodes-base.noOp',
		typeVersion: 1,
		position: [300, i * 150],
		parameters: {},
	}));
	const main = outputs.map((node) => [{ node, type: 'main', index: 0 }]);
	const workflow = await local.api.importWorkflow(
		{ name: scene.title, nodes: [trigger, ...behind], connections: { [TRIGGER]: { main } } },
		{ [type]: credential },
	);
	await local.api.activate(workflow);
	return { workflow, url: `${local.n8n.url}/webhook/${webhookId}/webhook` };
}

const now = (): number => Math.floor(Date.now() / 1000);

/** Facts on which the two ways to read a request must agree. */
const gist = ({
	eventId,
	provider,
	type,
	notificationId,
	channel,
	status,
	final,
}: Partial<ReceivedEvent>): object => ({
	eventId,
	provider,
	type,
	notificationId,
	channel,
	status,
	final,
});

const itemsOf = (
	executions: readonly ExecutionResult[],
	node = TRIGGER,
): Partial<ReceivedEvent>[] =>
	executions.flatMap(({ runs }) => runs[node] ?? []).flatMap(({ outputs }) => outputs.flat());

/** n8n answers once the execution is stored, so that there is no more to come. */
const executions = async ({ workflow }: Active): Promise<readonly ExecutionResult[]> =>
	await waitUntil('every execution has ended', async () => {
		const all = await local.api.executions(workflow);
		return all.every(({ status }) => status === 'success') && all;
	});

const answered = async (response: Response): Promise<[number, string]> => [
	response.status,
	await response.text(),
];

describe.each(scenes.map((scene) => [scene.title, scene] as const))('%s', (_, scene) => {
	it(
		'starts one execution with its events, none when it comes again, and none when it is forged',
		async () => {
			const active = await activate(scene);
			const at = now();
			const forgery = await sendTo(active.url, await forged(scene, active.url, at));
			expect(await answered(forgery)).toEqual([401, '{"message":"Unauthorized"}']);
			expect(await executions(active)).toEqual([]);

			const request = await scene.sign({ at, url: active.url });
			const received = await receiveScene(scene, request, { now: at * 1000 });
			if (!received.ok) throw new Error(received.reason);
			const { events, answer } = received;
			for (const count of [events.length, 0]) {
				const response = await sendTo(active.url, request);
				const body = answer?.body ?? JSON.stringify({ received: count });
				expect(await answered(response)).toEqual([200, body]);
			}

			const started = await executions(active);
			expect(started).toHaveLength(1);
			expect(itemsOf(started).map(gist)).toEqual(events.map(gist));
		},
		TEST_TIMEOUT_MS,
	);
});

it('has every provider', () => {
	const seen: readonly string[] = scenes.map(({ provider }) => provider);
	expect(Object.keys(PROVIDERS).filter((id) => !seen.includes(id))).toEqual([]);
});

describe('setting a webhook up', () => {
	it(
		'answers the challenge of WhatsApp to who knows the verify token',
		async () => {
			const active = await activate(whatsapp, {}, { verifyToken: VERIFY_TOKEN });
			const challenge = async (token: string): Promise<[number, string]> => {
				const target = new URL(active.url);
				target.search = new URLSearchParams({
					'hub.mode': 'subscribe',
					'hub.verify_token': token,
					'hub.challenge': '1158201444',
				}).toString();
				return await answered(await fetch(target));
			};
			expect(await challenge('guessed')).toEqual([401, '{"message":"Unauthorized"}']);
			expect(await challenge(VERIFY_TOKEN)).toEqual([200, '1158201444']);
			expect(await executions(active)).toEqual([]);
		},
		TEST_TIMEOUT_MS,
	);

	it(
		"answers Slack's url_verification when it is signed",
		async () => {
			const active = await activate(slack);
			const body = JSON.stringify({ type: 'url_verification', challenge: '3eZbrw1aBm2rZgRNFdxV' });
			const signing = { body, at: now(), url: active.url };
			const unsigned = await slack.sign({ ...signing, secret: slack.otherSecret });
			expect((await sendTo(active.url, unsigned)).status).toBe(401);
			const answer = await sendTo(active.url, await slack.sign(signing));
			expect(answer.headers.get('content-type')).toContain('text/plain');
			expect(await answered(answer)).toEqual([200, '3eZbrw1aBm2rZgRNFdxV']);
			expect(await executions(active)).toEqual([]);
		},
		TEST_TIMEOUT_MS,
	);

	it(
		'confirms the subscription of Amazon SNS',
		async () => {
			const active = await activate(ses);
			const path = '/?Action=ConfirmSubscription&Token=2336412f';
			const envelope = {
				...notification({ at: now() }),
				Message: 'You have chosen to subscribe to the topic.',
				SubscribeURL: `https://sns.us-west-2.amazonaws.com${path}`,
				Token: '2336412f',
				Type: 'SubscriptionConfirmation',
			};
			const request = snsRequest(signEnvelope(envelope, '2', amazon.key));
			expect((await sendTo(active.url, request)).status).toBe(200);
			expect(sns.requests).toContain(path);
			expect(await executions(active)).toEqual([]);
		},
		TEST_TIMEOUT_MS,
	);

	it(
		'refuses a GET where the provider only posts',
		async () => {
			const active = await activate(sendgrid);
			const response = await fetch(active.url);
			expect([response.status, response.headers.get('allow')]).toEqual([405, 'POST']);
			expect(await executions(active)).toEqual([]);
		},
		TEST_TIMEOUT_MS,
	);
});

describe('a request of many events', () => {
	const event = (kind: string, more: object = {}): object => ({
		email: 'alex@example.com',
		timestamp: 1513299569,
		event: kind,
		sg_event_id: `id-of-${kind}`,
		sg_message_id: '14c5d75ce93.dfd.64b469.filter0001.16648.5515E0B88.0',
		...more,
	});
	const signed = async (url: string, events: readonly unknown[]): Promise<SceneRequest> =>
		await sendgrid.sign({ body: JSON.stringify(events), at: now(), url });

	it(
		'starts one execution with all of them, what cannot be read as it came, also when it is compressed',
		async () => {
			const active = await activate(sendgrid);
			const events = [event('delivered'), 'no event', { event: 7 }, event('open'), null];
			const request = await signed(active.url, events);
			const compressed = {
				...request,
				headers: { ...request.headers, 'content-encoding': 'gzip' },
				body: gzipSync(request.body),
			};
			expect(await answered(await sendTo(active.url, compressed))).toEqual([200, '{"received":5}']);
			// The same, as it is.
			expect(await answered(await sendTo(active.url, request))).toEqual([200, '{"received":0}']);
			const started = await executions(active);
			expect(started).toHaveLength(1);
			const unreadable = (raw: unknown) => ['unknown', true, raw];
			expect(itemsOf(started).map((one) => [one.type, one.unreadable, one.raw])).toEqual([
				['notification.delivered', undefined, events[0]],
				unreadable('no event'),
				unreadable({ event: 7 }),
				['notification.opened', undefined, events[3]],
				unreadable(null),
			]);
		},
		TEST_TIMEOUT_MS,
	);

	it(
		'comes out at one output per outcome, also where the first has none',
		async () => {
			const parameters = { options: { outputs: 'perOutcome' } };
			const active = await activate(sendgrid, parameters, {}, OUTPUTS);
			const everyKind = ['processed', 'delivered', 'bounce', 'open', 'dropped', 'click'];
			await sendTo(
				active.url,
				await signed(
					active.url,
					everyKind.map((kind) => event(kind)),
				),
			);
			const alone = event('bounce', { sg_event_id: 'alone' });
			await sendTo(active.url, await signed(active.url, [alone]));

			const started = await executions(active);
			const behind = started.map((one) =>
				OUTPUTS.map((name) => itemsOf([one], name).map(({ providerEvent }) => providerEvent)),
			);
			expect(behind).toEqual([
				[['delivered'], ['bounce', 'dropped'], ['open', 'click'], ['processed']],
				[[], ['bounce'], [], []],
			]);
		},
		TEST_TIMEOUT_MS,
	);

	it(
		'starts the workflow with the chosen events alone, with their headers, and is answered as the node says',
		async () => {
			const active = await activate(sendgrid, {
				events: ['notification.bounced'],
				options: { includeHeaders: true, responseBody: '{"taken":true}' },
			});
			const request = await signed(active.url, [event('delivered'), event('bounce')]);
			const withMore = {
				...request,
				headers: { ...request.headers, 'x-request-id': 'r-1', 'x-api-key': 'k', cookie: 'c=1' },
			};
			const response = await sendTo(active.url, withMore);
			expect(response.headers.get('content-type')).toContain('application/json');
			expect(await answered(response)).toEqual([200, '{"taken":true}']);
			const items = itemsOf(await executions(active));
			expect(items).toMatchObject([
				{
					type: 'notification.bounced',
					headers: { 'x-request-id': 'r-1', 'content-type': 'application/json' },
				},
			]);
			const shown = JSON.stringify(items);
			for (const secret of ['x-api-key', 'cookie', sendgrid.signatureHeader!]) {
				expect(shown).not.toContain(`"${secret}"`);
			}
		},
		TEST_TIMEOUT_MS,
	);
});
