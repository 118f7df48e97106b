import { PROVIDERS } from '@sureping/engine';
import type { PackageDirectoryLoader } from 'n8n-core';
import {
	type INodeCredentialDescription,
	type INodeExecutionData,
	type INodeParameters,
	type INodeProperties,
	type INodeTypeDescription,
	NodeHelpers,
	Workflow,
} from 'n8n-workflow';
import { loadPackage, nodeType } from './n8n/package.ts';
import { runNode } from './n8n/run-workflow.ts';

/** Providers of which the trigger needs nothing but what they sign with. */
const SIGNING_ONLY = [
	...['standardWebhooks', 'svix', 'resend', 'twilio', 'sendgrid', 'mailgun', 'postmark', 'ses'],
	...['whatsapp', 'messagebird', 'vonage', 'telegram', 'slack', 'github', 'stripe', 'generic'],
];

const DIRECT_CREDENTIALS = [
	'Slack',
	'Telegram',
	'Discord',
	'Resend',
	'Sendgrid',
	'Postmark',
	'Mailgun',
].map((service) => `sureping${service}Api`);

let loader: PackageDirectoryLoader;
let send: INodeTypeDescription;
let trigger: INodeTypeDescription;
let polling: INodeTypeDescription;

beforeAll(async () => {
	loader = await loadPackage();
	send = nodeType(loader, 'sendNotification').description;
	trigger = nodeType(loader, 'webhookTrigger').description;
	polling = nodeType(loader, 'pollingTrigger').description;
});

const shown = (
	description: INodeTypeDescription,
	part: readonly (INodeProperties | INodeCredentialDescription)[],
	parameters: INodeParameters,
): string[] =>
	part
		.filter((one) => NodeHelpers.displayParameter(parameters, one, null, description))
		.map(({ name }) => name);

it('the names of the nodes are fixed, and the trigger is version 2 from the start', () => {
	expect([send.name, send.version, send.usableAsTool]).toEqual(['sendNotification', [1, 2], true]);
	expect([send.defaultVersion, trigger.defaultVersion, polling.defaultVersion]).toEqual([2, 3, 2]);
	expect([trigger.name, trigger.version]).toEqual(['webhookTrigger', [2, 3]]);
	expect(trigger.displayName).toBe('Notification Webhook Trigger');
	expect([polling.name, polling.displayName, polling.polling]).toEqual([
		'pollingTrigger',
		'Notification Polling Trigger',
		true,
	]);
});

it.each([
	[{ operation: 'get' }, ['surepingApi']],
	[{ operation: 'get', via: 'otpiq' }, ['otpiqApi']],
	[{ operation: 'get', via: 'pingram' }, ['pingramApi']],
	[{ operation: 'cancel' }, ['surepingApi']],
	[{ operation: 'send', via: 'runner' }, ['surepingApi']],
	[{ operation: 'send', via: 'direct' }, DIRECT_CREDENTIALS],
	[{ operation: 'send', via: 'onePing' }, ['onePingApi']],
	[{ operation: 'send', via: 'otpiq' }, ['otpiqApi']],
	[{ operation: 'send', via: 'notificationApi' }, ['notificationApiApi']],
	[{ operation: 'send', via: 'pingram' }, ['pingramApi']],
	[{ operation: 'send', via: 'onePush' }, ['onePushApi']],
])('Send Notification with %j asks for %j', (parameters, credentials) => {
	expect(shown(send, send.credentials ?? [], parameters)).toEqual(credentials);
});

it.each([
	[{ provider: 'sureping', registration: 'automatic' }, ['surepingApi']],
	[{ provider: 'sureping', registration: 'manual' }, ['webhookSigningApi']],
	[{ provider: 'onePing' }, ['onePingApi']],
	[{ provider: 'onePush' }, ['onePushApi']],
	[{ provider: 'notificationApi' }, ['notificationApiApi']],
	[{ provider: 'pingram', registration: 'automatic' }, ['pingramApi']],
	[{ provider: 'pingram', registration: 'manual' }, ['pingramApi']],
	[{ provider: 'otpiq' }, ['otpiqApi']],
	...SIGNING_ONLY.map((provider): [INodeParameters, string[]] => [
		{ provider },
		['webhookSigningApi'],
	]),
])('the trigger with %j asks for %j', (parameters, credentials) => {
	expect(shown(trigger, trigger.credentials ?? [], parameters)).toEqual(credentials);
});

