import type { IExecuteFunctions } from 'n8n-workflow';
import { callApi } from '../http/call-api.ts';
import { cancellableSleep } from '../http/cancellable-sleep.ts';
import type { Explanation } from '../http/explanation.ts';
import { untilAnswered } from '../http/until-answered.ts';
import { explainUnexpected, explainUnansweredQuery } from '../services/explain.ts';
import {
	apiUrl,
	type HostedService,
	judgeOf,
	outcomeOf,
	withoutCredential,
} from '../services/hosted-service.ts';
import { OTPIQ, OTPIQ_PATHS } from '../services/otpiq/answers.ts';
import { readOtpiqStatus } from '../services/otpiq/tracking.ts';
import { PINGRAM, PINGRAM_PATHS } from '../services/pingram/answers.ts';
import { readPingramStatus } from '../services/pingram/logs.ts';
import type { StatusReading } from '../services/status-reading.ts';
import { type ItemResult, refusedByApi } from './item-result.ts';
import { readNotificationId } from './notification-id.ts';
import { oneByOne } from './process-items.ts';
import { getNotifications } from './runner-notification.ts';

/** The call that asks a hosted service for the status of a notification. */
interface StatusApi {
	readonly service: HostedService;
	path(id: string): string;
	/** Reads the body of a 200. */
	read(body: unknown, id: string): StatusReading;
}

const STATUS_APIS: Readonly<Record<string, StatusApi>> = {
	otpiq: { service: OTPIQ, path: OTPIQ_PATHS.track, read: readOtpiqStatus },
	pingram: {
		service: PINGRAM,
		path: (id) => PINGRAM_PATHS.logsOf([id]),
		read: readPingramStatus,
	},
};

/** The status of each item's notification, from the service that it was sent through. */
export async function getStatus(context: IExecuteFunctions): Promise<readonly ItemResult[]> {
	const api = STATUS_APIS[String(context.getNodeParameter('via', 0, 'runner'))];
	return api ? await askEach(context, api) : await getNotifications(context);
}

async function askEach(
	context: IExecuteFunctions,
	{ service, path, read }: StatusApi,
): Promise<readonly ItemResult[]> {
	const { title, credential } = service;
	const credentials = await context.getCredentials(credential);
	const repeating = {
		idempotent: true,
		sleep: cancellableSleep(context),
		judge: judgeOf(service),
	};
	return await oneByOne(context, [...context.getInputData().keys()], async (itemIndex) => {
		const given = readNotificationId(context, itemIndex);
		if (!given.ok) return given;
		const { id } = given;
		const url = apiUrl(service, credentials.baseUrl, path(id));
		const answer = await untilAnswered(
			() => callApi(context, credential, { method: 'GET', url }),
			repeating,
		);
		const reply = withoutCredential(service, credentials, answer);
		const refused = (explanation: Explanation): ItemResult =>
			refusedByApi(context.getNode(), itemIndex, explanation);
		if ('failure' in reply) return refused(explainUnansweredQuery(service, reply));
		if (reply.status === 404) return refused(unknownId(title, id));
		if (reply.status !== 200 || outcomeOf(service, reply, Date.now()).result === 'failed') {
			return refused(service.explain(reply, 'show the notification'));
		}
		const status = read(reply.body, id);
		if (status === 'absent') return refused(unknownId(title, id));
		if (status === 'unreadable') return refused(explainUnexpected(service, reply));
		return { ok: true, json: status.item };
	});
}

function unknownId(title: string, id: string): Explanation {
	return {
		message: `${title} has no notification ${id}`,
		description:
			'Use the notificationId from the output of the Send Notification node, and the credential that it was sent with.',
		httpCode: '404',
	};
}
