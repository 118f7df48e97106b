import {
	type INodeExecutionData,
	type INodeType,
	type INodeTypeDescription,
	type IPollFunctions,
	NodeConnectionTypes,
} from 'n8n-workflow';
import { testOtpiq } from '../credential-tests/otpiq.ts';
import { testPingram } from '../credential-tests/pingram.ts';
import { testSureping } from '../credential-tests/sureping.ts';
import { pollingProperties } from './description.ts';
import { poll } from './poll.ts';

export class PollingTrigger implements INodeType {
	description: INodeTypeDescription = {
		displayName: 'Notification Polling Trigger',
		name: 'pollingTrigger',
		icon: {
			light: 'file:../../icons/sureping.svg',
			dark: 'file:../../icons/sureping.dark.svg',
		},
		group: ['trigger'],
		version: [1, 2],
		defaultVersion: 2,
		subtitle:
			'={{ ({ otpiq: "OTPIQ", pingram: "Pingram", sureping: "runner" })[$parameter["source"]] + ": " + ([].concat($parameter["events"] || []).map((event) => event.split(".").pop()).join(", ") || "all events") }}',
		description:
			'Checks for delivery events at intervals, for an n8n that cannot be reached from outside',
		defaults: { name: 'Notification Polling Trigger' },
		polling: true,
		inputs: [],
		outputs: [NodeConnectionTypes.Main],
		// `hide` on purpose: if every choice of a parameter shows a credential, n8n's editor takes it for a choice of
		// authentication and moves it from the node into the credential's dialog.
		credentials: [
			{
				name: 'surepingApi',
				required: true,
				testedBy: 'testSureping',
				displayOptions: { hide: { source: ['otpiq', 'pingram'] } },
			},
			{
				name: 'otpiqApi',
				required: true,
				testedBy: 'testOtpiq',
				displayOptions: { show: { source: ['otpiq'] } },
			},
			{
				name: 'pingramApi',
				required: true,
				testedBy: 'testPingram',
				displayOptions: { show: { source: ['pingram'] } },
			},
		],
		properties: pollingProperties,
	};

	methods = { credentialTest: { testOtpiq, testPingram, testSureping } };

	async poll(this: IPollFunctions): Promise<INodeExecutionData[][] | null> {
		return await poll(this);
	}
}
