import type { INodeProperties, INodePropertyOptions } from 'n8n-workflow';
import { credentials, SINCE_2 } from './operation.ts';
import { otpiqProperties } from './otpiq.ts';
import { sendingVia } from './sending-via.ts';
import { userNotificationProperties } from './user-notification.ts';

const DIRECT_CHANNELS: INodePropertyOptions[] = [
	{ name: 'Discord', value: 'discord' },
	{
		name: 'E-Mail',
		value: 'email',
		description:
			'Uses the e-mail credential of this node; if there are several, the first of Resend, SendGrid, Postmark, Mailgun',
	},
	{ name: 'E-Mail (Mailgun)', value: 'email:mailgun' },
	{ name: 'E-Mail (Postmark)', value: 'email:postmark' },
	{ name: 'E-Mail (Resend)', value: 'email:resend' },
	{ name: 'E-Mail (SendGrid)', value: 'email:sendgrid' },
	{ name: 'Slack', value: 'slack' },
	{ name: 'Telegram', value: 'telegram' },
];

/** one-ping.com/features/api, "channels". */
const ONE_PING_CHANNELS: INodePropertyOptions[] = [
	{ name: 'Discord', value: 'discord' },
	{ name: 'E-Mail', value: 'email' },
	{ name: 'Slack', value: 'slack' },
	{ name: 'SMS', value: 'sms' },
	{ name: 'Telegram', value: 'telegram' },
	{ name: 'WhatsApp', value: 'whatsapp' },
];

const channels = {
	displayName: 'Channels',
	name: 'channels',
	type: 'multiOptions',
	required: true,
	default: [],
	description: 'The message goes to each of these channels',
} satisfies INodeProperties;

const fallbackChannels = {
	displayName: 'Fallback Channels',
	name: 'fallbackChannels',
	type: 'multiOptions',
	default: [],
	description: 'Tried one after the other, in this order, after every channel above has failed',
} satisfies INodeProperties;

/** Message, channels, recipient and fallbacks. Each way of sending has its own list of channels. */
export const contentProperties: INodeProperties[] = [
	{
		displayName: 'Message',
		name: 'message',
		type: 'string',
		typeOptions: { rows: 4 },
		required: true,
		default: '',
		placeholder: 'e.g. Your order has been shipped',
		description: 'The text of the message, the same for every channel',
		displayOptions: sendingVia('runner', 'direct', 'onePing', 'onePush'),
	},
	{
		displayName: 'Channel Names or IDs',
		name: 'channels',
		type: 'multiOptions',
		typeOptions: { loadOptionsMethod: 'getChannels' },
		required: true,
		default: [],
		description:
			'The message goes to each of these channels. Choose from the list, or specify IDs using an <a href="https://docs.n8n.io/code/expressions/">expression</a>.',
		displayOptions: sendingVia('runner'),
	},
	{ ...channels, options: DIRECT_CHANNELS, displayOptions: sendingVia('direct') },
	{ ...channels, options: ONE_PING_CHANNELS, displayOptions: sendingVia('onePing') },
	{
		displayName: 'Recipient',
		name: 'recipient',
		type: 'string',
		default: '',
		placeholder: 'e.g. ada@example.com',
		description:
			'One address for every channel. Leave empty if the connection has a fixed target, such as a Slack webhook. For a different address per channel, use Options.',
		displayOptions: sendingVia('runner', 'direct'),
	},
	{
		displayName: 'Recipient',
		name: 'recipient',
		type: 'string',
		required: true,
		default: '',
		placeholder: 'e.g. @username',
		description: 'The address of the recipient in One-Ping',
		displayOptions: sendingVia('onePing'),
	},
	{
		displayName: 'Recipient',
		name: 'recipient',
		type: 'string',
		required: true,
		default: '',
		placeholder: 'e.g. ada@example.com',
		description: 'The address of the recipient',
		displayOptions: sendingVia('onePush'),
	},
	...otpiqProperties,
	...userNotificationProperties,
	{
		displayName: 'Fallback Channel Names or IDs',
		name: 'fallbackChannels',
		type: 'multiOptions',
		typeOptions: { loadOptionsMethod: 'getChannels' },
		default: [],
		description:
			'Tried one after the other, in this order, after every channel above has failed. Choose from the list, or specify IDs using an <a href="https://docs.n8n.io/code/expressions/">expression</a>.',
		displayOptions: sendingVia('runner'),
	},
	{ ...fallbackChannels, options: DIRECT_CHANNELS, displayOptions: sendingVia('direct') },
	{
		displayName:
			'Choose a credential below for each channel that you use. The others may stay empty.',
		name: 'directCredentialsNotice',
		type: 'notice',
		default: '',
		displayOptions: { show: { ...sendingVia('direct').show, ...SINCE_2 } },
	},
	{ ...credentials, displayOptions: { show: { ...sendingVia('direct').show, ...SINCE_2 } } },
	{ ...fallbackChannels, options: ONE_PING_CHANNELS, displayOptions: sendingVia('onePing') },
];
