import type { INodeProperties, INodePropertyCollection } from 'n8n-workflow';
import { onePushOptions } from './one-push.ts';
import { otpiqOptions } from './otpiq.ts';
import { sendingVia } from './sending-via.ts';
import { userNotificationOptions } from './user-notification.ts';

type Option = Exclude<NonNullable<INodeProperties['options']>[number], INodePropertyCollection>;

const subject: INodeProperties = {
	displayName: 'Subject',
	name: 'subject',
	type: 'string',
	default: '',
	placeholder: 'e.g. Order ORD-5678',
	description:
		'The subject of an e-mail, and the heading on other channels. If empty, an e-mail uses the first line of the message.',
};

const addresses: INodeProperties = {
	displayName: 'Recipient per Channel',
	name: 'addresses',
	type: 'fixedCollection',
	typeOptions: { multipleValues: true },
	placeholder: 'Add Address',
	default: {},
	description: 'Addresses for channels that need another one than Recipient',
	options: [
		{
			displayName: 'Address',
			name: 'values',
			values: [
				{
					displayName: 'Address',
					name: 'address',
					type: 'string',
					default: '',
					placeholder: 'e.g. #ops',
				},
				{
					displayName: 'Channel',
					name: 'channel',
					type: 'string',
					default: '',
					placeholder: 'e.g. slack, or slack:ops-slack',
					description: 'A channel, or a connection of a channel',
				},
			],
		},
	],
};

const metadata: INodeProperties = {
	displayName: 'Metadata',
	name: 'metadata',
	type: 'json',
	default: '{}',
	placeholder: 'e.g. { "order_id": "ORD-5678" }',
	description: 'Your own data, returned unchanged in every delivery event',
};

const callbackUrl: INodeProperties = {
	displayName: 'Callback URL',
	name: 'callbackUrl',
	type: 'string',
	default: '',
	placeholder: 'e.g. https://example.com/hooks/delivery',
	description: 'Receives the delivery events of this notification instead of the default endpoint',
};

const retry: INodeProperties = {
	displayName: 'Retry',
	name: 'retry',
	type: 'boolean',
	default: true,
	description: 'Whether to try a channel again after it failed',
};

const retryDelays: INodeProperties = {
	displayName: 'Retry Delays',
	name: 'retryDelays',
	type: 'string',
	default: '',
	placeholder: 'e.g. 15, 60, 300',
	description: 'Seconds to wait after each failed attempt. Three delays allow four attempts.',
};

const timeout: INodeProperties = {
	displayName: 'Timeout',
	name: 'timeout',
	type: 'number',
	typeOptions: { minValue: 0.1, maxValue: 120 },
	default: 10,
	description: 'Seconds until an attempt counts as failed',
};

const sendAt: INodeProperties = {
	displayName: 'Send At',
	name: 'sendAt',
	type: 'dateTime',
	default: '',
	description: 'When the first attempt may start. Leave empty to send now.',
};

const expiresAt: INodeProperties = {
	displayName: 'Expires At',
	name: 'expiresAt',
	type: 'dateTime',
	default: '',
	description: 'When the message is no longer of use. No attempt starts after this time.',
};

const priority: INodeProperties = {
	displayName: 'Priority',
	name: 'priority',
	type: 'options',
	options: [
		{ name: 'Critical', value: 'critical' },
		{ name: 'Normal', value: 'normal' },
	],
	default: 'normal',
	description: 'Critical notifications go first when many are waiting',
};

const idempotencyKey: INodeProperties = {
	displayName: 'Idempotency Key',
	name: 'idempotencyKey',
	type: 'string',
	default: '',
	placeholder: 'e.g. order-5678-confirmation',
	description:
		'Sends with the same key within 24 hours count as one send. If empty, the node makes a key for each item of each execution.',
};

const waitForOutcome: INodeProperties = {
	displayName: 'Wait for Outcome (Seconds)',
	name: 'waitForOutcome',
	type: 'number',
	typeOptions: { minValue: 0, maxValue: 600 },
	default: 10,
	description:
		'How long to wait for the notification to end, so that the item has the outcome: every delivery with its attempts. After that time the runner goes on by itself. The API key needs the scope "read".',
};

function optionsFor(via: string, options: Option[]): INodeProperties {
	return {
		displayName: 'Options',
		name: 'options',
		type: 'collection',
		placeholder: 'Add Option',
		default: {},
		displayOptions: sendingVia(via),
		options,
	};
}

/** Each way of sending shows only the options that it supports. */
export const optionProperties: INodeProperties[] = [
	optionsFor('runner', [
		callbackUrl,
		expiresAt,
		idempotencyKey,
		metadata,
		priority,
		addresses,
		retry,
		retryDelays,
		sendAt,
		subject,
		timeout,
		waitForOutcome,
	]),
	optionsFor('direct', [addresses, retry, retryDelays, subject, timeout]),
	optionsFor('onePing', [callbackUrl, metadata, retry, subject]),
	optionsFor('otpiq', otpiqOptions),
	optionsFor('notificationApi', userNotificationOptions),
	optionsFor('pingram', userNotificationOptions),
	optionsFor('onePush', [...onePushOptions, metadata, subject]),
];
