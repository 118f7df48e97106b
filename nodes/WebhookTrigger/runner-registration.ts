import type { IHookFunctions } from 'n8n-workflow';
import { warn, WITHOUT_A_PERSON } from './activation.ts';
import { type Endpoint, type EndpointApi, openEndpoints, type Refused } from './endpoint-api.ts';
import { forgetEndpoint, storedEndpoint, storeEndpoint } from './stored-endpoint.ts';
import { changedSettings, wantedEndpoint } from './wanted-endpoint.ts';
import { webhookUrl } from './webhook-url.ts';

/**
 * True when the runner has the endpoint of this node. Also updates the endpoint, since n8n calls nothing else then: it
 * calls this at every activation, and for an active workflow whenever n8n starts.
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
		// Perhaps the one of another n8n, which this workflow was copied from together with its static data.
		warn(context, `registers anew, and leaves the endpoint "${found.value.name}" of another URL`);
		forgetEndpoint(context);
		return false;
	}
	const refused = found.ok ? await resume(context, api, found.value) : found;
	if (!refused) return true;
	// When n8n starts, an error here would deactivate the workflow, though the runner may only start later.
	if (!WITHOUT_A_PERSON.has(context.getActivationMode())) throw refused.refusal;
	warn(context, `keeps its endpoint without having seen it: ${refused.refusal.message}`);
	return true;
}

/** Registers the webhook. An endpoint of the node's own whose secret the node lost gets a new one. */
export async function register(context: IHookFunctions): Promise<boolean> {
	const api = await openEndpoints(context);
	const made = await api.create(wantedEndpoint(context));
	if (!made.ok) throw made.refusal;
	if ('secret' in made.value) {
		storeEndpoint(context, made.value);
		return true;
	}
	// It has this URL, which holds the webhook id of this very node.
	const regained = await api.rotateSecret(made.value.takenBy);
	if (!regained.ok) throw regained.refusal;
	storeEndpoint(context, regained.value);
	const refused = await resume(context, api, regained.value);
	if (refused) throw refused.refusal;
	return true;
}

/** Disables the endpoint: events from while the workflow is inactive are held at the runner. */
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
 * Gives the endpoint the node's filter and batch size, replays exhausted events, and has everything owed sent now:
 * enabling it releases held events and ends waits that n8n's absence has caused.
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
	// The endpoint works; exhausted events can still be replayed at the next start, or from the command line.
	if (!replay.ok) warn(context, `did not get what was given up: ${replay.refusal.message}`);
	return undefined;
}
