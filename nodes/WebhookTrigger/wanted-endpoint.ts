import {
	type IDataObject,
	type IHookFunctions,
	NodeOperationError,
	type WorkflowActivateMode,
} from 'n8n-workflow';
import { unusableUrl } from '../http/unusable-url.ts';
import { joined } from './called-url.ts';
import { RECEIVED_TYPES } from '../../engine/vocabulary.ts';
import type { ChangedSettings, Endpoint, EndpointSettings } from './endpoint-api.ts';

/** Who takes registrations, unless the webhook is set up by hand. */
const REGISTRARS = ['sureping', 'pingram'] as const;
export type Registrar = (typeof REGISTRARS)[number];

/** Where this node registers itself; undefined where it does not. */
export function registrarOf(context: IHookFunctions): Registrar | undefined {
	const provider = context.getNodeParameter('provider');
	const isAutomatic = context.getNodeParameter('registration', 'automatic') === 'automatic';
	return isAutomatic ? REGISTRARS.find((registrar) => registrar === provider) : undefined;
}

/** Activations of a workflow that is active already: n8n starts, or its main process changes. */
export const WITHOUT_A_PERSON: ReadonlySet<WorkflowActivateMode> = new Set([
	'init',
	'leadershipChange',
]);

/** One execution for many events costs n8n little more than one for a single event. */
export const DEFAULT_BATCH_SIZE = 100;

/** Whether this is the editor's "Listen for test event". n8n tells it when a test begins, and not when it ends. */
export function isListening(context: IHookFunctions): boolean {
	return context.getMode() === 'manual';
}

/** Where this node's webhook is called: another URL while it listens for a test event than when it is active. */
export function webhookUrl(context: IHookFunctions): string {
	const url = context.getNodeWebhookUrl('default');
	if (url === undefined) {
		throw new NodeOperationError(context.getNode(), 'n8n gave this node no webhook URL');
	}
	const { runnerUrl } = context.getNodeParameter('options', {}) as IDataObject; // a collection
	const address = typeof runnerUrl === 'string' ? runnerUrl.trim() : '';
	if (address === '' || registrarOf(context) !== 'sureping') return url;
	const unusable = unusableUrl(address);
	if (!unusable) return joined(address, url);
	throw new NodeOperationError(context.getNode(), `URL the Runner Calls: ${unusable.detail}`, {
		description: 'Enter the address of n8n as the runner reaches it, such as http://n8n:5678.',
	});
}

/** The endpoint that this node asks the runner for. */
export function wantedEndpoint(context: IHookFunctions): EndpointSettings {
	return {
		name: endpointName(context),
		url: webhookUrl(context),
		events: chosenEvents(context),
		batchSize: isListening(context) ? 1 : batchSize(context),
		isEphemeral: isListening(context),
	};
}

/** What an endpoint has to have otherwise; undefined where nothing has to change. */
export function changedSettings(
	context: IHookFunctions,
	{ events, batch }: Endpoint,
): ChangedSettings | undefined {
	const filter = changedFilter(chosenEvents(context), events);
	const size = batchSize(context);
	const hasSize = size === (batch?.max_events ?? 1);
	if (!filter && hasSize) return undefined;
	return { ...(filter ? { events: filter } : {}), ...(hasSize ? {} : { batchSize: size }) };
}

/** The filter to give to an endpoint that has another one. */
function changedFilter(
	chosen: readonly string[],
	events: readonly string[],
): readonly string[] | undefined {
	const wanted = chosen.length > 0 ? chosen : Object.keys(RECEIVED_TYPES);
	const hasAll = wanted.every((type) => events.includes(type));
	// Where all are asked for, those that only a newer runner knows are asked for too.
	return hasAll && (chosen.length === 0 || events.length === chosen.length) ? undefined : wanted;
}

/** Events in one request of the runner, at most. */
function batchSize(context: IHookFunctions): number {
	const { batchSize } = context.getNodeParameter('options', {}) as IDataObject; // a collection
	return typeof batchSize === 'number' ? batchSize : DEFAULT_BATCH_SIZE;
}

/** Empty for all of them. */
export function chosenEvents(context: IHookFunctions): readonly string[] {
	const events = context.getNodeParameter('events', []);
	return Array.isArray(events) ? [...new Set(events.map(String))] : [];
}

/** For the runner's lists: which workflow this is. Letters, digits, ".", "_" and "-", at most 64. */
function endpointName(context: IHookFunctions): string {
	const { id, name } = context.getWorkflow();
	return ['n8n', isListening(context) ? 'test' : '', name ?? '', id ?? '']
		.map((part) => part.replace(/[^A-Za-z0-9._]+/g, '-').replace(/^-|-$/g, ''))
		.filter((part) => part !== '')
		.join('-')
		.slice(0, 64);
}

export function warn(context: IHookFunctions, what: string): void {
	const { id: workflowId } = context.getWorkflow();
	context.logger.warn(`${context.getNode().name} ${what}`, { workflowId });
}
