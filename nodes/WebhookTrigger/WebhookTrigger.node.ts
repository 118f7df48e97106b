import {
	type IExecuteFunctions,
	type IHookFunctions,
	type INodeExecutionData,
	type INodeType,
	type INodeTypeDescription,
	type ITriggerFunctions,
	type ITriggerResponse,
	type IWebhookFunctions,
	type IWebhookResponseData,
	NodeConnectionTypes,
} from 'n8n-workflow';
import { testOnePing } from '../credential-tests/one-ping.ts';
import { testWebhookSigning } from '../credential-tests/webhook-signing.ts';
import { triggerProperties } from './description.ts';
import { receiveWebhook } from './receive-webhook.ts';
import { startListening, stopListening } from './listening.ts';
import { isRegistered, pause, register } from './registration.ts';
import { storedEndpoint } from './stored-endpoint.ts';
import { isListening, registersItself } from './wanted-endpoint.ts';

export class WebhookTrigger implements INodeType {
	description: INodeTypeDescription = {
		displayName: 'Notification Webhook Trigger',
		name: 'webhookTrigger',
		icon: {
			light: 'file:../../icons/sureping.svg',
			dark: 'file:../../icons/sureping.dark.svg',
		},
		group: ['trigger'],
		// Never 1: for version 1 n8n evaluates an expression of its own on every request, which costs it 20 ms.
		version: 2,
		subtitle:
			'={{ ($parameter["provider"] === "onePing" ? "One-Ping" : "runner") + ": " + ([].concat($parameter["events"] || []).map((event) => event.split(".").pop()).join(", ") || "all events") }}',
		description: 'Starts the workflow when a delivery event arrives, verified and once',
		eventTriggerDescription: 'Send a notification to receive its delivery events',
		activationMessage: 'Delivery events now start this workflow.',
		defaults: { name: 'Notification Webhook Trigger' },
		inputs: [],
		outputs: [NodeConnectionTypes.Main],
		// Written with `hide` where `show` would do: n8n's editor takes a parameter whose every choice shows a credential for
		// a choice of authentication, and moves it from the node into the credential's dialog.
		credentials: [
			{
				name: 'surepingApi',
				required: true,
				displayOptions: { hide: { provider: ['onePing'], registration: ['manual'] } },
			},
			{
				name: 'webhookSigningApi',
				required: true,
				testedBy: 'testWebhookSigning',
				displayOptions: { show: { registration: ['manual'] } },
			},
			{
				name: 'onePingApi',
				required: true,
				testedBy: 'testOnePing',
				displayOptions: { hide: { provider: ['sureping'] } },
			},
		],
		webhooks: [
			{
				name: 'default',
				httpMethod: 'POST',
				path: 'webhook',
				responseMode: 'onReceived',
				// Without this n8n answers its own text instead of `webhookResponse`.
				responseData: '',
			},
		],
		properties: triggerProperties,
	};

	methods = { credentialTest: { testOnePing, testWebhookSigning } };

	webhookMethods = {
		default: {
			async checkExists(this: IHookFunctions): Promise<boolean> {
				if (!registersItself(this)) return true;
				return isListening(this) ? false : await isRegistered(this);
			},
			async create(this: IHookFunctions): Promise<boolean> {
				if (!registersItself(this)) return true;
				return isListening(this) ? await startListening(this) : await register(this);
			},
			async delete(this: IHookFunctions): Promise<boolean> {
				if (!registersItself(this)) return true;
				// n8n calls this alike for the end of a test and for a deactivation.
				const isTest = storedEndpoint(this)?.isEphemeral;
				return isTest ? await stopListening(this) : await pause(this);
			},
		},
	};

	/**
	 * Emits nothing. n8n starts only nodes that have this function when it starts, and `checkExists` with it; of other
	 * webhooks it just remembers the paths, and nobody would ask the runner for what was missed meanwhile.
	 */
	async trigger(this: ITriggerFunctions): Promise<ITriggerResponse> {
		return {};
	}

	/** Passes the webhook's items on. Without it n8n would ask `trigger` for the items of a test. */
	async execute(this: IExecuteFunctions): Promise<INodeExecutionData[][]> {
		return [this.getInputData()];
	}

	async webhook(this: IWebhookFunctions): Promise<IWebhookResponseData> {
		return await receiveWebhook(this);
	}
}
