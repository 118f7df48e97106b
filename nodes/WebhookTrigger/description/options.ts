import type { INodeProperties } from 'n8n-workflow';
import { PROVIDERS } from '../../../engine/receive/providers/index.ts';
import { DEFAULT_TOLERANCE_S } from '../../../engine/receive/verify/timestamp.ts';
import { PER_OUTCOME } from '../outputs.ts';
import { parametersOf } from '../provider-setup.ts';
import { DEFAULT_DEDUPE_MINUTES } from '../trigger-settings.ts';
import { DEFAULT_BATCH_SIZE } from '../wanted-endpoint.ts';

export const optionsProperty: INodeProperties = {
	displayName: 'Options',
	name: 'options',
	type: 'collection',
	placeholder: 'Add Option',
	default: {},
	options: [
		{
			displayName: 'Batch Size',
			name: 'batchSize',
			type: 'number',
			typeOptions: { minValue: 1, maxValue: 1000 },
			default: DEFAULT_BATCH_SIZE,
			displayOptions: {
				show: { '/provider': [PROVIDERS.sureping.parameter], '/registration': ['automatic'] },
			},
			description:
				'The most events that the runner sends in one request, and so the most items in one execution. Set 1 for one execution per event. Takes effect when the webhook is registered.',
		},
		{
			displayName: 'Dedupe Window (Minutes)',
			name: 'dedupeMinutes',
			type: 'number',
			typeOptions: { minValue: 0, maxValue: 43_200 },
			default: DEFAULT_DEDUPE_MINUTES,
			description:
				'How long an event is remembered, so that a repeat does not start the workflow again. 1440 minutes are 24 hours.',
		},
		{
			displayName: 'Include Headers',
			name: 'includeHeaders',
			type: 'boolean',
			default: false,
			description:
				'Whether to add the headers of the request to each item, without those that hold secrets or signatures',
		},
		{
			displayName: 'Include Own Sends',
			name: 'includeOwn',
			type: 'boolean',
			default: false,
			displayOptions: {
				show: { '/provider': [PROVIDERS.sureping.parameter] },
				hide: { '@version': [2] },
			},
			description:
				'Whether events of notifications that this workflow sent itself start it too. A workflow that sends a notification for each event would then never stop.',
		},
		{
			displayName: 'Outputs',
			name: 'outputs',
			type: 'options',
			options: [
				{ name: 'One Output', value: 'single' },
				{
					name: 'One per Outcome',
					value: PER_OUTCOME,
					description:
						'Delivered, Failed, Engagement (opened, clicked, read, unsubscribed, …) and Other. From a runner also Escalation: the events of incidents.',
				},
			],
			default: 'single',
			description: 'The outputs that events leave the node by',
		},
		{
			displayName: 'Provider Event Names',
			name: 'providerEvents',
			type: 'string',
			default: '',
			placeholder: 'e.g. EMAIL_BOUNCED, EMAIL_INBOUND',
			description:
				'The provider’s own event names (<code>providerEvent</code> in the items), separated by commas. Only these events start the workflow. Leave empty for all events.',
		},
		{
			displayName: 'Public URL',
			name: 'publicUrl',
			type: 'string',
			default: '',
			placeholder: 'e.g. https://hooks.example.com/webhook/…/webhook',
			displayOptions: {
				show: {
					'/provider': parametersOf((id) => PROVIDERS[id].scheme.signsUrl ?? id === 'generic'),
				},
			},
			description:
				'The URL that the provider calls, if it differs from the one that n8n shows above. The signature covers it.',
		},
		{
			displayName: 'Response Body',
			name: 'responseBody',
			type: 'string',
			typeOptions: { rows: 2 },
			default: '',
			placeholder: 'e.g. ok',
			description: 'Text or JSON to answer the provider’s request with',
		},
		{
			displayName: 'Signature Covers',
			name: 'signatureInput',
			type: 'options',
			options: [
				{
					name: 'Body Alone',
					value: 'body-only',
					description: 'As described in the text of One-Ping’s documentation',
				},
				{
					name: 'Timestamp and Body',
					value: 'timestamped',
					description: 'As in One-Ping’s Node.js sample; the default of a runner',
				},
				{
					name: 'Timestamp and Body as Python Writes It',
					value: 'python-json',
					description: 'As in One-Ping’s Python sample',
				},
			],
			default: 'timestamped',
			displayOptions: {
				show: { '/provider': [PROVIDERS.sureping.parameter, PROVIDERS['one-ping'].parameter] },
			},
			description:
				'One-Ping’s documentation describes three forms. Change this only if genuine webhooks are refused with bad_signature.',
		},
		{
			displayName: 'Tolerance (Seconds)',
			name: 'toleranceS',
			type: 'number',
			typeOptions: { minValue: 1, maxValue: 3600 },
			default: DEFAULT_TOLERANCE_S,
			description:
				'How far the time of signing may be from now. A request outside this range is refused as a possible replay.',
		},
		{
			displayName: 'URL the Runner Calls',
			name: 'runnerUrl',
			type: 'string',
			default: '',
			placeholder: 'e.g. http://n8n:5678',
			displayOptions: {
				show: { '/provider': [PROVIDERS.sureping.parameter], '/registration': ['automatic'] },
			},
			description:
				'The address at which the runner reaches n8n, if it differs from the webhook URL above. In Docker Compose, use the name of the n8n service. Takes effect when the webhook is registered.',
		},
	],
};
