import type { INodeProperties, INodePropertyOptions } from 'n8n-workflow';
import { PROVIDERS } from '../../../engine/receive/providers/index.ts';
import { PROVIDER_IDS, setupNotice } from '../provider-setup.ts';
import { genericProperties } from './generic.ts';
import { optionsProperty } from './options.ts';
import { DELIVERY_EVENTS, RUNNER_EVENTS, UNDELIVERED } from '../../events/event-options.ts';

const providerOptions: INodePropertyOptions[] = PROVIDER_IDS.map((id) => ({
	name: PROVIDERS[id].title,
	value: PROVIDERS[id].parameter,
}));

/** For the canvas, which cuts a subtitle off after about 28 characters. */
const shortTitles = Object.fromEntries(
	PROVIDER_IDS.map((id) => [
		PROVIDERS[id].parameter,
		id === 'sureping' ? 'Runner' : PROVIDERS[id].title,
	]),
);

/** The provider and the events that start the workflow. */
export const SUBTITLE = `={{ (${JSON.stringify(
	shortTitles,
)})[$parameter["provider"]] + ": " + ([].concat($parameter["events"] || []).map((event) => event.split(".").pop()).join(", ") || "all events") }}`;

/** One for each provider: where to paste the URL, and the secret that goes into the credential. */
const setupNotices: INodeProperties[] = PROVIDER_IDS.map((id) => {
	const { parameter } = PROVIDERS[id];
	const registers = id === 'sureping' || id === 'pingram';
	return {
		displayName: setupNotice(id),
		name: `${parameter}Notice`,
		type: 'notice',
		default: '',
		displayOptions: {
			show: { provider: [parameter], ...(registers ? { registration: ['manual'] } : {}) },
		},
	};
});

/** The node's versions differ in the default. */
const events = {
	displayName: 'Events',
	name: 'events',
	type: 'multiOptions',
	options: DELIVERY_EVENTS,
	default: [],
	description: 'Events that start the workflow. Leave empty for all events.',
} satisfies INodeProperties;

export const triggerProperties: INodeProperties[] = [
	{
		displayName: 'Provider',
		name: 'provider',
		type: 'options',
		noDataExpression: true,
		options: providerOptions,
		default: 'sureping',
		description: 'The system that sends the delivery events',
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
					'The webhook is registered when you publish the workflow (in n8n 1, activate it). While the workflow is not live, a runner keeps its events.',
			},
			{
				name: 'Set Up by Hand',
				value: 'manual',
				description:
					'The endpoint is in the configuration of the runner, or in the dashboard of Pingram',
			},
		],
		default: 'automatic',
		displayOptions: { show: { provider: ['sureping', 'pingram'] } },
	},
	{
		displayName:
			'Pingram has one events webhook per account and environment. While this workflow is active or listens for a test event, Pingram calls this node. Afterwards the previous webhook is restored.',
		name: 'pingramAutomaticNotice',
		type: 'notice',
		default: '',
		displayOptions: { show: { provider: ['pingram'], registration: ['automatic'] } },
	},
	...setupNotices,
	...genericProperties,
	{ ...events, displayOptions: { show: { '@version': [2] } } },
	{ ...events, displayOptions: { hide: { '@version': [2], provider: ['sureping'] } } },
	{
		...events,
		options: [...RUNNER_EVENTS],
		default: [UNDELIVERED],
		displayOptions: { show: { provider: ['sureping'] }, hide: { '@version': [2] } },
	},
	optionsProperty,
];
