import type { IDataObject, IHookFunctions } from 'n8n-workflow';
import { RECEIVED_TYPES } from '../../engine/vocabulary.ts';
import { isListening } from './activation.ts';
import type { ChangedSettings, Endpoint, EndpointSettings } from './endpoint-api.ts';
import { webhookUrl } from './webhook-url.ts';

/** One execution for many events costs n8n little more than one for a single event. */
export const DEFAULT_BATCH_SIZE = 100;

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

/** The changes that an endpoint needs; undefined where it needs none. */
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
	// Asking for all types includes those that only a newer runner has.
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
