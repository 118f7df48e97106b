import { type IHookFunctions, NodeApiError, NodeOperationError } from 'n8n-workflow';
import { explainRefusal, problemOf } from '../runner/explain-refusal.ts';
import { endpointSchema, newEndpointSchema } from '../runner/runner-answers.ts';
import { openRunner, type RunnerApi, type RunnerReply } from '../runner/runner-api.ts';
import { forgetEndpoint, storedEndpoint, storeEndpoint } from './stored-endpoint.ts';

/** Only a runner takes registrations, and only where it is not set up by hand. */
export function registersItself(context: IHookFunctions): boolean {
	return (
		context.getNodeParameter('provider') === 'sureping' &&
		context.getNodeParameter('registration', 'automatic') === 'automatic'
	);
}

/** Whether the runner still has this node's endpoint, as the node would register it now. */
export async function isRegistered(context: IHookFunctions): Promise<boolean> {
	const stored = storedEndpoint(context);
	if (!stored || stored.events.join() !== chosenEvents(context).join()) return false;
	const runner = await openRunner(context);
	const reply = await runner.request('GET', `/endpoints/${encodeURIComponent(stored.endpointId)}`);
	if (!('failure' in reply) && reply.status === 404) {
		forgetEndpoint(context);
		return false;
	}
	const found = 'failure' in reply ? undefined : endpointSchema.safeParse(reply.body).data;
	if (!('failure' in reply) && reply.status === 200 && found) {
		return found.url === webhookUrl(context);
	}
	const refusal = toError(context, runner, reply, 'show the endpoint');
	// When n8n starts, an error here would deactivate the workflow for good, though the runner may only start later.
	if (context.getActivationMode() !== 'init') throw refusal;
	context.logger.warn(
		`${context.getNode().name} keeps its endpoint without having seen it: ${refusal.message}`,
		{ workflowId: context.getWorkflow().id },
	);
	return true;
}

export async function register(context: IHookFunctions): Promise<boolean> {
	const runner = await openRunner(context);
	const url = webhookUrl(context);
	const events = chosenEvents(context);
	const post = async (): Promise<RunnerReply> =>
		await runner.request('POST', '/endpoints', {
			body: {
				name: endpointName(context),
				url,
				profile: 'sureping',
				...(events.length > 0 ? { events } : {}),
			},
		});

	let reply = await post();
	const taken = 'failure' in reply ? undefined : problemOf(reply.body).endpoint_id;
	if (!('failure' in reply) && reply.status === 409 && taken !== undefined) {
		// The URL holds this node's own webhook id, so the endpoint is ours from before; its secret is not told again.
		const removed = await runner.request('DELETE', `/endpoints/${encodeURIComponent(taken)}`);
		if (!isGone(removed)) throw toError(context, runner, removed, 'replace the old endpoint');
		reply = await post();
	}
	const made = 'failure' in reply ? undefined : newEndpointSchema.safeParse(reply.body).data;
	if ('failure' in reply || reply.status !== 201 || !made) {
		throw toError(context, runner, reply, 'register the webhook');
	}
	storeEndpoint(context, { endpointId: made.id, secret: made.secret, events });
	return true;
}

export async function unregister(context: IHookFunctions): Promise<boolean> {
	const stored = storedEndpoint(context);
	if (!stored) return true;
	const runner = await openRunner(context);
	const path = `/endpoints/${encodeURIComponent(stored.endpointId)}`;
	const reply = await runner.request('DELETE', path);
	if (isGone(reply)) {
		forgetEndpoint(context);
		return true;
	}
	const { message } = toError(context, runner, reply, 'remove the endpoint');
	context.logger.warn(`${context.getNode().name} left its endpoint at the runner: ${message}`, {
		workflowId: context.getWorkflow().id,
		endpointId: stored.endpointId,
	});
	return false;
}

function isGone(reply: RunnerReply): boolean {
	return !('failure' in reply) && (reply.status === 204 || reply.status === 404);
}

function webhookUrl(context: IHookFunctions): string {
	const url = context.getNodeWebhookUrl('default');
	if (url !== undefined) return url;
	throw new NodeOperationError(context.getNode(), 'n8n gave this node no webhook URL');
}

function chosenEvents(context: IHookFunctions): string[] {
	const events = context.getNodeParameter('events', []);
	return Array.isArray(events) ? events.map(String) : [];
}

/** For the runner's lists: which workflow this is. Letters, digits, ".", "_" and "-", at most 64. */
function endpointName(context: IHookFunctions): string {
	const { id, name } = context.getWorkflow();
	const isTest = context.getMode() === 'manual';
	return ['n8n', isTest ? 'test' : '', name ?? '', id ?? '']
		.map((part) => part.replace(/[^A-Za-z0-9._]+/g, '-').replace(/^-+|-+$/g, ''))
		.filter((part) => part !== '')
		.join('-')
		.slice(0, 64);
}

function toError(
	context: IHookFunctions,
	{ baseUrl }: RunnerApi,
	reply: RunnerReply,
	action: string,
): NodeApiError {
	const { message, description, httpCode } = explainRefusal(reply, {
		baseUrl,
		action,
		scope: 'endpoints',
		nameOf: (path) => (path === 'url' ? 'The webhook URL of n8n' : path),
	});
	// n8n shows only the message of a failed activation, and for a refused URL the setting is in it already.
	const isShort = !('failure' in reply) && reply.status === 422;
	return new NodeApiError(context.getNode(), httpCode === null ? {} : { httpCode }, {
		message: isShort ? `${message} (${webhookUrl(context)})` : message,
		description,
	});
}
