import type { IDataObject, IHookFunctions } from 'n8n-workflow';
import { RECEIVED_TYPES } from '../../engine/vocabulary.ts';
import { isListening } from './activation.ts';
import type { ChangedSettings, Endpoint, EndpointSettings } from './endpoint-api.ts';
import { webhookUrl } from './webhook-url.ts';

/** For n8n, one execution with many events costs little more than one with a single event. */
export const DEFAULT_BATCH_SIZE = 100;

/** The settings of the endpoint that this node wants at the runner. */
export function wantedEndpoint(context: IHookFunctions): EndpointSettings {
	return {
		name: endpointName(context),
		url: webhookUrl(context),
		events: chosenEvents(context),
		batchSize: isListening(context) ? 1 : batchSize(context),
		isEphemeral: isListening(context),
	};
}

/** The settings of an existing endpoint that have to change; undefined when none has to. */
export function changedSettings(
	context: IHookFunctions,
	{ events, batch }: Endpoint,
): ChangedSettings | undefined {
	const chosen = chosenEvents(context);
	const filter = changedFilter(chosen, events);
	const size = batchSize(context);
	const hasSize = size === (batch?.max_events ?? 1);
	if (!filter && hasSize) return undefined;
	return {
		...(filter ? { events: filter, isAllEvents: chosen.length === 0 } : {}),
		...(hasSize ? {} : { batchSize: size }),
	};
}

/** The filter that replaces the endpoint's own; undefined when that one will do. */
function changedFilter(
	chosen: readonly string[],
	events: readonly string[],
): readonly string[] | undefined {
	const wanted = chosen.length > 0 ? chosen : Object.keys(RECEIVED_TYPES);
	const hasAll = wanted.every((type) => events.includes(type));
	// A wish for all events includes those that only a newer runner knows.
	return hasAll && (chosen.length === 0 || events.length === chosen.length) ? undefined : wanted;
}

/** The most events in one request of the runner. */
function batchSize(context: IHookFunctions): number {
	const { batchSize } = context.getNodeParameter('options', {}) as IDataObject; // a collection
	return typeof batchSize === 'number' ? batchSize : DEFAULT_BATCH_SIZE;
}

/** The event types that the node is set to; empty for all. */
export function chosenEvents(context: IHookFunctions): readonly string[] {
	const events = context.getNodeParameter('events', []);
	return Array.isArray(events) ? [...new Set(events.map(String))] : [];
}

/** Identifies the workflow in the runner's lists: letters, digits, ".", "_" and "-", at most 64. */
function endpointName(context: IHookFunctions): string {
	const { id, name } = context.getWorkflow();
	return ['n8n', isListening(context) ? 'test' : '', name ?? '', id ?? '']
		.map((part) => part.replace(/[^A-Za-z0-9._]+/g, '-').replace(/^-|-$/g, ''))
		.filter((part) => part !== '')
		.join('-')
		.slice(0, 64);
}
