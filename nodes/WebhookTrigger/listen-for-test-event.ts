import { type IHookFunctions, NodeOperationError } from 'n8n-workflow';
import { openEndpoints } from './endpoint-api.ts';
import { forgetEndpoint, storedEndpoint, storeEndpoint } from './stored-endpoint.ts';
import { wantedEndpoint } from './wanted-endpoint.ts';

/**
 * "Listen for test event": adds an endpoint for the test URL. The active workflow's endpoint is not touched. The runner
 * never retries webhooks to the new one, and removes it after ten minutes if n8n does not.
 */
export async function startListening(context: IHookFunctions): Promise<boolean> {
	const api = await openEndpoints(context);
	const wanted = wantedEndpoint(context);
	const first = await api.create(wanted);
	if (first.ok && 'takenBy' in first.value) {
		// Left over from a test that ended without telling the runner; its secret was lost with that test.
		const removed = await api.remove(first.value.takenBy);
		if (!removed.ok && !removed.isGone) throw removed.refusal;
	}
	const made = first.ok && 'takenBy' in first.value ? await api.create(wanted) : first;
	if (!made.ok) throw made.refusal;
	if ('takenBy' in made.value) {
		throw new NodeOperationError(context.getNode(), 'Another test of this node has just started');
	}
	storeEndpoint(context, { ...made.value, isEphemeral: true });
	return true;
}

export async function stopListening(context: IHookFunctions): Promise<boolean> {
	const stored = storedEndpoint(context);
	if (!stored) return true;
	const api = await openEndpoints(context);
	const removed = await api.remove(stored.endpointId);
	forgetEndpoint(context);
	return removed.ok || removed.isGone;
}
