import type { IDataObject, IExecuteFunctions } from 'n8n-workflow';
import { type ApiReply, callApi } from '../http/call-api.ts';
import { cancellableSleep } from '../http/cancellable-sleep.ts';
import { untilAnswered } from '../http/until-answered.ts';
import type { Explanation } from '../http/explanation.ts';
import { withoutTrailingSlash } from '../http/base-url.ts';
import { explainUnreached, type ServiceNames } from '../services/explain.ts';
import { type ItemResult, refusedByApi } from './item-result.ts';
import { readNotificationId } from './notification-id.ts';
import { explainOtpiq, OTPIQ, otpiqWaitMs } from '../services/otpiq/answers.ts';
import { otpiqStatus } from '../services/otpiq/tracking.ts';
import { explainPingram, PINGRAM } from '../services/pingram/answers.ts';
import { pingramStatus } from '../services/pingram/logs.ts';
import { oneByOne } from './process-items.ts';
import { getNotifications } from './runner-notification.ts';

/** A hosted service that can be asked what became of a notification. */
interface StatusApi extends ServiceNames {
	readonly credential: string;
	path(id: string): string;
	/** The answer as an item; undefined when it is not one about this notification. */
	item(body: unknown, id: string): IDataObject | undefined;
	explain(reply: ApiReply): Explanation;
	readonly askedWaitMs?: (reply: ApiReply) => number | undefined;
}

const STATUS_APIS: Readonly<Record<string, StatusApi>> = {
	otpiq: {
		...OTPIQ,
		path: (id) => `/sms/track/${encodeURIComponent(id)}`,
		item: otpiqStatus,
		explain: explainOtpiq,
		askedWaitMs: otpiqWaitMs,
	},
	pingram: {
		...PINGRAM,
		path: (id) => `/logs/${encodeURIComponent(id)}`,
		item: pingramStatus,
		explain: explainPingram,
	},
};

/** What became of a notification, from whoever it was sent through. */
export async function getStatus(context: IExecuteFunctions): Promise<readonly ItemResult[]> {
	const api = STATUS_APIS[String(context.getNodeParameter('via', 0, 'runner'))];
	return api ? await askEach(context, api) : await getNotifications(context);
}

async function askEach(context: IExecuteFunctions, api: StatusApi): Promise<readonly ItemResult[]> {
	const { title, credential, path, item, explain, askedWaitMs } = api;
	const { baseUrl } = await context.getCredentials(credential);
	const repeating = { idempotent: true, sleep: cancellableSleep(context), askedWaitMs };
	const node = context.getNode();
	return await oneByOne(context, [...context.getInputData().keys()], async (itemIndex) => {
		const given = readNotificationId(context, itemIndex);
		if (!given.ok) return given;
		const { id } = given;
		const url = withoutTrailingSlash(baseUrl) + path(id);
		const reply = await untilAnswered(
			() => callApi(context, credential, { method: 'GET', url }),
			repeating,
		);
		if ('failure' in reply) {
			return refusedByApi(node, itemIndex, explainUnreached(api, reply));
		}
		const json = reply.status === 200 ? item(reply.body, id) : undefined;
		if (json) return { ok: true, json };
		return refusedByApi(
			node,
			itemIndex,
			reply.status === 404 || reply.status === 200 ? unknownId(title, id) : explain(reply),
		);
	});
}

function unknownId(title: string, id: string): Explanation {
	return {
		message: `${title} has no notification ${id}`,
		description:
			'Use the notificationId of an item that Send Notification put out, and the credential that it was sent with.',
		httpCode: '404',
	};
}
