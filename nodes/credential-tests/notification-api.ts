import type {
	ICredentialsDecrypted,
	ICredentialTestFunctions,
	INodeCredentialTestResult,
} from 'n8n-workflow';
import { withoutTrailingSlash } from '../http/base-url.ts';
import { isFilled, testHosted } from './hosted-service.ts';
import { works } from './result.ts';

/**
 * The older API has no call that only asks about a key. So this sends an empty request, which lacks the type and the
 * user that are required: 400 or 422 can only come after the secret was accepted.
 */
export async function testNotificationApi(
	this: ICredentialTestFunctions,
	{ data = {} }: ICredentialsDecrypted,
): Promise<INodeCredentialTestResult> {
	const { clientId, clientSecret, webhookToken, baseUrl } = data;
	const api = withoutTrailingSlash(baseUrl) || 'https://api.notificationapi.com';
	const signIn = Buffer.from(`${String(clientId)}:${String(clientSecret)}`).toString('base64');
	return await testHosted(this, {
		title: 'NotificationAPI',
		sendingFields: 'client ID and client secret',
		receivingField: 'webhook token',
		canSend: isFilled(clientId) && isFilled(clientSecret),
		canReceive: isFilled(webhookToken),
		request: () => ({
			method: 'POST',
			url: `${api}/${encodeURIComponent(String(clientId))}/sender`,
			headers: { authorization: `Basic ${signIn}`, 'content-type': 'application/json' },
			body: '{}',
		}),
		judge: ({ status }) =>
			status === 400 || status === 422
				? works('NotificationAPI accepted the secret and refused an empty request, as it should')
				: undefined,
	});
}
