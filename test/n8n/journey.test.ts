import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { signingKey, signOnePing } from '@sureping/engine';
import type { CredentialReference, Workflow, WorkflowFile } from '../../scripts/n8n/api.ts';
import type { ExecutionResult } from '../../scripts/n8n/execution-result.ts';
import { type FakeResend, startResend } from '../fakes/resend.ts';
import { type FakeSlack, startSlack } from '../fakes/slack.ts';
import { type FakeSmtp, startSmtp } from '../fakes/smtp.ts';
import { API_KEY, type RunnerProcess, startRunner } from '../support/runner-process.ts';
import {
	N8N_START_TIMEOUT_MS,
	startTemporaryN8n,
	type TemporaryN8n,
} from '../support/temporary-n8n.ts';
import { waitUntil } from '../support/wait-until.ts';

const SEND = 'n8n-nodes-sureping.sendNotification';
const TRIGGER = 'n8n-nodes-sureping.webhookTrigger';
const FIVE_EVENTS = ['delivered', 'failed', 'retrying', 'bounced', 'fallback'].map(
	(word) => `notification.${word}`,
);
const TEST_TIMEOUT_MS = 90_000;

let slack: FakeSlack;
let smtp: FakeSmtp;
let resend: FakeResend;
let runner: RunnerProcess;
let local: TemporaryN8n;
let credentials: Record<string, CredentialReference>;
let escalation: Workflow;
/** Closes everything that was started, also when a later start failed. */
const cleanUp: (() => Promise<void>)[] = [];

beforeAll(async () => {
	[slack, smtp, resend] = await Promise.all([startSlack(), startSmtp(), startResend()]);
	cleanUp.push(slack.close, smtp.close, resend.close);
	runner = await startRunner({
		connections: [
			{ name: 'ops-slack', channel: 'slack', webhook_url: slack.webhookUrl },
			{
				name: 'mail',
				channel: 'email',
				smtp: { host: smtp.host, port: smtp.port },
				from: 'Shop <shop@example.com>',
			},
			{ name: 'terminal', channel: 'console' },
		],
		retry: { delays_s: [0.3, 0.3, 0.3], jitter: 0, timeout_s: 5 },
	});
	cleanUp.push(runner.dispose);
	local = await startTemporaryN8n();
	cleanUp.push(local.dispose);
	const save = (name: string, type: string, data: object) =>
		local.api.saveCredential(name, type, data);
	credentials = {
		surepingApi: await save('Runner', 'surepingApi', { baseUrl: runner.url, apiKey: API_KEY }),
		surepingSlackApi: await save('Slack', 'surepingSlackApi', {
			sendWith: 'webhook',
			secretWebhookUrl: slack.webhookUrl,
		}),
		surepingResendApi: await save('Resend', 'surepingResendApi', {
			apiKey: resend.apiKey,
			from: 'shop@example.com',
			baseUrl: resend.url,
		}),
	};
}, N8N_START_TIMEOUT_MS);

afterAll(async () => {
	for (const close of cleanUp.reverse()) await close();
}, 60_000);

/** Committed by us, and checked by n8n when it is imported. */
const workflowFile = (path: string): WorkflowFile =>
	JSON.parse(readFileSync(path, 'utf8')) as WorkflowFile;

/** An example workflow, with other values for the parameters of its nodes of one type. */
function example(file: string, type: string, parameters: Record<string, unknown>): WorkflowFile {
	const workflow = workflowFile(`examples/${file}.json`);
	const nodes = workflow.nodes.map((node) =>
		node.type === type ? { ...node, parameters: { ...node.parameters, ...parameters } } : node,
	);
	return { ...workflow, nodes };
}

/** The items that the trigger put out, over all executions, by delivery in the order of their events. */
function received(executions: readonly ExecutionResult[]): Record<string, unknown>[] {
	return executions
		.flatMap(({ runs }) => Object.values(runs['Notification Webhook Trigger'] ?? {}))
		.flatMap(({ outputs }) => outputs.flat())
		.sort((a, b) => order(a).localeCompare(order(b)));
}

/** Delivery ids sort by time, and sequence numbers stay below ten here. */
const order = ({ deliveryId, sequence }: Record<string, unknown>): string =>
	`${String(deliveryId)} ${String(sequence)}`;

async function sendTrigger(file: WorkflowFile): Promise<{ workflow: Workflow; trigger: string }> {
	const workflow = await local.api.importWorkflow(file, credentials);
	const trigger = file.nodes.find(({ type }) => type === 'n8n-nodes-base.manualTrigger');
	if (!trigger) throw new Error('The example starts by hand');
	return { workflow, trigger: trigger.name };
}

