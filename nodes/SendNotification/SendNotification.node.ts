import {
	type IExecuteFunctions,
	type INodeExecutionData,
	type INodeType,
	type INodeTypeDescription,
	NodeConnectionTypes,
} from 'n8n-workflow';
import { testOf } from '../credential-tests/direct.ts';
import { testOnePing } from '../credential-tests/one-ping.ts';
import { contentProperties } from './description/content.ts';
import { operationProperties } from './description/operation.ts';
import { optionProperties } from './description/options.ts';
import { getChannels } from './load-channels.ts';
import type { ItemResult } from './item-result.ts';
import { toOutput } from './process-items.ts';
import { cancelNotifications, getNotifications } from './runner-notification.ts';
import { sendOnce } from './send-once.ts';

type Operation = 'cancel' | 'get' | 'send';

const OPERATIONS: Readonly<
	Record<Operation, (context: IExecuteFunctions) => Promise<readonly ItemResult[]>>
> = { cancel: cancelNotifications, get: getNotifications, send: sendOnce };

export class SendNotification implements INodeType {
	description: INodeTypeDescription = {
		displayName: 'Send Notification',
		name: 'sendNotification',
		icon: {
			light: 'file:../../icons/sureping.svg',
			dark: 'file:../../icons/sureping.dark.svg',
		},
		group: ['output'],
		version: 1,
		subtitle:
			'={{ $parameter["operation"] !== "send" ? $parameter["operation"] + ": notification" : [].concat($parameter["channels"] || []).join(", ") + " via " + ($parameter["via"] === "onePing" ? "One-Ping" : $parameter["via"]) }}',
		description: 'Send a notification through one or more channels, with retry and fallback',
		defaults: { name: 'Send Notification' },
		usableAsTool: true,
		inputs: [NodeConnectionTypes.Main],
		outputs: [NodeConnectionTypes.Main],
		credentials: [
			{
				name: 'surepingApi',
				required: true,
				displayOptions: { hide: { via: ['direct', 'onePing'] } },
			},
			{
				name: 'surepingSlackApi',
				testedBy: 'testSlack',
				displayOptions: { show: { via: ['direct'] } },
			},
			{
				name: 'surepingTelegramApi',
				testedBy: 'testTelegram',
				displayOptions: { show: { via: ['direct'] } },
			},
			{
				name: 'surepingDiscordApi',
				testedBy: 'testDiscord',
				displayOptions: { show: { via: ['direct'] } },
			},
			{
				name: 'surepingResendApi',
				testedBy: 'testResend',
				displayOptions: { show: { via: ['direct'] } },
			},
			{
				name: 'surepingSendgridApi',
				testedBy: 'testSendgrid',
				displayOptions: { show: { via: ['direct'] } },
			},
			{
				name: 'surepingPostmarkApi',
				testedBy: 'testPostmark',
				displayOptions: { show: { via: ['direct'] } },
			},
			{
				name: 'surepingMailgunApi',
				testedBy: 'testMailgun',
				displayOptions: { show: { via: ['direct'] } },
			},
			{
				name: 'onePingApi',
				required: true,
				testedBy: 'testOnePing',
				displayOptions: { show: { via: ['onePing'] } },
			},
		],
		properties: [...operationProperties, ...contentProperties, ...optionProperties],
	};

	methods = {
		credentialTest: {
			testOnePing,
			testSlack: testOf('surepingSlackApi'),
			testTelegram: testOf('surepingTelegramApi'),
			testDiscord: testOf('surepingDiscordApi'),
			testResend: testOf('surepingResendApi'),
			testSendgrid: testOf('surepingSendgridApi'),
			testPostmark: testOf('surepingPostmarkApi'),
			testMailgun: testOf('surepingMailgunApi'),
		},
		loadOptions: { getChannels },
	};

	async execute(this: IExecuteFunctions): Promise<INodeExecutionData[][]> {
		if (this.getInputData().length === 0) return [[]];
		const operation = this.getNodeParameter('operation', 0) as Operation; // one of the node's own options
		return [toOutput(this, await OPERATIONS[operation](this))];
	}
}
