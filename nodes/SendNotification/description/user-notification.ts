import type { INodeProperties } from 'n8n-workflow';
import { sendingVia } from './sending-via.ts';

const displayOptions = sendingVia('notificationApi', 'pingram');

/** A notification for one of your users, as NotificationAPI and Pingram take it. */
export const userNotificationProperties: INodeProperties[] = [
	{
		displayName: 'Notification Type',
		name: 'notificationType',
		type: 'string',
		required: true,
		default: '',
		placeholder: 'e.g. order_shipped',
		description: 'The ID of the notification in the dashboard, where its templates are',
		displayOptions,
	},
	{
		displayName: 'User ID',
		name: 'userId',
		type: 'string',
		required: true,
		default: '',
		placeholder: 'e.g. user-123',
		description: 'Your own ID of the recipient. An e-mail address works too.',
		displayOptions,
	},
	{
		displayName: 'User Email',
		name: 'userEmail',
		type: 'string',
		default: '',
		placeholder: 'e.g. ada@example.com',
		description: 'Needed for e-mails if the service does not have it yet',
		displayOptions,
	},
	{
		displayName: 'User Phone Number',
		name: 'userNumber',
		type: 'string',
		default: '',
		placeholder: 'e.g. +15005550006',
		description: 'Needed for SMS and calls if the service does not have it yet',
		displayOptions,
	},
	{
		displayName: 'Merge Parameters',
		name: 'parameters',
		type: 'json',
		default: '{}',
		placeholder: 'e.g. { "firstName": "Ada" }',
		description: 'Values for the placeholders of the template, such as {{firstName}}',
		displayOptions,
	},
];

export const userNotificationOptions = [
	{
		displayName: 'Channel Content',
		name: 'content',
		type: 'json',
		default: '{}',
		placeholder: 'e.g. { "email": { "subject": "Hello", "html": "<p>Hello</p>" } }',
		description:
			'Content that replaces the template, by channel: email, inapp, sms, call, web_push, mobile_push, slack. May also hold options, as the API documents them.',
	},
	{
		displayName: 'Force Channels',
		name: 'forceChannels',
		type: 'multiOptions',
		options: [
			{ name: 'Call', value: 'CALL' },
			{ name: 'E-Mail', value: 'EMAIL' },
			{ name: 'In-App', value: 'INAPP_WEB' },
			{ name: 'Mobile Push', value: 'PUSH' },
			{ name: 'Slack', value: 'SLACK' },
			{ name: 'SMS', value: 'SMS' },
			{ name: 'Web Push', value: 'WEB_PUSH' },
		],
		default: [],
		description: 'Use these channels, whatever the settings of the notification and the user',
	},
	{
		displayName: 'Schedule',
		name: 'schedule',
		type: 'dateTime',
		default: '',
		description: 'When to send it. Leave empty to send now.',
	},
	{
		displayName: 'Sub-Notification ID',
		name: 'subNotificationId',
		type: 'string',
		default: '',
		placeholder: 'e.g. project-42',
		description: 'A part of the notification that users can mute separately',
	},
	{
		displayName: 'Template ID',
		name: 'templateId',
		type: 'string',
		default: '',
		description: 'Use this template instead of the default one',
	},
] satisfies INodeProperties[];
