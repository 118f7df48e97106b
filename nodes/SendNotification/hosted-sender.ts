import type { IDataObject, IExecuteFunctions } from 'n8n-workflow';
import type { Problem } from '../../engine/dispatch/index.ts';
import { type ApiReply, callApi } from '../http/call-api.ts';
import { cancellableSleep } from '../http/cancellable-sleep.ts';
import type { Explanation } from '../http/explanation.ts';
import { untilAnswered } from '../http/until-answered.ts';
import { explainSilence } from '../services/explain.ts';
import { type ItemResult, refusedByApi, refusedParameters, type Sender } from './item-result.ts';
import { oneByOne } from './process-items.ts';

/** One item as the request that an API documents. */
export type HostedRequest =
	| {
			readonly ok: true;
			readonly body: IDataObject;
			readonly deliveries: readonly HostedDelivery[];
	  }
	| { readonly ok: false; readonly problems: readonly Problem[] };

/** What an API was asked to do for an item; it does it after its answer. */
export interface HostedDelivery {
	readonly channel: string;
	readonly recipient: unknown;
}

/** What an API's acceptance says, as far as it says it. */
export interface HostedAcceptance {
	readonly notificationId?: string | undefined;
	readonly status?: string | undefined;
	/** Accepted, but something about it needs attention. */
	readonly warning?: string | undefined;
}

/** A hosted service that takes a notification in one call and knows no idempotency key. */
export interface HostedApi {
	/** The service's name, and what n8n calls its credential. */
	readonly title: string;
	readonly credential: string;
	readonly credentialTitle: string;
	readonly url: string;
	readonly askedWaitMs?: (reply: ApiReply) => number | undefined;
	readonly longestWaitMs?: number;
	read(itemIndex: number): HostedRequest;
	accepted(body: unknown, status: number, itemIndex: number): HostedAcceptance;
	/** What a status that is not a success means. */
	explain(reply: ApiReply): Explanation;
}

/**
 * Sends items to a hosted API one by one. An attempt that may have arrived is not made again, since nothing would tell
 * the API that it is the same one; answers of 408, 425, 429 and 5xx are, as they are refusals.
 */
export function senderThrough(context: IExecuteFunctions, api: HostedApi): Sender {
	const { credential, url, askedWaitMs, longestWaitMs } = api;
	const node = context.getNode();
	const repeating = {
		idempotent: false,
		sleep: cancellableSleep(context),
		askedWaitMs,
		longestWaitMs,
	};
	const sendItem = async (itemIndex: number): Promise<ItemResult> => {
		const request = api.read(itemIndex);
		if (!request.ok) return refusedParameters(node, itemIndex, request.problems);
		const { body, deliveries } = request;
		const reply = await untilAnswered(
			() => callApi(context, credential, { method: 'POST', url, body }),
			repeating,
		);
		if ('failure' in reply) return refusedByApi(node, itemIndex, explainSilence(api, reply));
		if (reply.status < 200 || reply.status >= 300) {
			return refusedByApi(node, itemIndex, api.explain(reply));
		}
		const accepted = api.accepted(reply.body, reply.status, itemIndex);
		const { notificationId, status = 'queued', warning } = accepted;
		const json: IDataObject = {
			...(notificationId === undefined ? {} : { notificationId }),
			status,
			...(warning === undefined ? {} : { warning }),
			deliveries: deliveries.map(({ channel, recipient }) => ({
				channel,
				recipient: recipient as IDataObject, // text or an object of addresses
				status: 'queued',
				attempts: [],
			})),
			raw: reply.body as IDataObject, // parsed JSON, or text
		};
		return { ok: true, json };
	};
	return async (items) =>
		await oneByOne(
			context,
			items.map(({ itemIndex }) => itemIndex),
			sendItem,
		);
}
