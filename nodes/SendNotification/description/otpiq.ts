import type { IDisplayOptions, INodeProperties } from 'n8n-workflow';
import { sendingVia } from './sending-via.ts';

const sendingKind = (smsType: string): IDisplayOptions => ({
	show: { ...sendingVia('otpiq').show, smsType: [smsType] },
});

const senderId: INodeProperties = {
	displayName: 'Sender ID',
	name: 'senderId',
	type: 'string',
	default: '',
	placeholder: 'e.g. MyShop',
	description: 'A sender ID that OTPIQ has approved for the project, at most 11 characters',
};

const templateName: INodeProperties = {
	displayName: 'Template Name',
	name: 'templateName',
	type: 'string',
	default: '',
	placeholder: 'e.g. verification_template',
	description: 'The name of the WhatsApp template in OTPIQ',
};

const whatsappAccountId: INodeProperties = {
	displayName: 'WhatsApp Account ID',
	name: 'whatsappAccountId',
	type: 'string',
	default: '',
	placeholder: 'e.g. 68c46fecc509cdcec8fb3ef2',
	description: 'The WhatsApp business account that sends',
};

const whatsappPhoneId: INodeProperties = {
	displayName: 'WhatsApp Phone ID',
	name: 'whatsappPhoneId',
	type: 'string',
	default: '',
	placeholder: 'e.g. 68da31fb518ac3db3eb0a0f4',
	description: 'The phone number of that account',
};

/** The request of docs.otpiq.com, "Send SMS". */
export const otpiqProperties: INodeProperties[] = [
	{
		displayName: 'Message Kind',
		name: 'smsType',
		type: 'options',
		noDataExpression: true,
		options: [
			{ name: 'Custom Message', value: 'custom', description: 'Your own text' },
			{
				name: 'Verification Code',
				value: 'verification',
				description: 'A code in a text by OTPIQ',
			},
			{
				name: 'WhatsApp Template',
				value: 'whatsapp-template',
				description: 'A template of your WhatsApp business account',
			},
		],
		default: 'verification',
		displayOptions: sendingVia('otpiq'),
	},
	{
		displayName: 'Phone Number',
		name: 'recipient',
		type: 'string',
		required: true,
		default: '',
		placeholder: 'e.g. +964 750 123 4567',
		description: 'With the country code. Spaces and a leading + or 00 are removed.',
		displayOptions: sendingVia('otpiq'),
	},
	{
		displayName: 'Verification Code',
		name: 'verificationCode',
		type: 'string',
		required: true,
		default: '',
		placeholder: 'e.g. 123456',
		description: 'The code for the recipient to enter, 1 to 20 characters',
		displayOptions: sendingKind('verification'),
	},
	{
		displayName: 'Message',
		name: 'message',
		type: 'string',
		typeOptions: { rows: 4 },
		required: true,
		default: '',
		placeholder: 'e.g. Your order has been shipped',
		description: 'The text of the message',
		displayOptions: sendingKind('custom'),
	},
	{ ...senderId, required: true, displayOptions: sendingKind('custom') },
	{ ...templateName, required: true, displayOptions: sendingKind('whatsapp-template') },
	{
		displayName: 'Template Parameters',
		name: 'templateParameters',
		type: 'json',
		default: '{}',
		placeholder: 'e.g. { "body": { "1": "Ada" } }',
		description: 'Values for the placeholders in the header, body and buttons of the template',
		displayOptions: sendingKind('whatsapp-template'),
	},
	{ ...whatsappAccountId, required: true, displayOptions: sendingKind('whatsapp-template') },
	{ ...whatsappPhoneId, required: true, displayOptions: sendingKind('whatsapp-template') },
	{
		displayName: 'Route',
		name: 'route',
		type: 'options',
		options: [
			{ name: 'Automatic', value: 'auto', description: 'OTPIQ chooses the channel' },
			{ name: 'SMS', value: 'sms' },
			{ name: 'Telegram', value: 'telegram' },
			{ name: 'Telegram, Then SMS', value: 'telegram-sms' },
			{ name: 'WhatsApp', value: 'whatsapp' },
			{ name: 'WhatsApp, Then SMS', value: 'whatsapp-sms' },
			{ name: 'WhatsApp, Then Telegram, Then SMS', value: 'whatsapp-telegram-sms' },
		],
		default: 'auto',
		description: 'The channels that OTPIQ tries, one after the other',
		displayOptions: sendingVia('otpiq'),
	},
];

export const otpiqOptions = [
	{
		displayName: 'Delivery Report URL',
		name: 'webhookUrl',
		type: 'string',
		default: '',
		placeholder: 'e.g. https://n8n.example.com/webhook/…',
		description:
			'Receives the delivery reports of this message. Use the production URL of a Notification Webhook Trigger; it must start with https.',
	},
	{
		displayName: 'Delivery Reports',
		name: 'deliveryReportType',
		type: 'options',
		options: [
			{ name: 'All', value: 'all', description: 'Sent, delivered and failed' },
			{ name: 'Final', value: 'final', description: 'Delivered or failed' },
		],
		default: 'all',
		description: 'The status changes that are reported to that URL',
	},
	{ ...senderId, displayName: 'Sender ID of a Code' },
	{
		...templateName,
		displayName: 'Template of a Code',
		description: 'The WhatsApp template for a verification code that is sent from your own number',
	},
	{
		displayName: 'Webhook Secret',
		name: 'webhookSecret',
		type: 'string',
		typeOptions: { password: true },
		default: '',
		description:
			'Returned with every delivery report to prove that it is genuine. Leave empty to use the one in the credential.',
	},
	{
		...whatsappAccountId,
		displayName: 'WhatsApp Account of a Code',
		description: 'The WhatsApp business account that sends a verification code',
	},
	{
		...whatsappPhoneId,
		displayName: 'WhatsApp Phone of a Code',
		description: 'The phone number that sends a verification code',
	},
] satisfies INodeProperties[];
