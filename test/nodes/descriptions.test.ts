import type { PackageDirectoryLoader } from 'n8n-core';
import {
	type INodeCredentialDescription,
	type INodeParameters,
	type INodeProperties,
	type INodeTypeDescription,
	NodeHelpers,
} from 'n8n-workflow';
import { loadPackage, nodeType } from './n8n/package.ts';

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

beforeAll(async () => {
	loader = await loadPackage();
	send = nodeType(loader, 'sendNotification').description;
	trigger = nodeType(loader, 'webhookTrigger').description;
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
	expect([send.name, send.version, send.usableAsTool]).toEqual(['sendNotification', 1, true]);
	expect([trigger.name, trigger.version]).toEqual(['webhookTrigger', 2]);
	expect(trigger.displayName).toBe('Notification Webhook Trigger');
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
])('the trigger with %j asks for %j', (parameters, credentials) => {
	expect(shown(trigger, trigger.credentials ?? [], parameters)).toEqual(credentials);
});

const CHANNELS = ['message', 'channels', 'recipient', 'fallbackChannels'];
const USER = ['notificationType', 'userId', 'userEmail', 'userNumber', 'parameters'];

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

it("keeps what a person chooses in the node: n8n's editor moves a parameter whose every choice shows a credential", () => {
	for (const description of [send, trigger]) {
		const choices = description.properties.filter(({ type }) => type === 'options');
		for (const { name, options = [] } of choices) {
			const showing = (description.credentials ?? []).flatMap(
				({ displayOptions }) => displayOptions?.show?.[name] ?? [],
			);
			const all = options.map((option) => ('value' in option ? option.value : undefined));
			expect(all.every((value) => showing.some((one) => one === value))).toBe(false);
		}
	}
});

it("avoids the words that n8n's guidelines advise against, in all it shows", () => {
	const texts = JSON.stringify([send, trigger].map(({ properties }) => properties));
	expect(texts).not.toMatch(/\b(error|problem|mistake)s?\b/i);
});