it('the trigger lists a credential once, as n8n looks at the first of a name only', () => {
	const names = (trigger.credentials ?? []).map(({ name }) => name);
	expect(new Set(names).size).toBe(names.length);
});

it.each(Object.entries(PROVIDERS))('the trigger says how %s is set up', (_, { parameter }) => {
	const parameters = { provider: parameter, registration: 'manual' };
	const names = shown(trigger, trigger.properties, parameters);
	const notices = trigger.properties.filter(
		({ type, name }) => type === 'notice' && names.includes(name),
	);
	expect(notices).toHaveLength(1);
	expect(notices[0]!.displayName).toContain('production webhook URL above');
	expect(notices[0]!.displayName).toContain('Into the credential goes');
});

it('says how a workflow goes live in the words of n8n 2 and of n8n 1', () => {
	const texts = JSON.stringify([send, trigger, polling]);
	const bare = texts.match(/(?<!in n8n 1, )\b(activat|deactivat)\w*/gi) ?? [];
	expect(bare.filter((word) => !/^activation(Hint|Message)$/.test(word))).toEqual([]);
	const verb = /\bpublish (this|the) workflow(?! \(in n8n 1, activate it\))/i;
	expect(texts).not.toMatch(verb);
	expect(texts).toMatch(/publish the workflow/i);
});

it.each(['notificationApi', 'postmark'])('the trigger says that %s signs nothing', (provider) => {
	const notice = trigger.properties.find(({ name }) => name === `${provider}Notice`);
	expect(notice?.displayName).toContain('does not sign its webhooks');
});

describe("the trigger's outputs", () => {
	const items = ['delivered', 'bounced', 'opened', 'queued', 'failed'].map((word) => ({
		type: `notification.${word}`,
	}));
	const types = (outputs: readonly (readonly INodeExecutionData[])[]): unknown[][] =>
		outputs.map((output) => output.map(({ json }) => String(json.type).split('.').pop()));

	const drawn = (parameters: INodeParameters): unknown => {
		const type = nodeType(loader, 'webhookTrigger');
		const workflow = new Workflow({
			nodes: [
				{
					id: '1',
					name: 'Trigger',
					type: 'webhookTrigger',
					typeVersion: 2,
					position: [0, 0],
					parameters,
				},
			],
			connections: {},
			active: false,
			nodeTypes: {
				getByName: () => type,
				getByNameAndVersion: () => type,
				getKnownTypes: () => ({}),
			},
		});
		return NodeHelpers.getNodeOutputs(workflow, workflow.getNode('Trigger')!, trigger);
	};

	const credentials = { surepingApi: {}, webhookSigningApi: {}, onePingApi: {} };

	it('are one by default', async () => {
		expect(drawn({})).toEqual(['main']);
		const { outputs } = await runNode(loader, 'webhookTrigger', {
			parameters: {},
			credentials: {},
			items,
		});
		expect(types(outputs)).toEqual([['delivered', 'bounced', 'opened', 'queued', 'failed']]);
	});

	it('are one per outcome where that is chosen, with their names on the canvas', async () => {
		const parameters = { options: { outputs: 'perOutcome' } };
		expect(drawn(parameters)).toEqual(
			['Delivered', 'Failed', 'Engagement', 'Other', 'Escalation'].map((displayName) => ({
				type: 'main',
				displayName,
			})),
		);
		const { outputs } = await runNode(loader, 'webhookTrigger', {
			parameters,
			credentials: {},
			items,
		});
		expect(types(outputs)).toEqual([
			['delivered'],
			['bounced', 'failed'],
			['opened'],
			['queued'],
			[],
		]);
	});

	it.each(['sureping', 'standardWebhooks', 'svix'])(
		'of %s end with one for escalations, so that saved workflows keep their wires',
		async (provider) => {
			const parameters = { provider, options: { outputs: 'perOutcome' } };
			const names = ['Delivered', 'Failed', 'Engagement', 'Other', 'Escalation'];
			expect(drawn(parameters)).toMatchObject(names.map((displayName) => ({ displayName })));
			const words = ['opened', 'step_started', 'acknowledged', 'resolved', 'exhausted'];
			for (const typeVersion of [2, 3]) {
				const { outputs } = await runNode(loader, 'webhookTrigger', {
					parameters,
					credentials,
					items: words.map((word) => ({ type: `escalation.${word}`, provider: 'sureping' })),
					settings: { typeVersion },
				});
				expect(types(outputs)).toEqual([[], [], [], [], words]);
			}
		},
	);

	it.each(['twilio', 'sendgrid', 'onePing'])(
		'of %s, which has no incidents, are as they were',
		async (provider) => {
			const parameters = { provider, options: { outputs: 'perOutcome' } };
			const names = ['Delivered', 'Failed', 'Engagement', 'Other'];
			expect(drawn(parameters)).toMatchObject(names.map((displayName) => ({ displayName })));
			const run = await runNode(loader, 'webhookTrigger', { parameters, credentials, items });
			expect(run.outputs).toHaveLength(4);
		},
	);

	it.each([
		['sureping', [['delivered'], ['undelivered'], [], ['failed', 'bounced'], []]],
		['resend', [['delivered'], ['failed', 'bounced', 'undelivered'], [], [], []]],
	])('since version 3 have as failed what %s tells of all channels', async (provider, expected) => {
		const words = ['delivered', 'failed', 'bounced', 'undelivered'];
		const { outputs } = await runNode(loader, 'webhookTrigger', {
			parameters: { options: { outputs: 'perOutcome' } },
			credentials: {},
			items: words.map((word) => ({ type: `notification.${word}`, provider })),
			settings: { typeVersion: 3 },
		});
		expect(types(outputs)).toEqual(expected);
	});

	it('have no item where nothing of their outcome came', async () => {
		const { outputs } = await runNode(loader, 'webhookTrigger', {
			parameters: { options: { outputs: 'perOutcome' } },
			credentials: {},
			items: [{ type: 'unknown' }],
		});
		expect(types(outputs)).toEqual([[], [], [], ['unknown'], []]);
	});
});

