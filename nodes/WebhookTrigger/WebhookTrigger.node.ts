import type {
	IDataObject,
	IExecuteFunctions,
	IHookFunctions,
	INodeExecutionData,
	INodeType,
	INodeTypeDescription,
	ITriggerFunctions,
	ITriggerResponse,
	IWebhookFunctions,
	IWebhookResponseData,
} from 'n8n-workflow';
import { testNotificationApi } from '../credential-tests/notification-api.ts';
import { testOnePing } from '../credential-tests/one-ping.ts';
import { testOnePush } from '../credential-tests/one-push.ts';
import { testOtpiq } from '../credential-tests/otpiq.ts';
import { testPingram } from '../credential-tests/pingram.ts';
import { testSureping } from '../credential-tests/sureping.ts';
import { testWebhookSigning } from '../credential-tests/webhook-signing.ts';
import { SUBTITLE, triggerProperties } from './description/index.ts';
import { lifeCycle } from './life-cycle.ts';
import { byOutcome, OUTPUTS_EXPRESSION, PER_OUTCOME } from './outputs.ts';
import { parametersOf, without } from './provider-setup.ts';
import { receiveWebhook } from './receive-webhook.ts';

export class WebhookTrigger implements INodeType {
	description: INodeTypeDescription = {
		displayName: 'Notification Webhook Trigger',
		name: 'webhookTrigger',
		icon: {
			light: 'file:../../icons/sureping.svg',
			dark: 'file:../../icons/sureping.dark.svg',
		},
		group: ['trigger'],
		// Never 1: for version 1, n8n evaluates an expression of its own on every request, which takes 20 ms.
		version: [2, 3],
		defaultVersion: 3,
		subtitle: SUBTITLE,
		description:
			'Starts the workflow once for each verified delivery event from a Sureping runner, One-Ping, Pingram, OTPIQ, Twilio, SendGrid, Amazon SES, WhatsApp and others',
		eventTriggerDescription: 'Send a notification to receive its delivery events',
		triggerPanel: {
			header: 'Receive a delivery event',
			executionsHelp: {
				inactive:
					'Press the button above, then send a notification. Its first event of a type chosen here starts a test. Once you publish the workflow (in n8n 1, activate it), every such event starts it.',
				active:
					'Press the button above, then send a notification to see its events here. The workflow is live, so every such event also starts it. Find these runs in the list of <a data-key="executions">executions</a>.',
			},
			activationHint:
				'Publish the workflow (in n8n 1, activate it) to start it with every delivery event of a type chosen here.',
		},
		activationMessage: 'Delivery events now start this workflow.',
		defaults: { name: 'Notification Webhook Trigger' },
		inputs: [],
		outputs: OUTPUTS_EXPRESSION,
		// `hide` on purpose: if every choice of a parameter shows a credential, n8n's editor takes it for a choice of
		// authentication and moves it from the node into the credential's dialog. Each is listed once, as n8n looks only at
		// the first of a name.
		credentials: [
			{
				name: 'surepingApi',
				required: true,
				testedBy: 'testSureping',
				displayOptions: {
					hide: { provider: parametersOf((id) => id !== 'sureping'), registration: ['manual'] },
				},
			},
			{
				name: 'webhookSigningApi',
				required: true,
				testedBy: 'testWebhookSigning',
				displayOptions: {
					hide: { provider: without('webhookSigningApi'), registration: ['automatic'] },
				},
			},
			{
				name: 'onePingApi',
				required: true,
				testedBy: 'testOnePing',
				displayOptions: { hide: { provider: without('onePingApi') } },
			},
			{
				name: 'onePushApi',
				required: true,
				testedBy: 'testOnePush',
				displayOptions: { hide: { provider: without('onePushApi') } },
			},
			{
				name: 'notificationApiApi',
				required: true,
				testedBy: 'testNotificationApi',
				displayOptions: { hide: { provider: without('notificationApiApi') } },
			},
			{
				name: 'pingramApi',
				required: true,
				testedBy: 'testPingram',
				displayOptions: { hide: { provider: without('pingramApi') } },
			},
			{
				name: 'otpiqApi',
				required: true,
				testedBy: 'testOtpiq',
				displayOptions: { hide: { provider: without('otpiqApi') } },
			},
		],
		webhooks: [
			{
				name: 'default',
				httpMethod: 'POST',
				path: 'webhook',
				responseMode: 'onReceived',
				// Without it, n8n answers with a text of its own instead of `webhookResponse`.
				responseData: '',
			},
			{
				// The same URL for GET: a provider's challenge, or reports of a provider that uses GET.
				name: 'setup',
				httpMethod: 'GET',
				path: 'webhook',
				responseMode: 'onReceived',
				responseData: '',
				ndvHideUrl: true,
			},
		],
		properties: triggerProperties,
	};

	methods = {
		credentialTest: {
			testNotificationApi,
			testOnePing,
			testOnePush,
			testOtpiq,
			testPingram,
			testSureping,
			testWebhookSigning,
		},
	};

	webhookMethods = {
		default: {
			async checkExists(this: IHookFunctions): Promise<boolean> {
				return await lifeCycle(this).checkExists(this);
			},
			async create(this: IHookFunctions): Promise<boolean> {
				return await lifeCycle(this).create(this);
			},
			async delete(this: IHookFunctions): Promise<boolean> {
				return await lifeCycle(this).delete(this);
			},
		},
	};

	/**
	 * Emits nothing, but must exist: when n8n starts, it calls `checkExists` only on nodes that have a `trigger`. For other
	 * webhooks it just loads the paths, and the runner would not be asked for the events that were missed meanwhile.
	 */
	async trigger(this: ITriggerFunctions): Promise<ITriggerResponse> {
		return {};
	}

	/**
	 * Passes each of the webhook's items to its output. Without it, n8n would ask `trigger` for the items of a test. The
	 * items are sorted here and not in the webhook, since n8n may drop a trigger's data when its first output has none.
	 */
	async execute(this: IExecuteFunctions): Promise<INodeExecutionData[][]> {
		const items = this.getInputData();
		const { outputs } = this.getNodeParameter('options', 0, {}) as IDataObject; // a collection
		if (outputs !== PER_OUTCOME) return [items];
		const provider = String(this.getNodeParameter('provider', 0));
		return byOutcome(items, provider, this.getNode().typeVersion);
	}

	async webhook(this: IWebhookFunctions): Promise<IWebhookResponseData> {
		return await receiveWebhook(this);
	}
}
