import type { IDataObject, IExecuteFunctions } from 'n8n-workflow';
import type { Problem } from '../../engine/dispatch/index.ts';
import { callApi } from '../http/call-api.ts';
import { cancellableSleep } from '../http/cancellable-sleep.ts';
import type { Explanation } from '../http/explanation.ts';
import { untilAnswered } from '../http/until-answered.ts';
import { answerWithoutSecret } from '../services/answer-without-secret.ts';
import { explainUnansweredSend, withoutSecret } from '../services/explain.ts';
import { type HostedService, judgeOf, outcomeOf } from '../services/hosted-service.ts';
import { type ItemResult, refusedByApi, refusedParameters, type Sender } from './item-result.ts';
import { oneByOne } from './process-items.ts';

/** One item's request, in the form that the API documents. */
export type HostedRequest =
	| {
			readonly ok: true;
			readonly body: IDataObject;
			readonly deliveries: readonly HostedDelivery[];
	  }
	| { readonly ok: false; readonly problems: readonly Problem[] };

/** A delivery that the service was asked for and makes after its answer. */
export interface HostedDelivery {
	readonly channel: string;
	readonly recipient: unknown;
}

/** A send through a hosted service, item by item. */
export interface HostedSend {
	readonly url: string;
	/** The credential's secret, which no id, error or raw answer may repeat. */
	readonly secret: unknown;
	readonly longestWaitMs?: number;
	/** The service, as it reads the answer to this item. */
	service(itemIndex: number): HostedService;
	read(itemIndex: number): HostedRequest;
}

const ACTION = 'take the notification';

/**
 * Sends items to a hosted service one by one. The service knows no idempotency key, so an attempt that may have arrived
 * is never repeated. A refusal for now (408, 425, throttling, 5xx) is repeated, since the service took nothing.
 */
export function senderThrough(context: IExecuteFunctions, send: HostedSend): Sender {
	const { url, longestWaitMs } = send;
	const secret = typeof send.secret === 'string' ? send.secret : '';
	const sleep = cancellableSleep(context);
	const node = context.getNode();

	const sendItem = async (itemIndex: number): Promise<ItemResult> => {
		const request = send.read(itemIndex);
		if (!request.ok) return refusedParameters(node, itemIndex, request.problems);
		const { body, deliveries } = request;
		const service = send.service(itemIndex);
		const refused = (explanation: Explanation): ItemResult =>
			refusedByApi(node, itemIndex, withoutSecret(explanation, secret));
		const reply = await untilAnswered(
			() => callApi(context, service.credential, { method: 'POST', url, body }),
			{ idempotent: false, sleep, judge: judgeOf(service), longestWaitMs },
		);
		if ('failure' in reply) return refused(explainUnansweredSend(service, reply));
		const outcome = outcomeOf(service, reply, Date.now(), secret);
		if (outcome.result === 'failed') return refused(service.explain(reply, ACTION));
		const { messageId } = outcome;
		const { status = 'queued', warning } = service.accepted?.(reply) ?? {};
		const json: IDataObject = {
			...(messageId === undefined ? {} : { notificationId: messageId }),
			status,
			...(warning === undefined ? {} : { warning }),
			deliveries: deliveries.map(({ channel, recipient }) => ({
				channel,
				recipient: recipient as IDataObject, // text or an object of addresses
				status: 'queued',
				attempts: [],
			})),
			raw: answerWithoutSecret(reply.body, secret) as IDataObject, // parsed JSON, or text
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
