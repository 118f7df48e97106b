import type { IWebhookFunctions, IWebhookResponseData } from 'n8n-workflow';
import {
	type ProviderId,
	providerOfParameter,
	PROVIDERS,
} from '../../engine/receive/providers/index.ts';
import { type Sources, receiveAsking } from '../../engine/receive/receive-asking.ts';
import type { Received, ReceivedEvent } from '../../engine/receive/index.ts';
import { OrderMemory } from '../../engine/receive/order-memory.ts';
import { answerFor, askAgain, refuse, refuseMethod } from './answer.ts';
import { perNode } from './bounded-map.ts';
import { certificateAt } from './certificates.ts';
import { forgetEvent, rememberEvent, undoUnlessAcknowledged } from './seen-events.ts';
import { confirmSubscription } from './confirm-subscription.ts';
import { publicHeaders, toItem } from '../events/event-item.ts';
import { releaseToken, useToken } from './one-time-tokens.ts';
import { LEAVES_OUT_OWN_SINCE, ownSendsFilter } from '../events/own-sends-filter.ts';
import { rawRequest, type WireRequest } from './raw-request.ts';
import { type Settings, triggerSettings } from './trigger-settings.ts';
import { type KnownSecrets, signingSecrets } from './signing-secrets.ts';
import { storedEndpoint } from './stored-endpoint.ts';

const MOST_DELIVERIES_PER_NODE = 10_000;
const orderOf = perNode(() => new OrderMemory(MOST_DELIVERIES_PER_NODE));

/**
 * Handles one webhook request. It is verified over its raw bytes; then each event that is wanted and new becomes an item.
 * A refused request gets 401 and no reason. A repeat, or an event that is not wanted, is acknowledged and starts nothing.
 */
export async function receiveWebhook(context: IWebhookFunctions): Promise<IWebhookResponseData> {
	const now = Date.now();
	const provider = providerOfParameter(String(context.getNodeParameter('provider')));
	if (!provider) throw new Error('This provider is not known to the engine');
	const { method } = context.getRequestObject();
	if (method === 'GET' && !PROVIDERS[provider].callsWithGet) return refuseMethod(context);

	const settings = triggerSettings(context, provider);
	const request = await rawRequest(context, settings.publicUrl);
	if (!request) return refuse(context, 'malformed_body');
	const node = memoryKey(context);
	const { received, secrets } = await verify(context, { provider, request, settings, now });
	if (!received.ok) return refuse(context, received.reason);
	const { events, unreadableRepeatsAfterMs = Infinity, confirm } = received;
	const unreadable = events.filter((event) => event.unreadable).length;
	if (unreadable > 0) {
		warn(
			context,
			`passed on ${unreadable} events that do not match the documentation of their provider`,
		);
	}
	if (confirm !== undefined && !(await confirmSubscription(context, confirm))) {
		return askAgain(context);
	}

	const order = orderOf(node);
	const windowOf = ({ unreadable }: ReceivedEvent): number =>
		Math.min(settings.dedupeWindowMs, unreadable ? unreadableRepeatsAfterMs : Infinity);
	const takes = ownSendsFilter(context, LEAVES_OUT_OWN_SINCE.webhookTrigger);
	const fresh = events
		.map((event) => order.place(event))
		.filter(
			(event) =>
				settings.wants(event) &&
				takes(event) &&
				rememberEvent(node, event.eventId, now, windowOf(event)),
		);
	const isFirst = fresh.length > 0 && takeTest(context, now);
	const started = isFirst ? fresh : [];
	const webhookResponse = answerFor(context, received, settings.responseBody, started.length);
	if (started.length === 0) return { webhookResponse };
	undoUnlessAcknowledged(context.getResponseObject(), () => {
		for (const { eventId } of fresh) forgetEvent(node, eventId);
	});
	const headers = settings.includeHeaders
		? publicHeaders(request, secrets, settings.receive.generic?.signatureHeader)
		: undefined;
	return { webhookResponse, workflowData: [started.map((event) => toItem(event, headers))] };
}

interface Verifying {
	readonly provider: ProviderId;
	readonly request: WireRequest;
	readonly settings: Settings;
	readonly now: number;
}

interface Verified {
	readonly received: Received;
	/** The secrets that it was verified with. */
	readonly secrets: readonly string[];
}

async function verify(
	context: IWebhookFunctions,
	{ provider, request, settings, now }: Verifying,
): Promise<Verified> {
	const sources: Sources = {
		certificate: async (url) => await certificateAt(context, url, now),
		tokenUse(token) {
			const use = useToken(token);
			if (use === 'first') {
				undoUnlessAcknowledged(context.getResponseObject(), () => releaseToken(token));
			}
			return use;
		},
	};
	const entry = `${context.getWorkflow().id}:${context.getNode().id}`;
	const receiveWith = async ({ secrets, verifyToken }: KnownSecrets): Promise<Verified> => {
		const token = verifyToken === undefined ? {} : { verifyToken };
		const options = { now, entry, ...settings.receive, ...token };
		let received = await receiveAsking(provider, request, secrets, options, sources);
		if (PROVIDERS[provider].scheme.signsUrl || provider === 'generic') {
			for (const url of request.otherUrls) {
				if (received.ok || received.reason !== 'bad_signature') break;
				received = await receiveAsking(provider, { ...request, url }, secrets, options, sources);
			}
		}
		return { received, secrets };
	};
	const { isCurrent, ...known } = await signingSecrets(context, provider, now);
	const verified = await receiveWith(known);
	const { received } = verified;
	if (received.ok || received.reason !== 'bad_signature' || isCurrent) return verified;
	return await receiveWith(await signingSecrets(context, provider, now, true));
}

/**
 * True when this request may start an execution. In an active workflow, all may. While n8n listens for a test event, only
 * the first may: n8n then ends the test, but a second request at the same moment would still start another execution.
 */
function takeTest(context: IWebhookFunctions, now: number): boolean {
	const endpoint = storedEndpoint(context);
	if (!endpoint?.isEphemeral) return true;
	const test = `test:${endpoint.endpointId}`;
	if (!rememberEvent(test, 'first', now, Infinity)) return false;
	undoUnlessAcknowledged(context.getResponseObject(), () => forgetEvent(test, 'first'));
	return true;
}

/** The node's key in the memories of this process: one for tests and one for the active workflow, as both get the same events. */
function memoryKey(context: IWebhookFunctions): string {
	const place = context.getMode() === 'manual' ? 'test' : 'production';
	return `${place}:${context.getWorkflow().id}:${context.getNode().id}`;
}

function warn(context: IWebhookFunctions, what: string): void {
	const { id: workflowId } = context.getWorkflow();
	context.logger.warn(`${context.getNode().name} ${what}`, { workflowId });
}
