import type { IExecuteFunctions } from 'n8n-workflow';
import { withoutTrailingSlash } from '../http/base-url.ts';
import { explainStatus } from '../services/explain.ts';
import { senderThrough } from './hosted-sender.ts';
import type { Sender } from './item-result.ts';
import { readUserNotification, userAcceptance } from './user-notification.ts';

const NOTIFICATION_API = {
	title: 'NotificationAPI',
	credential: 'notificationApiApi',
	credentialTitle: 'NotificationAPI API',
	keyName: 'Client ID and Secret',
} as const;

/**
 * The older API of NotificationAPI, `POST /{clientId}/sender` (npm notificationapi-node-server-sdk), which goes on beside
 * Pingram's. It documents no errors, so its own words are passed on.
 */
export async function sendViaNotificationApi(context: IExecuteFunctions): Promise<Sender> {
	const { baseUrl, clientId } = await context.getCredentials(NOTIFICATION_API.credential);
	return senderThrough(context, {
		...NOTIFICATION_API,
		url: `${withoutTrailingSlash(baseUrl)}/${encodeURIComponent(String(clientId))}/sender`,
		read: (itemIndex) => readUserNotification(context, itemIndex),
		accepted: userAcceptance,
		explain: (reply) => explainStatus(NOTIFICATION_API, reply),
	});
}
