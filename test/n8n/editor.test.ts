import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type {
	CredentialReference,
	Workflow,
	WorkflowFile,
	WorkflowFileNode,
} from '../../scripts/n8n/api.ts';
import { Editor } from '../../scripts/n8n/browser.ts';
import { type FakeResend, startResend } from '../fakes/resend.ts';
import { type FakeSlack, startSlack } from '../fakes/slack.ts';
import { pageOf, PICTURE_SIZE, type Step } from '../support/readme-picture.ts';
import { API_KEY, type RunnerProcess, startRunner } from '../support/runner-process.ts';
import {
	N8N_START_TIMEOUT_MS,
	startTemporaryN8n,
	type TemporaryN8n,
} from '../support/temporary-n8n.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';
import { waitUntil } from '../support/wait-until.ts';

/** Where the pictures go: look at them. */
const pictures = process.env.SUREPING_PICTURES ?? temporaryDirectory('pictures');
const picture = (name: string): string => join(pictures, `${name}.png`);
const TEST_TIMEOUT_MS = 90_000;

const cleanUp: (() => Promise<void>)[] = [];
let slack: FakeSlack;
let resend: FakeResend;
let runner: RunnerProcess;
let local: TemporaryN8n;
let editor: Editor;
let surepingApi: CredentialReference;

beforeAll(async () => {
	[slack, resend] = await Promise.all([startSlack(), startResend()]);
	cleanUp.push(slack.close, resend.close);
	runner = await startRunner({
		connections: [
			{ name: 'terminal', channel: 'console' },
			{ name: 'ops-slack', channel: 'slack', webhook_url: slack.webhookUrl },
			{
				name: 'mail',
				channel: 'email',
				resend: { api_key: resend.apiKey },
				base_url: resend.url,
				from: 'a@example.com',
			},
		],
	});
	cleanUp.push(runner.dispose);
	local = await startTemporaryN8n();
	cleanUp.push(local.dispose);
	surepingApi = await local.api.saveCredential('Sureping Runner (local)', 'surepingApi', {
		baseUrl: runner.url,
		apiKey: API_KEY,
	});
	editor = await Editor.open(local.n8n.url, local.owner);
	cleanUp.push(() => editor.close());
}, N8N_START_TIMEOUT_MS + 60_000);

afterAll(async () => {
	for (const close of cleanUp.reverse()) await close();
}, 60_000);

// Committed by us, and checked by n8n when it is imported.
const example = (file: string): WorkflowFile =>
	JSON.parse(readFileSync(`examples/${file}.json`, 'utf8')) as WorkflowFile;

const importExample = (file: string): Promise<Workflow> =>
	local.api.importWorkflow(example(file), { surepingApi });

const TRIGGER = 'Notification Webhook Trigger';

/** The trigger with nodes behind its outputs. */
const triggered = (
	parameters: WorkflowFileNode['parameters'],
	outputs: string[],
): WorkflowFile => ({
	name: 'Delivery events',
	nodes: [
		{
			id: randomUUID(),
			name: TRIGGER,
			type: 'n8n-nodes-sureping.webhookTrigger',
			typeVersion: 2,
			position: [0, 0],
			parameters,
			webhookId: randomUUID(),
		},
		...outputs.map((name, i): WorkflowFileNode => ({
			id: randomUUID(),
			name,
			type: 'n8n-nodes-base.noOp',
			typeVersion: 1,
			position: [420, (i - 1.5) * 160],
			parameters: {},
		})),
	],
	connections: {
		[TRIGGER]: { main: outputs.map((node) => [{ node, type: 'main', index: 0 }]) },
	},
});

const DIRECT = { via: 'direct', channels: ['slack'], fallbackChannels: ['email:mailgun'] };

/** Everything that the open panel says, and what its fields hold. */
async function panelText(): Promise<string> {
	const panel = editor.page.locator('[data-test-id=ndv]');
	const values = await panel
		.locator('input, textarea')
		.evaluateAll((fields) => fields.map((field) => ('value' in field ? String(field.value) : '')));
	return `${await panel.innerText()}\n${values.join('\n')}`;
}