it.each([
	[{ provider: 'ses', events: [] }, 'Amazon SES: all events'],
	[
		{ provider: 'onePing', events: ['notification.failed', 'unknown'] },
		'One-Ping: failed, unknown',
	],
])("the trigger's subtitle with %j is %s", (parameters, subtitle) => {
	expect(subtitleOf(trigger, parameters)).toBe(subtitle);
});

it.each([
	[{ operation: 'get' }, 'get: notification'],
	[{ operation: 'send', via: 'direct', channels: ['slack', 'email'] }, 'slack, email via direct'],
	[{ operation: 'send', via: 'onePing', channels: ['sms'] }, 'sms via One-Ping'],
	[{ operation: 'send', via: 'otpiq', channels: ['left over'] }, 'via OTPIQ'],
	[{ operation: 'send', via: 'notificationApi' }, 'via NotificationAPI'],
	[{ operation: 'send', via: 'pingram' }, 'via Pingram'],
	[{ operation: 'send', via: 'onePush' }, 'via OnePush'],
])('the subtitle of Send Notification with %j is %s', (parameters, subtitle) => {
	expect(subtitleOf(send, parameters)).toBe(subtitle);
});

it.each([
	[{ source: 'sureping', events: [] }, 'runner: all events'],
	[{ source: 'otpiq', events: ['notification.failed'] }, 'OTPIQ: failed'],
])('the subtitle of the polling trigger with %j is %s', (parameters, subtitle) => {
	expect(subtitleOf(polling, parameters)).toBe(subtitle);
});

/** n8n evaluates it with the node's parameters; it needs nothing else. */
function subtitleOf(description: INodeTypeDescription, parameters: object): unknown {
	const expression = (description.subtitle ?? '').replace(/^=\{\{|\}\}$/g, '');
	return new Function('$parameter', `return (${expression})`)(parameters);
}

