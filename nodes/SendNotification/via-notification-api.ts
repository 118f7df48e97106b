import type { IExecuteFunctions } from 'n8n-workflow';
import { apiUrl } from '../services/hosted-service.ts';
import { NOTIFICATION_API, notificationApiPath } from '../services/notification-api.ts';
import { senderThrough } from './hosted-sender.ts';
import type { Sender } from './item-result.ts';
import { readUserNotification } from './user-notification.ts';

/** The older API of NotificationAPI: `POST /{clientId}/sender` (npm notificationapi-node-server-sdk). */
export async function sendViaNotificationApi(context: IExecuteFunctions): Promise<Sender> {
	const credential = await context.getCredentials(NOTIFICATION_API.credential);
	const { baseUrl, clientId, clientSecret } = credential;
	return senderThrough(context, {
		service: () => NOTIFICATION_API,
		url: apiUrl(NOTIFICATION_API, baseUrl, notificationApiPath(clientId)),
		secret: clientSecret,
		read: (itemIndex) => readUserNotification(context, itemIndex),
	});
}