describe("what a user sees in n8n's editor", () => {
	it(
		'shows Send Notification with the channels of the runner to choose from',
		async () => {
			await editor.openWorkflow(await importExample('order-confirmation-with-fallback'));
			await editor.screenshot(picture('send-workflow'));
			expect(
				await editor.page.locator('[data-test-id=canvas-node]').allInnerTexts(),
			).toContainEqual(expect.stringMatching(/Send Notification\s+slack:flaky via runner/));
			await editor.openNode('Send Notification');
			await editor.page
				.locator('[data-test-id=ndv]')
				.getByText('Console – terminal')
				.or(editor.page.locator('.el-tag'))
				.first()
				.waitFor();
			await editor.screenshot(picture('send-node'));
			const text = await panelText();
			for (const label of ['Message', 'Channel Names', 'Recipient', 'Fallback Channel Names']) {
				expect(text).toContain(label);
			}
			expect(text.indexOf('Send Via')).toBeLessThan(text.indexOf('\nCredential\n'));
			expect(text.indexOf('\nCredential\n')).toBeLessThan(text.indexOf('Channel Names'));

			const fallbacks = editor.page.locator('[data-test-id=parameter-input-fallbackChannels]');
			await fallbacks.click();
			const choices = editor.page.locator('.el-select-dropdown:visible');
			await choices.getByText('ops-slack').waitFor();
			await editor.screenshot(picture('send-node-channels'));
			const offered = await choices.innerText();
			expect(offered).toMatch(/Slack/);
			expect(offered).toMatch(/E-mail/);
		},
		TEST_TIMEOUT_MS,
	);

	it(
		'shows a credential for each service that direct mode reaches',
		async () => {
			const file = example('order-confirmation-with-fallback');
			const nodes = file.nodes.map((node) => ({
				...node,
				parameters: { ...node.parameters, ...(node.name === 'Send Notification' && DIRECT) },
			}));
			await editor.openWorkflow(await local.api.importWorkflow({ ...file, nodes }));
			await editor.openNode('Send Notification');
			await editor.page.locator('[data-test-id=ndv]').getByText('Slack').first().waitFor();
			await editor.screenshot(picture('send-node-direct'));
			const text = await panelText();
			for (const service of ['Slack', 'Telegram', 'Discord', 'Resend', 'SendGrid', 'Postmark']) {
				expect(text).toContain(`Sureping ${service} (Direct) API`);
			}
			expect(text).toContain('E-Mail (Mailgun)');
			// One chooses first whereby and to where, then what that takes.
			const places = ['Send Via', 'Fallback Channels', 'Sureping Slack (Direct) API'].map((label) =>
				text.indexOf(label),
			);
			expect(places).toEqual([...places].sort((a, b) => a - b));
		},
		TEST_TIMEOUT_MS,
	);

	it(
		'shows the trigger with its provider and events',
		async () => {
			await editor.openWorkflow(await importExample('escalate-on-failure'));
			await editor.screenshot(picture('escalate-workflow'));
			expect(
				await editor.page.locator('[data-test-id=canvas-node]').allInnerTexts(),
			).toContainEqual(expect.stringMatching(/Notification Webhook Trigger\s+Runner: undelivered/));
			await editor.openNode('Notification Webhook Trigger');
			await editor.screenshot(picture('trigger-node'));
			const text = await panelText();
			for (const label of ['Webhook URLs', 'Provider', 'Events']) expect(text).toContain(label);
			expect(text).toContain('Sureping Runner');
		},
		TEST_TIMEOUT_MS,
	);

	it.each([
		['notificationApi', ['NotificationAPI does not sign its webhooks', '?token=YOUR_TOKEN']],
		['twilio', ['StatusCallback', 'auth token', 'Public URL in the options']],
		['generic', ['Signature Header', 'Signed Content', 'Without a secret, nothing is accepted']],
	])(
		'shows how to set the trigger up with %s',
		async (provider, texts) => {
			await editor.openWorkflow(await local.api.importWorkflow(triggered({ provider }, [])));
			await editor.openNode(TRIGGER);
			await editor.page.locator('[data-test-id=ndv]').getByText(texts[0]!).first().waitFor();
			await editor.screenshot(picture(`trigger-${provider}`));
			const text = await panelText();
			for (const expected of texts) expect(text).toContain(expected);
		},
		TEST_TIMEOUT_MS,
	);

	it(
		'shows an output with a name for each outcome',
		async () => {
			const parameters = { provider: 'sendgrid', options: { outputs: 'perOutcome' } };
			const names = ['Count', 'Page on Call', 'Note Interest', 'Ignore'];
			await editor.openWorkflow(await local.api.importWorkflow(triggered(parameters, names)));
			await editor.page.getByText('Engagement', { exact: true }).waitFor();
			await editor.screenshot(picture('trigger-outputs'));
			const labels = await editor.page
				.locator('[data-test-id=canvas-node-output-handle]')
				.allInnerTexts();
			expect(labels.join(' ')).toMatch(/Delivered\s+Failed\s+Engagement\s+Other/);
		},
		TEST_TIMEOUT_MS,
	);

	it(
		'finds the nodes by what a newcomer would search for',
		async () => {
			const empty = await local.api.importWorkflow({ name: 'Empty', nodes: [], connections: {} });
			await editor.page.goto(`${local.n8n.url}/workflow/${empty.id}`);
			await editor.page
				.locator('[data-test-id=canvas-plus-button], [data-test-id=node-creator-plus-button]')
				.first()
				.click();
			await editor.page.locator('[data-test-id=node-creator-search-bar]').fill('notification');
			// The editor leaves "Trigger" out of a trigger's name here.
			await editor.page.getByText('Notification Webhook', { exact: true }).waitFor();
			await editor.page.getByText('Notification Polling', { exact: true }).waitFor();
			await editor.page.getByText('Send Notification', { exact: true }).waitFor();
			await editor.screenshot(picture('search'));
		},
		TEST_TIMEOUT_MS,
	);

	it(
		'shows Slack failing, the mail that arrives in its place, and the page when nothing does',
		async () => {
			const sending = await importForPicture('order-confirmation-with-fallback', {
				channels: ['slack:ops-slack'],
				fallbackChannels: ['email:mail'],
				options: { subject: 'Order ORD-1042', waitForOutcome: 30 },
			});
			const paging = await importForPicture('escalate-on-failure', { channels: ['console'] });
			await local.api.activate(paging);

			const gone = { status: 404, body: 'no_service' };
			slack.answer({ status: 500 }, { status: 429, retryAfter: 1 }, gone);
			await editor.openWorkflow(sending);
			await editor.page.locator('[data-test-id=execute-workflow-button]').click();
			const sent = await ranPicture(3);
			const { body: list } = await runner.get('/notifications?limit=1');
			const { body } = await runner.get(`/notifications/${list.notifications[0].notification_id}`);
			const steps: readonly Step[] = body.events;
			expect(steps.map(({ event, channel }) => `${channel} ${event.split('.')[1]}`)).toEqual([
				...['slack queued', 'slack retrying', 'slack retrying', 'slack failed'],
				...['email queued', 'email fallback', 'email delivered'],
			]);

			slack.answer(gone);
			resend.answer({ status: 422 });
			await local.api.runManually(sending, 'When clicking ‘Execute workflow’');
			const [execution] = await local.api.waitForExecutions(paging, 1);
			await editor.page.goto(`${local.n8n.url}/workflow/${paging.id}/executions/${execution?.id}`);
			const paged = await ranPicture(2);
			await waitUntil('somebody is paged', () => runner.output().includes('NOT DELIVERED'));
			const page = /NOT DELIVERED [^\n]*/.exec(runner.output())?.[0] ?? '';
			expect(page).toContain('Order ORD-1042');

			await editor.page.setViewportSize(PICTURE_SIZE);
			await editor.page.setContent(pageOf({ sent, steps, paged, page }));
			// The picture at the head of the README.
			await editor.page.screenshot({ path: picture('workflow') });
		},
		TEST_TIMEOUT_MS,
	);
});

