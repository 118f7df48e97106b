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
				'The most events that the runner sends in one request, and so the most items of one execution. Set 1 for an execution per event. It counts when the webhook is registered.',
		},
		{
			displayName: 'Dedupe Window (Minutes)',
			name: 'dedupeMinutes',
			type: 'number',
			typeOptions: { minValue: 0, maxValue: 43_200 },
			default: DEFAULT_DEDUPE_MINUTES,
			description:
				'How long an event is remembered, so that a repeat of it starts nothing. 1440 minutes are 24 hours.',
		},
		{
			displayName: 'Include Headers',
			name: 'includeHeaders',
			type: 'boolean',
			default: false,
			description:
				'Whether each item gets the headers of its request, without those that hold secrets or signatures',
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
				'Whether events of notifications that this very workflow sent start it too. A workflow that sends for each event would then never end.',
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
						'Delivered, Failed, Engagement (opened, clicked, read, unsubscribed, …) and Other',
				},
			],
			default: 'single',
			description: 'Where the events come out',
		},
		{
			displayName: 'Provider Event Names',
			name: 'providerEvents',
			type: 'string',
			default: '',
			placeholder: 'e.g. EMAIL_BOUNCED, EMAIL_INBOUND',
			description:
				'The names of the provider itself (<code>providerEvent</code> of the items), separated by commas. Only these events start the workflow. Leave empty for all of them.',
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
				'The URL that the provider calls, where it is not the one that n8n shows above. It is part of what is signed.',
		},
		{
			displayName: 'Response Body',
			name: 'responseBody',
			type: 'string',
			typeOptions: { rows: 2 },
			default: '',
			placeholder: 'e.g. ok',
			description: 'Text or JSON that the provider gets as the answer to its request',
		},
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
			displayOptions: {
				show: { '/provider': [PROVIDERS.sureping.parameter, PROVIDERS['one-ping'].parameter] },
			},
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
				'The address of n8n as the runner reaches it, where that is not the one in the webhook URL above: in Docker Compose the name of the service. It counts when the webhook is registered.',
		},
	],
};