describe('the credential', () => {
	it('passes its test against the runner, and says what is wrong with a wrong key', async () => {
		const test = (apiKey: string) =>
			local.api.testCredential(credentials.surepingApi!, 'surepingApi', {
				baseUrl: runner.url,
				apiKey,
			});
		expect(await test(API_KEY)).toMatchObject({ status: 'OK' });
		expect(await test('sp_test_wrong_key')).toMatchObject({ status: 'Error' });
	});
});

describe('order confirmation with fallback, and escalation on failure', () => {
	it(
		'registers the trigger at the runner when its workflow is activated',
		async () => {
			const events = [...FIVE_EVENTS, 'notification.undelivered'];
			const file = example('escalate-on-failure', TRIGGER, { events });
			escalation = await local.api.importWorkflow(file, credentials);
			await local.api.activate(escalation);
			const { endpoints } = (await runner.get('/endpoints')).body;
			expect(endpoints).toEqual([
				expect.objectContaining({
					url: expect.stringContaining(`${local.n8n.url}/webhook/`),
					events: expect.arrayContaining(FIVE_EVENTS),
				}),
			]);
		},
		TEST_TIMEOUT_MS,
	);

	it(
		'waits as Slack asks, gives up when Slack is gone, mails instead, and each step arrives as an item, once',
		async () => {
			slack.answer(
				{ status: 500 },
				{ status: 429, retryAfter: 2 },
				{ status: 410, body: 'channel_is_archived' },
			);
			const { workflow, trigger } = await sendTrigger(
				example('order-confirmation-with-fallback', SEND, {
					channels: ['slack:ops-slack'],
					fallbackChannels: ['email:mail'],
					recipient: 'ada@example.com',
				}),
			);
			const run = await local.api.runManually(workflow, trigger);
			expect([run.status, run.error]).toEqual(['success', undefined]);
			const [sent] = Object.entries(run.runs)
				.filter(([name]) => name.startsWith('Send'))
				.flatMap(([, runs]) => runs.flatMap(({ outputs }) => outputs.flat()));
			expect(sent).toMatchObject({
				notificationId: expect.stringMatching(/^msg_/),
				status: 'queued',
				deliveries: [{ channel: 'slack', recipient: 'ops-slack' }],
			});

			// Events of one moment come in one request, and so in one execution.
			const items = await waitUntil(
				'five events arrive',
				async () => {
					const all = received(await local.api.executions(escalation));
					return all.length >= 5 && all;
				},
				60_000,
			);
			expect(items.map(({ type, channel }) => [type, channel])).toEqual([
				['notification.retrying', 'slack'],
				['notification.retrying', 'slack'],
				['notification.failed', 'slack'],
				['notification.fallback', 'email'],
				['notification.delivered', 'email'],
			]);
			const [first, second, failed, fallback, delivered] = items;
			expect(first).toMatchObject({
				provider: 'sureping',
				notificationId: sent!.notificationId,
				attempt: 1,
				maxAttempts: 4,
				nextRetryAt: expect.any(String),
				error: { code: 'SERVICE_UNAVAILABLE', message: expect.stringContaining('500') },
				final: false,
			});
			expect(second).toMatchObject({ attempt: 2, error: { code: 'RATE_LIMITED' } });
			expect(failed).toMatchObject({ attempt: 3, final: true, error: { code: 'TARGET_GONE' } });
			expect(fallback).toMatchObject({ fromChannel: 'slack', recipient: 'ada@example.com' });
			expect(delivered).toMatchObject({ final: true, confirmation: 'service', attempt: 1 });
			expect(new Set(items.map(({ eventId }) => eventId)).size).toBe(5);

			const times = slack.requests.map(({ at }) => at);
			expect(times).toHaveLength(3);
			expect(times[1]! - times[0]!).toBeGreaterThanOrEqual(300);
			expect(times[2]! - times[1]!).toBeGreaterThanOrEqual(2000);
			expect(Date.parse(String(second!.nextRetryAt))).toBeLessThanOrEqual(times[2]! + 5);
			expect(smtp.mails).toHaveLength(1);
			expect(smtp.mails[0]).toMatchObject({ to: ['ada@example.com'] });
		},
		TEST_TIMEOUT_MS,
	);

	it(
		'starts nothing for a forged, a stale, a tampered or a replayed request',
		async () => {
			const before = (await local.api.executions(escalation)).length;
			const db = new DatabaseSync(runner.database, { readOnly: true });
			const { url, secret } = db.prepare('SELECT url, secret FROM endpoints').get()!;
			const earlier = db
				.prepare("SELECT body FROM events WHERE type = 'notification.failed'")
				.get()!;
			db.close();

			const post = async (body: string, headers: Record<string, string>): Promise<number> => {
				const response = await fetch(String(url), {
					method: 'POST',
					headers: { 'content-type': 'application/json', ...headers },
					body,
				});
				return response.status;
			};
			const key = signingKey(String(secret));
			const replayed = String(earlier.body);
			const fresh = replayed.replace(/"event_id":"[^"]+"/, '"event_id":"evt_never_seen"');
			const now = Date.now();
			expect(fresh).not.toBe(replayed);

			expect(await post(fresh, signOnePing(signingKey('whsec_wrong'), fresh, now))).toBe(401);
			expect(await post(fresh, signOnePing(key, fresh, now - 310_000))).toBe(401);
			expect(await post(`${fresh} `, { ...signOnePing(key, `${fresh}x`, now) })).toBe(401);
			expect(await post(fresh.replace('slack', 'sms'), signOnePing(key, fresh, now))).toBe(401);
			expect(await post(fresh, {})).toBe(401);
			expect(await post(replayed, signOnePing(key, replayed, now))).toBe(200);

			// The same request, genuine and new, does start one: the ones before were not lost for another reason.
			expect(await post(fresh, signOnePing(key, fresh, now))).toBe(200);
			const after = await local.api.waitForExecutions(escalation, before + 1);
			expect(after).toHaveLength(before + 1);
			expect(received(after).filter(({ eventId }) => eventId === 'evt_never_seen')).toHaveLength(1);
		},
		TEST_TIMEOUT_MS,
	);

	it(
		'pages whoever is on call when every channel failed',
		async () => {
			const before = runner.output();
			smtp.refuse('unknown@example.com', { code: 550, text: '5.1.1 No such user' });
			await runner.post('/send', {
				message: 'nobody hears this',
				channels: ['email'],
				recipient: 'unknown@example.com',
			});
			await waitUntil(
				'the escalation reaches the console',
				() => runner.output().slice(before.length).includes('NOT DELIVERED'),
				30_000,
			);
			// To whom, why, and what it was; it was not sent by a workflow.
			expect(runner.output().slice(before.length)).toMatch(
				/NOT DELIVERED "nobody hears this" to unknown@example\.com: email: [^\n]*550/,
			);
		},
		TEST_TIMEOUT_MS,
	);

	it(
		'goes on after n8n was restarted, and pauses its endpoint when it is deactivated',
		async () => {
			await local.n8n.restart();
			const before = (await local.api.executions(escalation)).length;
			await runner.post('/send', { message: 'after the restart', channels: ['console'] });
			await local.api.waitForExecutions(escalation, before + 1, 30_000);
			await local.api.deactivate(escalation);
			const { endpoints } = (await runner.get('/endpoints')).body;
			expect(endpoints).toEqual([expect.objectContaining({ status: 'disabled' })]);
		},
		N8N_START_TIMEOUT_MS,
	);
});

