import type { IDataObject, IWebhookFunctions, IWebhookResponseData } from 'n8n-workflow';
import { providerOfParameter } from '../../engine/providers.ts';
import {
	type RawRequest,
	receive,
	type Received,
	type ReceivedEvent,
	type ReceiveOptions,
	REJECTION_REASONS,
	type RejectionReason,
} from '../../engine/receive/index.ts';
import { SIGNATURE_INPUTS } from '../../engine/webhooks/index.ts';
import { claim, keepIfAcknowledged } from './claims.ts';
import { signingSecrets } from './signing-secrets.ts';

/**
 * One webhook request: verified over its raw bytes, then each event that is wanted and new becomes an item. A refused
 * request learns nothing but 401; a repeat or an event that was not chosen is acknowledged and starts nothing.
 */
export async function receiveWebhook(context: IWebhookFunctions): Promise<IWebhookResponseData> {
	const now = Date.now();
	const received = await verify(context, now);
	if (!received.ok) return refuse(context, received.reason);

	const chosen = context.getNodeParameter('events', []);
	const wanted =
		Array.isArray(chosen) && chosen.length > 0 ? new Set(chosen.map(String)) : undefined;
	const node = claimant(context);
	const fresh = received.events.filter(
		({ type, eventId }) => (wanted?.has(type) ?? true) && claim(node, eventId, now),
	);
	if (fresh.length === 0) return { webhookResponse: { received: 0 } };
	keepIfAcknowledged(
		context.getResponseObject(),
		node,
		fresh.map(({ eventId }) => eventId),
	);
	return {
		webhookResponse: { received: fresh.length },
		workflowData: [fresh.map((event) => ({ json: toJson(event) }))],
	};
}

async function verify(context: IWebhookFunctions, now: number): Promise<Received> {
	const provider = providerOfParameter(String(context.getNodeParameter('provider')));
	if (!provider) throw new Error('This provider is not known to the engine');
	const request = await rawRequest(context);
	const options = receiveOptions(context, now);
	const { secrets, isCurrent } = await signingSecrets(context, now);
	const received = receive(provider, request, secrets, options);
	if (received.ok || received.reason !== 'bad_signature' || isCurrent) return received;
	const reread = await signingSecrets(context, now, true);
	return receive(provider, request, reread.secrets, options);
}

/** The request as it came over the wire. n8n keeps the inflated bytes, though not of every content type unasked. */
async function rawRequest(context: IWebhookFunctions): Promise<RawRequest> {
	const request: RequestWithRawBody = context.getRequestObject();
	if (request.rawBody === undefined) await request.readRawBody?.();
	return {
		method: request.method,
		url: request.url,
		headers: request.headers,
		body: request.rawBody ?? new Uint8Array(),
	};
}

/** n8n's additions to an Express request (its body-parser middleware). */
interface RequestWithRawBody {
	readonly method: string;
	readonly url: string;
	readonly headers: Readonly<Record<string, string | string[] | undefined>>;
	readonly rawBody?: Uint8Array;
	readonly readRawBody?: () => Promise<void>;
}

function receiveOptions(context: IWebhookFunctions, now: number): ReceiveOptions {
	const { toleranceS, signatureInput } = context.getNodeParameter('options', {}) as IDataObject; // a collection
	const input = SIGNATURE_INPUTS.find((known) => known === signatureInput);
	return {
		now,
		...(typeof toleranceS === 'number' ? { toleranceS } : {}),
		...(input === undefined ? {} : { signatureInput: input }),
	};
}

/** Who claims an event. Listening for a test event must not take it away from the active workflow, or the reverse. */
function claimant(context: IWebhookFunctions): string {
	const place = context.getMode() === 'manual' ? 'test' : 'production';
	return `${place}:${context.getWorkflow().id}:${context.getNode().id}`;
}

function refuse(context: IWebhookFunctions, reason: RejectionReason): IWebhookResponseData {
	context.logger.warn(
		`${context.getNode().name} refused a webhook: ${REJECTION_REASONS[reason]} (${reason})`,
		{ workflowId: context.getWorkflow().id, reason },
	);
	context.getResponseObject().status(401).json({ message: 'Unauthorized' });
	return { noWebhookResponse: true };
}

/** A received event is JSON throughout: it was one a moment ago. */
function toJson(event: ReceivedEvent): IDataObject {
	return { ...event } as IDataObject; // `raw` and `metadata` came out of JSON.parse
}
