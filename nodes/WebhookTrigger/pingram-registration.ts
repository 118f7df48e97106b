import type { IHookFunctions } from 'n8n-workflow';
import {
	openPingram,
	type PingramApi,
	type PingramSettings,
	type PingramWebhook,
} from '../services/pingram/events-webhook.ts';
import { pingramEventsOf } from '../services/pingram/webhook-events.ts';
import { isListening, warn, WITHOUT_A_PERSON } from './activation.ts';
import { forgetPingram, storedPingram, storePingram } from './stored-pingram-webhook.ts';
import { chosenEvents } from './wanted-endpoint.ts';
import { webhookUrl } from './webhook-url.ts';

/** Checks that Pingram calls this node. An account has one webhook, so it may have been set to another URL since. */
export async function isPingramRegistered(context: IHookFunctions): Promise<boolean> {
	const stored = storedPingram(context);
	const api = await openPingram(context);
	const found = await api.get();
	const unattended = WITHOUT_A_PERSON.has(context.getActivationMode());
	if (!found.ok) {
		// When n8n starts, an error here would deactivate the workflow, although Pingram may just be unreachable.
		if (!unattended || !stored) throw found.refusal;
		warn(context, `could not check its webhook and keeps it: ${found.refusal.message}`);
		return true;
	}
	const { webhook } = found;
	if (!stored || !webhook) return false;
	if (webhook.webhook === webhookUrl(context)) {
		await refresh(context, api, webhook);
		return true;
	}
	// This node's own test URL may be left over from a test whose end was missed.
	if (!unattended || isOwn(context, webhook.webhook)) return false;
	warn(context, 'gets no more events: the events webhook of Pingram was set to another URL');
	return true;
}

/** Sets Pingram's events webhook to this node and remembers the previous one. */
export async function registerAtPingram(context: IHookFunctions): Promise<boolean> {
	const api = await openPingram(context);
	const found = await api.get();
	if (!found.ok) throw found.refusal;
	const previous = previousOf(context, found.webhook);
	if (previous) {
		warn(context, 'replaces the events webhook of Pingram, which is restored when this one ends');
	}
	await put(context, api, previous);
	return true;
}

/** Restores the previous webhook, unless another one has been set since. */
export async function unregisterAtPingram(context: IHookFunctions): Promise<boolean> {
	const stored = storedPingram(context);
	if (!stored) return true;
	const api = await openPingram(context);
	const found = await api.get();
	const isOurs = found.ok && found.webhook?.webhook === stored.url;
	if (found.ok && !isOurs) {
		if (found.webhook)
			warn(context, 'leaves the events webhook of Pingram alone, as it has another URL now');
		forgetPingram(context);
		return true;
	}
	const done = !found.ok
		? found
		: stored.previous
			? await api.put(stored.previous)
			: await api.remove();
	if (done.ok) forgetPingram(context);
	else warn(context, `could not remove its webhook: ${done.refusal.message}`);
	return done.ok;
}

/** Updates the webhook to the events that the node wants now. */
async function refresh(
	context: IHookFunctions,
	api: PingramApi,
	{ events, secret, webhook: url }: PingramWebhook,
): Promise<void> {
	const { previous } = storedPingram(context) ?? {};
	const wanted = wantedEvents(context);
	const isSame = wanted.length === events.length && wanted.every((one) => events.includes(one));
	if (!isSame) await put(context, api, previous);
	else storePingram(context, { url, secret, ...(previous ? { previous } : {}) });
}

async function put(
	context: IHookFunctions,
	api: PingramApi,
	previous: PingramSettings | undefined,
): Promise<void> {
	const url = webhookUrl(context);
	const made = await api.put({ webhook: url, events: [...wantedEvents(context)] });
	if (!made.ok) throw made.refusal;
	if (!made.webhook) return;
	const { secret } = made.webhook;
	storePingram(context, { url, secret, ...(previous ? { previous } : {}) });
}

/** The webhook to restore later: never this node's own, except that a test restores the active workflow's. */
function previousOf(
	context: IHookFunctions,
	current: PingramWebhook | undefined,
): PingramSettings | undefined {
	const isToReturn =
		current &&
		current.webhook !== webhookUrl(context) &&
		(isListening(context) || !isOwn(context, current.webhook));
	return isToReturn
		? { webhook: current.webhook, events: current.events }
		: storedPingram(context)?.previous;
}

function wantedEvents(context: IHookFunctions): readonly string[] {
	return pingramEventsOf(chosenEvents(context));
}

/** Test and production URL of a node end alike, with its webhook id. */
function isOwn(context: IHookFunctions, url: string): boolean {
	const end = (one: string): string => one.split('/').slice(-2).join('/');
	return end(url) === end(webhookUrl(context));
}