/** The examples as they were with the first versions of the nodes, stored by whoever imported them then. */
describe('workflows that were stored before the nodes had new versions', () => {
	/** With a webhook URL of its own, as n8n gives to a copy: that of the file is the example's above. */
	const stored = (name: string): WorkflowFile => {
		const file = workflowFile(`test/fixtures/workflows/stored/${name}.json`);
		const nodes = file.nodes.map((node) =>
			node.webhookId ? { ...node, webhookId: randomUUID() } : node,
		);
		return { ...file, nodes };
	};

	it(
		'send and put out what they did',
		async () => {
			const before = runner.output().length;
			const { workflow, trigger } = await sendTrigger(stored('order-confirmation-with-fallback'));
			const run = await local.api.runManually(workflow, trigger);
			expect([run.status, run.error]).toEqual(['success', undefined]);
			expect(run.runs['Send Notification']?.map(({ outputs }) => outputs)).toEqual([
				[
					[
						{
							notificationId: expect.stringMatching(/^msg_/),
							status: 'queued',
							deliveries: [
								{
									id: expect.stringMatching(/^dlv_/),
									channel: 'console',
									recipient: 'ada@example.com',
									status: 'queued',
									attempts: [],
								},
							],
						},
					],
				],
			]);
			const line =
				'ada@example.com: Your order ORD-1042: Thank you, Ada! Your order ORD-1042 over € 42.00 is confirmed.';
			await waitUntil('the message is printed', () => runner.output().slice(before).includes(line));
			const { notificationId } = run.runs['Send Notification']![0]!.outputs[0]![0]!;
			const { body } = await runner.get(`/notifications/${String(notificationId)}`);
			expect(body).toMatchObject({ status: 'delivered', metadata: { order_id: 'ORD-1042' } });
		},
		TEST_TIMEOUT_MS,
	);

	it(
		'are started by the events that they chose, and page as they did',
		async () => {
			const before = runner.output().length;
			const old = await local.api.importWorkflow(stored('escalate-on-failure'), credentials);
			await local.api.activate(old);
			const { endpoints } = (await runner.get('/endpoints')).body;
			expect(endpoints.filter(({ status }: { status: string }) => status !== 'disabled')).toEqual([
				expect.objectContaining({ events: ['notification.failed', 'notification.bounced'] }),
			]);

			smtp.refuse('nobody@example.com', { code: 550, text: '5.1.1 No such user' });
			const send = async (more: Record<string, unknown>): Promise<string> => {
				const to = { message: 'unheard', channels: ['email'], recipient: 'nobody@example.com' };
				const { body } = await runner.post('/send', { ...to, ...more });
				return String(body.notification_id);
			};
			// A fallback delivers the first; the second is a page itself. Only the third is told.
			const ids = [
				await send({ fallback_channels: ['console'] }),
				await send({ metadata: { escalation: true } }),
				await send({}),
			];
			const items = await waitUntil(
				'three failures arrive',
				async () => {
					const all = received(await local.api.executions(old));
					return all.length >= 3 && all;
				},
				60_000,
			);
			expect(items).toEqual(
				ids.map((notificationId, position) =>
					expect.objectContaining({
						provider: 'sureping',
						type: 'notification.failed',
						notificationId,
						channel: 'email',
						recipient: 'nobody@example.com',
						final: true,
						attempt: 1,
						error: expect.objectContaining({ code: 'RECIPIENT_REJECTED' }),
						...(position > 0 && { allChannelsFailed: true }),
					}),
				),
			);
			const page = () =>
				[
					...runner
						.output()
						.slice(before)
						.matchAll(/Notification (msg_\w+) to (.+)/g),
				].map(([, id, text]) => [id, text]);
			await waitUntil('the page is printed', () => page().length > 0, 30_000);
			const ended = async () =>
				(await local.api.executions(old)).every(({ status }) => status === 'success');
			await waitUntil('every execution has ended', ended, 30_000);
			expect(page()).toEqual([
				[
					ids[2],
					expect.stringMatching(
						/^nobody@example\.com did not arrive: .*550.* \(RECIPIENT_REJECTED\) after 1 attempts on email\.$/,
					),
				],
			]);
			const { notifications } = (await runner.get('/notifications?channel=console')).body;
			const { body } = await runner.get(`/notifications/${notifications[0].notification_id}`);
			expect(body).toMatchObject({
				subject: 'A notification did not arrive',
				metadata: { escalation: true, failed_notification_id: ids[2] },
			});
			await local.api.deactivate(old);
		},
		TEST_TIMEOUT_MS,
	);
});

