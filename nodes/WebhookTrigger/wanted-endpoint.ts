import { type IHookFunctions, NodeOperationError } from 'n8n-workflow';
import { EVENT_TYPES } from '../../engine/event.ts';
import type { Endpoint, EndpointSettings } from './endpoint-api.ts';

/** Only a runner takes registrations, and only where it is not set up by hand. */
export function registersItself(context: IHookFunctions): boolean {
	return (
		context.getNodeParameter('provider') === 'sureping' &&
		context.getNodeParameter('registration', 'automatic') === 'automatic'
	);
}

/** Whether this is the editor's "Listen for test event". n8n tells it when a test begins, and not when it ends. */
export function isListening(context: IHookFunctions): boolean {
	return context.getMode() === 'manual';
}

/** Where this node's webhook is called: another URL while it listens for a test event than when it is active. */
export function webhookUrl(context: IHookFunctions): string {
	const url = context.getNodeWebhookUrl('default');
	if (url !== undefined) return url;
	throw new NodeOperationError(context.getNode(), 'n8n gave this node no webhook URL');
}

/** The endpoint that this node asks the runner for. */
export function wantedEndpoint(context: IHookFunctions): EndpointSettings {
	return {
		name: endpointName(context),
		url: webhookUrl(context),
		events: chosenEvents(context),
		isEphemeral: isListening(context),
	};
}

/** The filter to give to an endpoint that has another one; undefined where nothing has to change. */
export function changedFilter(
	context: IHookFunctions,
	{ events }: Endpoint,
): readonly string[] | undefined {
	const chosen = chosenEvents(context);
	const wanted = chosen.length > 0 ? chosen : Object.keys(EVENT_TYPES);
	const hasAll = wanted.every((type) => events.includes(type));
	// Where all are asked for, those that only a newer runner knows are asked for too.
	return hasAll && (chosen.length === 0 || events.length === chosen.length) ? undefined : wanted;
}

/** Empty for all of them. */
function chosenEvents(context: IHookFunctions): readonly string[] {
	const events = context.getNodeParameter('events', []);
	return Array.isArray(events) ? [...new Set(events.map(String))] : [];
}

/** For the runner's lists: which workflow this is. Letters, digits, ".", "_" and "-", at most 64. */
function endpointName(context: IHookFunctions): string {
	const { id, name } = context.getWorkflow();
	return ['n8n', isListening(context) ? 'test' : '', name ?? '', id ?? '']
		.map((part) => part.replace(/[^A-Za-z0-9._]+/g, '-').replace(/^-+|-+$/g, ''))
		.filter((part) => part !== '')
		.join('-')
		.slice(0, 64);
}
