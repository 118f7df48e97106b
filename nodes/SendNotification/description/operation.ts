import type { INodeProperties } from 'n8n-workflow';

/** What the node does, and through whom. */
export const operationProperties: INodeProperties[] = [
	{
		displayName: 'Resource',
		name: 'resource',
		type: 'options',
		noDataExpression: true,
		options: [{ name: 'Notification', value: 'notification' }],
		default: 'notification',
	},
	{
		displayName: 'Operation',
		name: 'operation',
		type: 'options',
		noDataExpression: true,
		displayOptions: { show: { resource: ['notification'] } },
		options: [
			{
				name: 'Cancel',
				value: 'cancel',
				description: 'Stop what is still pending of a notification that went to the runner',
				action: 'Cancel a notification',
			},
			{
				name: 'Get',
				value: 'get',
				description: 'Get a notification and what became of it',
				action: 'Get a notification',
			},
			{
				name: 'Send',
				value: 'send',
				description: 'Send a notification through one or more channels',
				action: 'Send a notification',
			},
		],
		default: 'send',
	},
	{
		displayName: 'Send Via',
		name: 'via',
		type: 'options',
		noDataExpression: true,
		displayOptions: { show: { resource: ['notification'], operation: ['send'] } },
		options: [
			{
				name: 'Direct',
				value: 'direct',
				description: 'Straight from this node, while the execution lasts',
			},
			{
				name: 'NotificationAPI',
				value: 'notificationApi',
				description: 'The older API of what is Pingram now',
			},
			{
				name: 'One-Ping',
				value: 'onePing',
				description: 'The hosted service at one-ping.com',
			},
			{
				name: 'OnePush',
				value: 'onePush',
				description: 'The hosted mail service at onepush.app',
			},
			{
				name: 'OTPIQ',
				value: 'otpiq',
				description: 'SMS, WhatsApp and Telegram through otpiq.com',
			},
			{
				name: 'Pingram',
				value: 'pingram',
				description: 'The hosted service at pingram.io',
			},
			{
				name: 'Sureping Runner',
				value: 'runner',
				description: 'Your own runner, which keeps trying and reports every delivery event',
			},
		],
		default: 'runner',
	},
	{
		displayName:
			'Direct mode waits inside this execution: by default it tries 3 times within about 6 seconds, then the fallback channels. A Sureping runner also keeps trying for minutes, survives a restart, and reports delivery events to the Notification Webhook Trigger.',
		name: 'directNotice',
		type: 'notice',
		default: '',
		displayOptions: { show: { operation: ['send'], via: ['direct'] } },
	},
	{
		displayName: 'Sent Via',
		name: 'via',
		type: 'options',
		noDataExpression: true,
		displayOptions: { show: { resource: ['notification'], operation: ['get'] } },
		options: [
			{
				name: 'OTPIQ',
				value: 'otpiq',
				description: 'Status by channel, from its tracking',
			},
			{
				name: 'Pingram',
				value: 'pingram',
				description: 'Status by channel, from its logs',
			},
			{
				name: 'Sureping Runner',
				value: 'runner',
				description: 'With every delivery, attempt and event',
			},
		],
		default: 'runner',
	},
	{
		displayName:
			'OTPIQ, NotificationAPI, Pingram and OnePush cannot tell a repeat from a new message. So an attempt whose answer was lost is not made again; the item fails and says so.',
		name: 'noRepeatNotice',
		type: 'notice',
		default: '',
		displayOptions: {
			show: { operation: ['send'], via: ['notificationApi', 'onePush', 'otpiq', 'pingram'] },
		},
	},
	{
		displayName:
			'OnePush publishes no API for sending. The URL and the header come from the credential; the names of the fields are guesses that Options can change.',
		name: 'onePushNotice',
		type: 'notice',
		default: '',
		displayOptions: { show: { operation: ['send'], via: ['onePush'] } },
	},
	{
		displayName: 'Notification ID',
		name: 'notificationId',
		type: 'string',
		required: true,
		default: '',
		placeholder: 'e.g. msg_01jd3x0k7c5v…',
		description: 'The notificationId that sending put out',
		displayOptions: { show: { resource: ['notification'], operation: ['cancel', 'get'] } },
	},
];