/** An example without its notes, with other parameters for the node that sends. */
async function importForPicture(
	file: string,
	parameters: WorkflowFileNode['parameters'],
): Promise<Workflow> {
	const workflow = example(file);
	const nodes = workflow.nodes
		.filter(({ type }) => !type.endsWith('.stickyNote'))
		.map((node) =>
			node.type.endsWith('.sendNotification')
				? { ...node, parameters: { ...node.parameters, ...parameters } }
				: node,
		);
	return await local.api.importWorkflow({ ...workflow, nodes }, { surepingApi });
}

/** The canvas once so many nodes have run, as a data URL. */
async function ranPicture(count: number): Promise<string> {
	const { page } = editor;
	await page
		.locator('[data-test-id=canvas-node-status-success]')
		.nth(count - 1)
		.waitFor();
	await page.waitForLoadState('networkidle');
	const nodes = await page.locator('[data-test-id=canvas-node]').all();
	const boxes = (await Promise.all(nodes.map((node) => node.boundingBox()))).filter(
		(box) => box !== null,
	);
	const left = Math.min(...boxes.map(({ x }) => x)) - 50;
	const top = Math.min(...boxes.map(({ y }) => y)) - 24;
	const width = Math.max(...boxes.map((box) => box.x + box.width)) + 40 - left;
	const height = Math.max(...boxes.map((box) => box.y + box.height)) + 76 - top;
	const image = await page.screenshot({ clip: { x: left, y: top, width, height } });
	return `data:image/png;base64,${image.toString('base64')}`;
}
