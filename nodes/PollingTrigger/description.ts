import type { INodeProperties } from 'n8n-workflow';
import { DELIVERY_EVENTS, RUNNER_EVENTS, UNDELIVERED } from '../events/event-options.ts';

/** The node's versions differ in the default. */
const events = {
	displayName: 'Events',
	name: 'events',
	type: 'multiOptions',
	options: DELIVERY_EVENTS,
	default: [],
	description: 'Events that start the workflow. Leave empty for all events.',
} satisfies INodeProperties;

export const pollingProperties: INodeProperties[] = [
	{
		displayName: 'Source',
		name: 'source',
		type: 'options',
		noDataExpression: true,
		options: [
			{
				name: 'OTPIQ',
				value: 'otpiq',
				description: 'The status of the messages that you list',
			},
			{
				name: 'Pingram',
				value: 'pingram',
				description: 'The logs of the account, or of the notifications that you list',
			},
			{
				name: 'Sureping Runner',
				value: 'sureping',
				description: 'The event feed of a runner, without gaps',
			},
		],
		default: 'sureping',
		description: 'The system to ask for delivery events',
	},
	{
		displayName:
			'Polling is for an n8n that cannot be reached from outside. If yours has a public URL, use the Notification Webhook Trigger: it gets the same events immediately.',
		name: 'pollingNotice',
		type: 'notice',
		default: '',
	},
	{
		displayName: 'SMS IDs',
		name: 'smsIds',
		type: 'string',
		typeOptions: { rows: 3 },
		required: true,
		default: '',
		placeholder: 'e.g. sms-1234567890abcdef12345678',
		description:
			'The messages to track: the notificationId of each send, separated by commas or line breaks, or a list from an expression. A message with a final status is not checked again.',
		displayOptions: { show: { source: ['otpiq'] } },
	},
	{
		displayName: 'Tracking IDs',
		name: 'trackingIds',
		type: 'string',
		typeOptions: { rows: 3 },
		default: '',
		placeholder: 'e.g. 5e0ba1c1-…',
		description:
			'The notifications to watch: the notificationId of each send, separated by commas or line breaks, or a list from an expression. Leave empty for the message log of the account.',
		displayOptions: { show: { source: ['pingram'] } },
	},
	{ ...events, displayOptions: { show: { '@version': [1] } } },
	{ ...events, displayOptions: { hide: { '@version': [1], source: ['sureping'] } } },
	{
		...events,
		options: [...RUNNER_EVENTS],
		default: [UNDELIVERED],
		displayOptions: { show: { source: ['sureping'] }, hide: { '@version': [1] } },
	},
	{
		displayName: 'Options',
		name: 'options',
		type: 'collection',
		placeholder: 'Add Option',
		default: {},
		displayOptions: { show: { source: ['sureping'] } },
		options: [
			{
				displayName: 'Include Own Sends',
				name: 'includeOwn',
				type: 'boolean',
				default: false,
				displayOptions: { hide: { '@version': [1] } },
				description:
					'Whether events of notifications that this workflow sent itself start it too. A workflow that sends a notification for each event would then never stop.',
			},
			{
				displayName: 'Start At',
				name: 'startAt',
				type: 'options',
				options: [
					{
						name: 'Newest',
						value: 'newest',
						description: 'Only events after you publish the workflow (in n8n 1, activate it)',
					},
					{
						name: 'Oldest',
						value: 'oldest',
						description: 'Every event that the runner still stores',
					},
				],
				default: 'newest',
				description: 'Where the first poll starts',
			},
		],
	},
];
