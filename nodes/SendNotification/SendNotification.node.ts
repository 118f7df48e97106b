import {
	type IExecuteFunctions,
	type INodeExecutionData,
	type INodeType,
	type INodeTypeDescription,
	NodeConnectionTypes,
} from 'n8n-workflow';
import { testOf } from '../credential-tests/direct.ts';
import { testNotificationApi } from '../credential-tests/notification-api.ts';
import { testOnePing } from '../credential-tests/one-ping.ts';
import { testOnePush } from '../credential-tests/one-push.ts';
import { testOtpiq } from '../credential-tests/otpiq.ts';
import { testPingram } from '../credential-tests/pingram.ts';
import { testSureping } from '../credential-tests/sureping.ts';
import { acknowledgeIncidents, resolveIncidents } from './answer-incidents.ts';
import { contentProperties } from './description/content.ts';
import { escalationProperties } from './description/escalation.ts';
import { incidentProperties } from './description/incident.ts';
import { operationProperties } from './description/operation.ts';
import { optionProperties } from './description/options.ts';
import { toolProperties } from './description/tool.ts';
import { getManyNotifications } from './get-many.ts';
import { getStatus } from './get-status.ts';
import { getChannels } from './load-channels.ts';
import { getIncidents, getParties, getPolicies } from './load-escalation.ts';
import type { ItemResult, ManyItems } from './item-result.ts';
import { toOutput } from './process-items.ts';
import { cancelNotifications } from './runner-notification.ts';
import { escalateOnce, sendOnce } from './send-once.ts';

type Operation = 'acknowledge' | 'cancel' | 'escalate' | 'get' | 'getMany' | 'resolve' | 'send';

const OPERATIONS: Readonly<
	Record<Operation, (context: IExecuteFunctions) => Promise<readonly (ItemResult | ManyItems)[]>>
> = {
	acknowledge: acknowledgeIncidents,
	cancel: cancelNotifications,
	escalate: escalateOnce,
	get: getStatus,
	getMany: getManyNotifications,
	resolve: resolveIncidents,
	send: sendOnce,
};

export class SendNotification implements INodeType {
	description: INodeTypeDescription = {
		displayName: 'Send Notification',
		name: 'sendNotification',
		icon: {
			light: 'file:../../icons/sureping.svg',
			dark: 'file:../../icons/sureping.dark.svg',
		},
		group: ['output'],
		version: [1, 2],
		defaultVersion: 2,
		subtitle:
			'={{ $parameter["operation"] === "getMany" ? "get many: notifications" : $parameter["operation"] === "escalate" ? "escalate: " + ($parameter["policySource"] === "canvas" ? "own steps" : $parameter["policy"] || "") : ["acknowledge", "resolve"].includes($parameter["operation"]) ? $parameter["operation"] + ": incident" : $parameter["operation"] !== "send" ? $parameter["operation"] + ": notification" : ["runner", "direct", "onePing"].includes($parameter["via"]) ? [].concat($parameter["channels"] || []).join(", ") + " via " + ($parameter["via"] === "onePing" ? "One-Ping" : $parameter["via"]) : "via " + ({ notificationApi: "NotificationAPI", onePush: "OnePush", otpiq: "OTPIQ", pingram: "Pingram" })[$parameter["via"]] }}',
		description: 'Send a notification through one or more channels, with retry and fallback',
		// n8n names an agent's tool by its action and this: "Send a notification in Sureping".
		defaults: { name: 'Sureping' },
		usableAsTool: true,
		inputs: [NodeConnectionTypes.Main],
		outputs: [NodeConnectionTypes.Main],
		credentials: [
			{
				name: 'surepingApi',
				required: true,
				testedBy: 'testSureping',
				displayOptions: {
					hide: {
						via: ['direct', 'notificationApi', 'onePing', 'onePush', 'otpiq', 'pingram'],
					},
				},
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
			{
				name: 'otpiqApi',
				required: true,
				testedBy: 'testOtpiq',
				displayOptions: { show: { via: ['otpiq'] } },
			},
			{
				name: 'notificationApiApi',
				required: true,
				testedBy: 'testNotificationApi',
				displayOptions: { show: { via: ['notificationApi'] } },
			},
			{
				name: 'pingramApi',
				required: true,
				testedBy: 'testPingram',
				displayOptions: { show: { via: ['pingram'] } },
			},
			{
				name: 'onePushApi',
				required: true,
				testedBy: 'testOnePush',
				displayOptions: { show: { via: ['onePush'] } },
			},
		],
		properties: [
			...operationProperties,
			...toolProperties,
			...contentProperties,
			...escalationProperties,
			...incidentProperties,
			...optionProperties,
		],
	};

	methods = {
		credentialTest: {
			testNotificationApi,
			testOnePing,
			testOnePush,
			testOtpiq,
			testPingram,
			testSureping,
			testSlack: testOf('surepingSlackApi'),
			testTelegram: testOf('surepingTelegramApi'),
			testDiscord: testOf('surepingDiscordApi'),
			testResend: testOf('surepingResendApi'),
			testSendgrid: testOf('surepingSendgridApi'),
			testPostmark: testOf('surepingPostmarkApi'),
			testMailgun: testOf('surepingMailgunApi'),
		},
		loadOptions: { getChannels, getIncidents, getParties, getPolicies },
	};

	async execute(this: IExecuteFunctions): Promise<INodeExecutionData[][]> {
		if (this.getInputData().length === 0) return [[]];
		const operation = this.getNodeParameter('operation', 0) as Operation; // one of the node's own options
		return [toOutput(this, await OPERATIONS[operation](this))];
	}
}
