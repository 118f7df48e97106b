import type { INodeProperties } from 'n8n-workflow';

const escalating = { show: { resource: ['notification'], operation: ['escalate'] } };
const from = (source: 'canvas' | 'runner') => ({
	show: { ...escalating.show, policySource: [source] },
});

const seconds = { type: 'number', typeOptions: { minValue: 0 } } as const;

/** Rules of a policy that is written on the canvas, besides its steps. */
const policyRules: INodeProperties[] = [
	{
		displayName: 'Acknowledge Timeout',
		name: 'ackTimeout',
		...seconds,
		default: 1800,
		description:
			'Seconds after which an acknowledged incident opens again at the first step, unless it was resolved',
	},
	{
		displayName: 'Repeat',
		name: 'repeat',
		type: 'number',
		typeOptions: { minValue: 0, maxValue: 9 },
		default: 0,
		description: 'How often all steps are repeated when nobody has answered',
	},
	{
		displayName: 'Repeat After',
		name: 'repeatAfter',
		...seconds,
		default: 300,
		description: 'Seconds from the start of the last step to the next round',
	},
	{
		displayName: 'Resolve After',
		name: 'resolveAfter',
		...seconds,
		default: 14400,
		description: 'Seconds after which the incident resolves by itself',
	},
];

/** The parameters of *Escalate*. */
export const escalationProperties: INodeProperties[] = [
	{
		displayName: 'Message',
		name: 'message',
		type: 'string',
		typeOptions: { rows: 4 },
		required: true,
		default: '',
		placeholder: 'e.g. The database does not answer',
		description: 'The text of every page. Say what is wrong and what to do.',
		displayOptions: escalating,
	},
	{
		displayName: 'Policy From',
		name: 'policySource',
		type: 'options',
		noDataExpression: true,
		options: [
			{
				name: 'Runner',
				value: 'runner',
				description: 'A policy from the runner’s configuration or its API',
			},
			{ name: 'This Node', value: 'canvas', description: 'Steps that are written here' },
		],
		default: 'runner',
		description: 'Where the steps are that say who is paged, and when',
		displayOptions: escalating,
	},
	{
		displayName: 'Policy Name or ID',
		name: 'policy',
		type: 'options',
		typeOptions: { loadOptionsMethod: 'getPolicies' },
		required: true,
		default: '',
		description:
			'The policy that says who is paged, and when. Choose from the list, or specify an ID using an <a href="https://docs.n8n.io/code/expressions/">expression</a>.',
		displayOptions: from('runner'),
	},
	{
		displayName: 'Steps',
		name: 'steps',
		type: 'fixedCollection',
		typeOptions: { multipleValues: true, sortable: true },
		placeholder: 'Add Step',
		required: true,
		default: {},
		description: 'Who is paged one after the other, until somebody acknowledges',
		displayOptions: from('canvas'),
		options: [
			{
				displayName: 'Step',
				name: 'values',
				values: [
					{
						displayName: 'After',
						name: 'after',
						...seconds,
						default: 0,
						description:
							'Seconds after the start of the step before; of the first step, after the incident opened',
					},
					{
						displayName: 'Condition',
						name: 'when',
						type: 'options',
						options: [
							{ name: 'Always', value: 'not_acknowledged' },
							{ name: 'If All Deliveries Failed', value: 'failed' },
							{ name: 'If None Is Delivered', value: 'not_delivered' },
							{ name: 'If None Was Opened', value: 'not_opened' },
						],
						default: 'not_acknowledged',
						description: 'The step is skipped if this does not hold when it is due',
					},
					{
						displayName: 'Notify Names or IDs',
						name: 'notify',
						type: 'multiOptions',
						typeOptions: { loadOptionsMethod: 'getParties' },
						default: [],
						description:
							'The contacts, on-calls and channels that are paged. Choose from the list, or specify IDs using an <a href="https://docs.n8n.io/code/expressions/">expression</a>.',
					},
					{
						displayName: 'Urgency',
						name: 'urgency',
						type: 'options',
						options: [
							{ name: 'Default', value: 'default' },
							{ name: 'Important', value: 'important', description: 'Ignores quiet hours' },
						],
						default: 'default',
						description: 'Which of a contact’s rules apply',
					},
					{
						displayName: 'Who Has to Answer',
						name: 'ack',
						type: 'options',
						options: [
							{ name: 'Anybody', value: 'first' },
							{ name: 'Every Contact of the Step', value: 'all' },
						],
						default: 'first',
						description: 'Whose acknowledgement ends the paging',
					},
				],
			},
		],
	},
	{
		displayName: 'Deduplication Key',
		name: 'dedupKey',
		type: 'string',
		default: '',
		placeholder: 'e.g. database',
		description:
			'Your key for the trouble. While its incident is not over, further calls with it page nobody.',
		displayOptions: escalating,
	},
	{
		displayName: 'Options',
		name: 'escalationOptions',
		type: 'collection',
		placeholder: 'Add Option',
		default: {},
		displayOptions: escalating,
		options: [
			...policyRules,
			{
				displayName: 'Expires At',
				name: 'expiresAt',
				type: 'dateTime',
				default: '',
				description: 'Nobody is paged from then on',
			},
			{
				displayName: 'Metadata',
				name: 'metadata',
				type: 'json',
				default: '{}',
				placeholder: 'e.g. { "host": "db-1" }',
				description: 'Your own data, returned unchanged in every event',
			},
			{
				displayName: 'Priority',
				name: 'priority',
				type: 'options',
				options: [
					{ name: 'Critical', value: 'critical', description: 'Ignores quiet hours' },
					{ name: 'Normal', value: 'normal' },
				],
				default: 'critical',
				description: 'Critical pages go out before normal messages',
			},
			{
				displayName: 'Recipient',
				name: 'recipient',
				type: 'string',
				default: '',
				placeholder: 'e.g. ops@example.com',
				description: 'The address for channels that a step names and that need one',
			},
			{
				displayName: 'Subject',
				name: 'subject',
				type: 'string',
				default: '',
				placeholder: 'e.g. Database down',
				description: 'The subject of an e-mail, and the heading on other channels',
			},
		].sort((a, b) => a.displayName.localeCompare(b.displayName, 'en')) as INodeProperties[],
	},
];
