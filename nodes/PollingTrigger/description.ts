import type { INodeProperties } from 'n8n-workflow';
import { DELIVERY_EVENTS, RUNNER_EVENTS, UNDELIVERED } from '../events/event-options.ts';

/** The parameter Events, whose default depends on the node's version. */
const events = {
	displayName: 'Events',
	name: 'events',
	type: 'multiOptions',
	options: DELIVERY_EVENTS,
	default: [],
	description: 'Events that start the workflow. Leave empty for all of them.',
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
				description: 'The tracking of messages that are listed',
			},
			{
				name: 'Pingram',
				value: 'pingram',
				description: 'The logs of the account, or of notifications that are listed',
			},
			{
				name: 'Sureping Runner',
				value: 'sureping',
				description: 'The event feed of a runner, none skipped',
			},
		],
		default: 'sureping',
		description: 'Who is asked for delivery events',
	},
	{
		displayName:
			'Polling is for an n8n that nobody outside can reach. Where it has a public URL, the Notification Webhook Trigger gets the same events at once.',
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
			'The messages to track: the notificationId of their sends, separated by commas or line ends, or a list from an expression. Those that have ended are not asked about again.',
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
			'The notifications to watch: the notificationId of their sends, separated by commas or line ends, or a list from an expression. Leave empty for the message log of the account.',
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
					'Whether events of notifications that this very workflow sent start it too. A workflow that sends for each event would then never end.',
			},
			{
				displayName: 'Start At',
				name: 'startAt',
				type: 'options',
				options: [
					{
						name: 'Newest',
						value: 'newest',
						description: 'Only what happens after you publish the workflow (in n8n 1, activate it)',
					},
					{
						name: 'Oldest',
						value: 'oldest',
						description: 'Everything that the runner still keeps',
					},
				],
				default: 'newest',
				description: 'Where the first poll begins',
			},
		],
	},
];