it('the trigger is called with POST, and at the same URL with GET, which the editor does not show', () => {
	const webhooks = (trigger.webhooks ?? []).map(({ name, httpMethod, path, ndvHideUrl }) => [
		name,
		httpMethod,
		path,
		ndvHideUrl ?? false,
	]);
	expect(webhooks).toEqual([
		['default', 'POST', 'webhook', false],
		['setup', 'GET', 'webhook', true],
	]);
});

const CHANNELS = ['message', 'channels', 'recipient', 'fallbackChannels'];
const USER = ['notificationType', 'userId', 'userEmail', 'userNumber', 'parameters'];

it.each([
	[{ operation: 'send', via: 'runner' }, 'via'],
	[{ operation: 'send', via: 'direct' }, 'directCredentialsNotice'],
	[{ operation: 'send', via: 'otpiq' }, 'via'],
	[{ operation: 'get', via: 'runner' }, 'via'],
	[{ operation: 'getMany' }, 'operation'],
	[{ operation: 'cancel' }, 'operation'],
])('since version 2 the credentials of %j stand below %s', (parameters, above) => {
	const names = (typeVersion: number): string[] =>
		send.properties
			.filter((one) =>
				NodeHelpers.displayParameter(
					{ resource: 'notification', ...parameters },
					one,
					{ typeVersion },
					send,
				),
			)
			.map(({ name }) => name);
	const shownNames = names(2);
	expect(shownNames.filter((name) => name === 'credentials')).toHaveLength(1);
	expect(shownNames[shownNames.indexOf('credentials') - 1]).toBe(above);
	expect(names(1)).not.toContain('credentials');
});

it.each([
	[{ via: 'runner' }, CHANNELS],
	[{ via: 'direct' }, CHANNELS],
	[{ via: 'onePing' }, CHANNELS],
	[{ via: 'onePush' }, ['message', 'recipient']],
	[
		{ via: 'otpiq', smsType: 'verification' },
		['smsType', 'recipient', 'verificationCode', 'route'],
	],
	[{ via: 'otpiq', smsType: 'custom' }, ['smsType', 'recipient', 'message', 'senderId', 'route']],
	[
		{ via: 'otpiq', smsType: 'whatsapp-template' },
		[
			'smsType',
			'recipient',
			'templateName',
			'templateParameters',
			'whatsappAccountId',
			'whatsappPhoneId',
			'route',
		],
	],
	[{ via: 'notificationApi' }, USER],
	[{ via: 'pingram' }, USER],
])('sending with %j shows each parameter once', (chosen, own) => {
	const parameters = { resource: 'notification', operation: 'send', ...chosen };
	const names = shown(send, send.properties, parameters).filter((name) => !name.endsWith('Notice'));
	expect(names).toEqual(['resource', 'operation', 'via', ...own, 'options']);
});

it.each([
	[{ source: 'sureping' }, ['surepingApi'], 'options'],
	[{ source: 'otpiq' }, ['otpiqApi'], 'smsIds'],
	[{ source: 'pingram' }, ['pingramApi'], 'trackingIds'],
])('polling with %j asks for %j and %s', (parameters, credentials, own) => {
	expect(shown(polling, polling.credentials ?? [], parameters)).toEqual(credentials);
	const common = ['pollTimes', 'source', 'pollingNotice', 'events'];
	const names = shown(polling, polling.properties, parameters);
	expect(names.filter((name) => !common.includes(name))).toEqual([own]);
});

it("keeps what a person chooses in the node: n8n's editor moves a parameter whose every choice shows a credential", () => {
	for (const description of [send, trigger, polling]) {
		const choices = description.properties.filter(({ type }) => type === 'options');
		for (const { name, options = [] } of choices) {
			const showing = (description.credentials ?? []).flatMap(
				({ displayOptions }) => displayOptions?.show?.[name] ?? [],
			);
			const all = options.map((option) => ('value' in option ? option.value : undefined));
			// A list that the runner fills shows none.
			if (all.length === 0) continue;
			expect(all.every((value) => showing.some((one) => one === value))).toBe(false);
		}
	}
});

it("avoids the words that n8n's guidelines advise against, in all it shows", () => {
	const texts = JSON.stringify([send, trigger, polling].map(({ properties }) => properties));
	expect(texts).not.toMatch(/\b(error|problem|mistake)s?\b/i);
});
