import type { INodeProperties, INodePropertyOptions } from 'n8n-workflow';
import { EVENT_TYPES } from '../../engine/event.ts';
import { PROVIDERS } from '../../engine/providers.ts';
import { DEFAULT_TOLERANCE_S } from '../../engine/receive/index.ts';

const providerOptions: INodePropertyOptions[] = Object.values(PROVIDERS).map(
	({ parameter, title }) => ({ name: title, value: parameter }),
);

/** `notification.failed` is shown as "Failed". */
const eventOptions: INodePropertyOptions[] = Object.entries(EVENT_TYPES).map(
	([value, description]) => {
		const word = value.slice(value.lastIndexOf('.') + 1);
		return { name: word.charAt(0).toUpperCase() + word.slice(1), value, description };
	},
);

export const triggerProperties: INodeProperties[] = [
	{
		displayName: 'Provider',
		name: 'provider',
		type: 'options',
		noDataExpression: true,
		options: providerOptions,
		default: 'sureping',
		description: 'Who sends the delivery events',
	},
	{
		displayName: 'Endpoint',
		name: 'registration',
		type: 'options',
		noDataExpression: true,
		options: [
			{
				name: 'Register Automatically',
				value: 'automatic',
				description:
					'The runner gets this webhook when the workflow is activated, and keeps its events while it is inactive',
			},
			{
				name: 'Set Up by Hand',
				value: 'manual',
				description: 'The endpoint is in the configuration of the runner',
			},
		],
		default: 'automatic',
		displayOptions: { show: { provider: ['sureping'] } },
	},
	{
		displayName:
			'Add the production webhook URL above to <code>endpoints</code> in the configuration of the runner, with a <code>secret</code> that the credential holds too.',
		name: 'manualNotice',
		type: 'notice',
		default: '',
		displayOptions: { show: { provider: ['sureping'], registration: ['manual'] } },
	},
	{
		displayName:
			'Paste the production webhook URL above into the webhook settings of the One-Ping dashboard, and the secret it shows there into the credential. Activate this workflow before you send.',
		name: 'onePingNotice',
		type: 'notice',
		default: '',
		displayOptions: { show: { provider: ['onePing'] } },
	},
	{
		displayName: 'Events',
		name: 'events',
		type: 'multiOptions',
		options: eventOptions,
		default: [],
		description: 'Events that start the workflow. Leave empty for all of them.',
	},
	{
		displayName: 'Options',
		name: 'options',
		type: 'collection',
		placeholder: 'Add Option',
		default: {},
		options: [
			{
				displayName: 'Signature Covers',
				name: 'signatureInput',
				type: 'options',
				options: [
					{
						name: 'Body Alone',
						value: 'body-only',
						description: 'What the text of the documentation of One-Ping says',
					},
					{
						name: 'Timestamp and Body',
						value: 'timestamped',
						description: 'What its Node.js sample signs, and what a runner signs by default',
					},
					{
						name: 'Timestamp and Body as Python Writes It',
						value: 'python-json',
						description: 'What its Python sample signs',
					},
				],
				default: 'timestamped',
				description:
					'The documentation of One-Ping describes three forms. Change this only when genuine webhooks are refused with bad_signature.',
			},
			{
				displayName: 'Tolerance (Seconds)',
				name: 'toleranceS',
				type: 'number',
				typeOptions: { minValue: 1, maxValue: 3600 },
				default: DEFAULT_TOLERANCE_S,
				description:
					'How far the time of signing may be from now. A request outside of it is refused as a possible replay.',
			},
		],
	},
];
