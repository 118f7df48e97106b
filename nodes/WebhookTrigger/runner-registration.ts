import type { IHookFunctions } from 'n8n-workflow';
import { warn, WITHOUT_A_PERSON } from './activation.ts';
import { type Endpoint, type EndpointApi, openEndpoints, type Refused } from './endpoint-api.ts';
import { forgetEndpoint, storedEndpoint, storeEndpoint } from './stored-endpoint.ts';
import { changedSettings, wantedEndpoint } from './wanted-endpoint.ts';
import { webhookUrl } from './webhook-url.ts';

/**
 * Checks that the runner has this node's endpoint, and updates its settings. The update happens here because n8n then calls
 * nothing else: it makes this check at every activation, and for active workflows whenever n8n starts.
 */
export async function isRegistered(context: IHookFunctions): Promise<boolean> {
	const stored = storedEndpoint(context);
	if (!stored) return false;
	const api = await openEndpoints(context);
	const found = await api.get(stored.endpointId);
	if (!found.ok && found.isGone) {
		forgetEndpoint(context);
		return false;
	}
	if (found.ok && found.value.url !== webhookUrl(context)) {
		// It may belong to another n8n, if this workflow was copied from there with its static data.
		warn(
			context,
			`registers again and leaves the endpoint "${found.value.name}" alone, as it has another URL`,
		);
		forgetEndpoint(context);
		return false;
	}
	const refused = found.ok ? await resume(context, api, found.value) : found;
	if (!refused) return true;
	// When n8n starts, an error here would deactivate the workflow, although the runner may just start later.
	if (!WITHOUT_A_PERSON.has(context.getActivationMode())) throw refused.refusal;
	warn(context, `could not check its endpoint and keeps it: ${refused.refusal.message}`);
	return true;
}

/** Registers the webhook. If the node's endpoint exists but the node lost its secret, the secret is replaced. */
export async function register(context: IHookFunctions): Promise<boolean> {
	const api = await openEndpoints(context);
	const made = await api.create(wantedEndpoint(context));
	if (!made.ok) throw made.refusal;
	if ('secret' in made.value) {
		storeEndpoint(context, made.value);
		return true;
	}
	// It is this node's own: its URL has the node's webhook id.
	const regained = await api.rotateSecret(made.value.takenBy);
	if (!regained.ok) throw regained.refusal;
	storeEndpoint(context, regained.value);
	const refused = await resume(context, api, regained.value);
	if (refused) throw refused.refusal;
	return true;
}

/** Pauses the endpoint. The runner holds its events while the workflow is inactive. */
export async function pause(context: IHookFunctions): Promise<boolean> {
	const stored = storedEndpoint(context);
	if (!stored) return true;
	const api = await openEndpoints(context);
	const paused = await api.disable(stored.endpointId);
	if (paused.ok) return true;
	if (paused.isGone) {
		forgetEndpoint(context);
		return true;
	}
	warn(context, `could not pause its endpoint: ${paused.refusal.message}`);
	return false;
}

/**
 * Updates the endpoint's filter and batch size, then has all of its outstanding events sent now: enabling it releases held
 * events and ends the delays after n8n's absence, and a replay repeats the events that the runner had given up on.
 */
async function resume(
	context: IHookFunctions,
	api: EndpointApi,
	endpoint: Endpoint,
): Promise<Refused | undefined> {
	const { id } = endpoint;
	const settings = changedSettings(context, endpoint);
	const changed = settings ? await api.change(id, settings) : undefined;
	if (changed && !changed.ok) return changed;
	const enabled = await api.enable(id);
	if (!enabled.ok) return enabled;
	const replay = await api.replayFailed(id);
	// The endpoint works; the replay can still be made at the next start, or from the command line.
	if (!replay.ok)
		warn(
			context,
			`could not ask for the events that the runner had given up on: ${replay.refusal.message}`,
		);
	return undefined;
}
