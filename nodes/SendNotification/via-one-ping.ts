import type { IDataObject, IExecuteFunctions } from 'n8n-workflow';
import { z } from 'zod/v4';
import { type ApiReply, callApi } from '../http/call-api.ts';
import { cancellableSleep } from '../http/cancellable-sleep.ts';
import type { Unanswered } from '../http/transport-failure.ts';
import { untilAnswered } from '../http/until-answered.ts';
import type { Explanation } from '../runner/explain-refusal.ts';
import { withoutTrailingSlash } from '../runner/runner-api.ts';
import { type ItemResult, refusedByApi, refusedParameters, type Sender } from './item-result.ts';
import { oneByOne } from './process-items.ts';
import { readSendParameters } from './send-parameters.ts';

export const ONE_PING_CREDENTIAL = 'onePingApi';

/** One-Ping documents its request, not its answer: an id is taken from where its webhooks have it. */
const acceptedSchema = z
	.object({ notification_id: z.string(), id: z.string(), status: z.string() })
	.partial();

/**
 * One-Ping's `POST /send` (one-ping.com/features/api). It knows no idempotency key, so an attempt that may have
 * arrived is not made again; it retries and falls back by itself, and reports through its webhooks.
 */
export async function sendViaOnePing(context: IExecuteFunctions): Promise<Sender> {
	const { baseUrl } = await context.getCredentials(ONE_PING_CREDENTIAL);
	const url = `${withoutTrailingSlash(baseUrl)}/send`;
	const sleep = cancellableSleep(context);
	const node = context.getNode();
	const sendItem = async (itemIndex: number): Promise<ItemResult> => {
		const parameters = readSendParameters(context, itemIndex, 'onePing');
		if (!parameters.ok) return refusedParameters(node, itemIndex, parameters.problems);
		const { request: body } = parameters;
		const missing = [
			...(body.message === '' ? [{ path: 'message', message: 'must not be empty' }] : []),
			...(body.channels.length === 0
				? [{ path: 'channels', message: 'must name at least one channel' }]
				: []),
			...(body.recipient === undefined
				? [{ path: 'recipient', message: 'is needed: give an address' }]
				: []),
		];
		if (missing.length > 0) return refusedParameters(node, itemIndex, missing);

		const reply = await untilAnswered(
			() => callApi(context, ONE_PING_CREDENTIAL, { method: 'POST', url, body }),
			{ idempotent: false, sleep },
		);
		if ('failure' in reply || reply.status < 200 || reply.status >= 300) {
			return refusedByApi(node, itemIndex, explain(reply));
		}
		const accepted = acceptedSchema.safeParse(reply.body).data ?? {};
		const notificationId = accepted.notification_id ?? accepted.id;
		const json: IDataObject = {
			...(notificationId === undefined ? {} : { notificationId }),
			status: accepted.status ?? 'queued',
			deliveries: body.channels.map((channel) => ({
				channel,
				recipient: body.recipient,
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

/** One-Ping publishes no error table, so its own words are passed on. */
function explain(reply: ApiReply | Unanswered): Explanation {
	if ('failure' in reply) {
		return {
			message: `One-Ping did not answer: ${reply.detail}`,
			description: reply.mayHaveArrived
				? 'The notification may have been taken, so it was not sent again. Check the One-Ping dashboard before you run this item again.'
				: 'Nothing was sent. Check the Base URL of the One-Ping API credential and the network of n8n.',
			httpCode: null,
		};
	}
	const { status, body } = reply;
	const said = (typeof body === 'string' ? body : JSON.stringify(body ?? '')).slice(0, 300);
	const message =
		status === 401 || status === 403
			? 'One-Ping does not accept the API key'
			: `One-Ping did not take the notification: it answered ${status}`;
	const advice =
		status === 401 || status === 403
			? 'Set the API Key of the One-Ping API credential to the one in the One-Ping dashboard.'
			: status === 429 || status >= 500
				? 'It was asked several times. Try again later.'
				: 'Correct what the answer names.';
	return { message, description: `${advice} It answered: ${said}`, httpCode: String(status) };
}
