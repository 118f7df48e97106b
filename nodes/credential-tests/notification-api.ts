import type {
	ICredentialsDecrypted,
	ICredentialTestFunctions,
	INodeCredentialTestResult,
} from 'n8n-workflow';
import { apiUrl } from '../services/hosted-service.ts';
import { NOTIFICATION_API, notificationApiPath } from '../services/notification-api.ts';
import { isFilled, refusedAsEmpty, testHosted } from './hosted-service.ts';

/** The older API has no call that only checks a key. */
export async function testNotificationApi(
	this: ICredentialTestFunctions,
	{ data = {} }: ICredentialsDecrypted,
): Promise<INodeCredentialTestResult> {
	const { clientId, clientSecret, webhookToken, baseUrl } = data;
	const signIn = Buffer.from(`${String(clientId)}:${String(clientSecret)}`).toString('base64');
	const sendingFields = 'client ID and client secret';
	return await testHosted(this, {
		service: NOTIFICATION_API,
		sendingFields,
		receivingField: 'webhook token',
		canSend: isFilled(clientId) && isFilled(clientSecret),
		canReceive: isFilled(webhookToken),
		request: () => ({
			method: 'POST',
			url: apiUrl(NOTIFICATION_API, baseUrl, notificationApiPath(clientId)),
			headers: { authorization: `Basic ${signIn}`, 'content-type': 'application/json' },
			body: '{}',
		}),
		judge: refusedAsEmpty(NOTIFICATION_API, sendingFields),
	});
}
