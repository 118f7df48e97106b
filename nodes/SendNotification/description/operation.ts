import type { INodeProperties, INodePropertyOptions } from 'n8n-workflow';

const OPERATIONS = {
	cancel: {
		name: 'Cancel',
		value: 'cancel',
		description: 'Stop the deliveries of a runner notification that are still pending',
		action: 'Cancel a notification',
	},
	acknowledge: {
		name: 'Acknowledge',
		value: 'acknowledge',
		description: 'Say that somebody takes care of an incident: nobody else is paged',
		action: 'Acknowledge an incident',
	},
	escalate: {
		name: 'Escalate',
		value: 'escalate',
		description: 'Page one party after the other until somebody acknowledges',
		action: 'Escalate until somebody answers',
	},
	resolve: {
		name: 'Resolve',
		value: 'resolve',
		description: 'Say that an incident is over',
		action: 'Resolve an incident',
	},
	get: {
		name: 'Get',
		value: 'get',
		description: 'Get a notification with the status of its deliveries',
		action: 'Get a notification',
	},
	getMany: {
		name: 'Get Many',
		value: 'getMany',
		description: 'Get the most recent notifications of the runner',
		action: 'Get many notifications',
	},
	send: {
		name: 'Send',
		value: 'send',
		description: 'Send a notification through one or more channels',
		action: 'Send a notification',
	},
} satisfies Record<string, INodePropertyOptions>;

const WAYS = {
	direct: {
		name: 'Direct',
		value: 'direct',
		description: 'From this node, while the execution runs',
	},
	runner: {
		name: 'Sureping Runner',
		value: 'runner',
		description: 'Through your own runner, which keeps retrying and reports every delivery event',
	},
} satisfies Record<string, INodePropertyOptions>;

const HOSTED: readonly INodePropertyOptions[] = [
	{
		name: 'NotificationAPI',
		value: 'notificationApi',
		description: 'The older API of the service that is now Pingram',
	},
	{ name: 'One-Ping', value: 'onePing', description: 'The hosted service at one-ping.com' },
	{ name: 'OnePush', value: 'onePush', description: 'The hosted e-mail service at onepush.app' },
	{
		name: 'OTPIQ',
		value: 'otpiq',
		description: 'SMS, WhatsApp and Telegram through otpiq.com',
	},
	{ name: 'Pingram', value: 'pingram', description: 'The hosted service at pingram.io' },
];

/** The node's versions differ in the order of the choices. */
const operation = {
	displayName: 'Operation',
	name: 'operation',
	type: 'options',
	noDataExpression: true,
	options: [
		OPERATIONS.send,
		OPERATIONS.escalate,
		OPERATIONS.acknowledge,
		OPERATIONS.resolve,
		OPERATIONS.get,
		OPERATIONS.getMany,
		OPERATIONS.cancel,
	],
	default: 'send',
} satisfies INodeProperties;
const via = {
	displayName: 'Send Via',
	name: 'via',
	type: 'options',
	noDataExpression: true,
	options: [WAYS.runner, WAYS.direct, ...HOSTED],
	default: 'runner',
} satisfies INodeProperties;
export const SINCE_2 = { '@version': [{ _cnd: { gte: 2 } }] };

/** The place where n8n shows the credentials. Without it, they appear above the choice that decides on them. */
export const credentials = {
	displayName: 'Credentials',
	name: 'credentials',
	type: 'credentials',
	default: '',
} satisfies INodeProperties;
const sending = { show: { resource: ['notification'], operation: ['send'] } };

const gettingMany = { show: { resource: ['notification'], operation: ['getMany'] } };

/** The operation, and the way that it takes. */
export const operationProperties: INodeProperties[] = [
	{
		displayName: 'Resource',
		name: 'resource',
		type: 'options',
		noDataExpression: true,
		options: [{ name: 'Notification', value: 'notification' }],
		default: 'notification',
	},
	// n8n builds its list of actions from the first property of this name.
	{
		...operation,
		displayOptions: { show: { resource: ['notification'] }, hide: { '@version': [1] } },
	},
	{
		...operation,
		options: [OPERATIONS.cancel, OPERATIONS.get, OPERATIONS.send],
		displayOptions: { show: { resource: ['notification'], '@version': [1] } },
	},
	{
		...via,
		displayOptions: { ...sending, hide: { '@version': [1] } },
	},
	{
		...via,
		options: [WAYS.direct, ...HOSTED, WAYS.runner],
		displayOptions: { show: { ...sending.show, '@version': [1] } },
	},
	{
		displayName:
			'Direct mode works while this execution waits: by default it makes 3 attempts within about 6 seconds, then uses the fallback channels. A Sureping runner keeps retrying for minutes, survives a restart, and reports delivery events to the Notification Webhook Trigger.',
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
				description: 'Status per channel, from its message tracking',
			},
			{
				name: 'Pingram',
				value: 'pingram',
				description: 'Status per channel, from its logs',
			},
			{
				name: 'Sureping Runner',
				value: 'runner',
				description: 'Status with every delivery, attempt and event',
			},
		],
		default: 'runner',
	},
	{
		...credentials,
		displayOptions: { show: SINCE_2, hide: { via: ['direct'] } },
	},
	{
		displayName:
			'OTPIQ, NotificationAPI, Pingram and OnePush cannot tell a repeat from a new message. If an answer is lost, the node does not send again: the item fails and says so.',
		name: 'noRepeatNotice',
		type: 'notice',
		default: '',
		displayOptions: {
			show: { operation: ['send'], via: ['notificationApi', 'onePush', 'otpiq', 'pingram'] },
		},
	},
	{
		displayName:
			'OnePush publishes no API for sending. The URL and the header come from your credential. The field names are guesses; change them in Options.',
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
		description: 'The notificationId in the output of the send',
		displayOptions: { show: { resource: ['notification'], operation: ['cancel', 'get'] } },
	},
	{
		displayName: 'Return All',
		name: 'returnAll',
		type: 'boolean',
		default: false,
		description: 'Whether to return all results or only up to a given limit',
		displayOptions: gettingMany,
	},
	{
		displayName: 'Limit',
		name: 'limit',
		type: 'number',
		typeOptions: { minValue: 1 },
		default: 50,
		description: 'Max number of results to return',
		displayOptions: { show: { ...gettingMany.show, returnAll: [false] } },
	},
	{
		displayName: 'Filters',
		name: 'filters',
		type: 'collection',
		placeholder: 'Add Filter',
		default: {},
		displayOptions: gettingMany,
		options: [
			{
				displayName: 'Channel',
				name: 'channel',
				type: 'string',
				default: '',
				placeholder: 'e.g. slack',
				description: 'Only notifications with a delivery through this channel',
			},
			{
				displayName: 'Status',
				name: 'status',
				type: 'options',
				options: [
					{ name: 'Cancelled', value: 'cancelled' },
					{ name: 'Delivered', value: 'delivered' },
					{ name: 'Failed', value: 'failed' },
					{ name: 'In Progress', value: 'in_progress' },
					{ name: 'Queued', value: 'queued' },
				],
				default: 'failed',
				description: 'Only notifications with this status',
			},
		],
	},
];