describe('direct mode', () => {
	it(
		'reaches Slack, and falls back to mail over HTTP, without a runner',
		async () => {
			await runner.kill('SIGKILL');
			const direct = {
				via: 'direct',
				channels: ['slack'],
				fallbackChannels: ['email'],
				recipient: 'ada@example.com',
			};
			const file = example('order-confirmation-with-fallback', SEND, direct);
			const nodes = file.nodes.map((node) =>
				node.type === SEND
					? { ...node, credentials: { surepingSlackApi: {}, surepingResendApi: {} } }
					: node,
			);
			const { workflow, trigger } = await sendTrigger({ ...file, nodes });
			const send = async (): Promise<Record<string, unknown>> => {
				const run = await local.api.runManually(workflow, trigger);
				expect([run.status, run.error]).toEqual(['success', undefined]);
				return Object.entries(run.runs)
					.filter(([name]) => name.startsWith('Send'))
					.flatMap(([, runs]) => runs.flatMap(({ outputs }) => outputs.flat()))[0]!;
			};

			const mailsBefore = resend.mails.length;
			expect(await send()).toMatchObject({
				status: 'delivered',
				deliveries: [{ channel: 'slack', status: 'delivered', attempts: [{}] }],
			});
			expect(resend.mails).toHaveLength(mailsBefore);

			slack.answer({ status: 410, body: 'channel_is_archived' });
			expect(await send()).toMatchObject({
				status: 'delivered',
				deliveries: [
					{ channel: 'slack', status: 'failed', attempts: [{ error: { code: 'TARGET_GONE' } }] },
					{ channel: 'email', recipient: 'ada@example.com', status: 'delivered' },
				],
			});
			expect(resend.mails).toHaveLength(mailsBefore + 1);
		},
		TEST_TIMEOUT_MS,
	);
});
