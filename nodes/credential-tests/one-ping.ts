import type {
	ICredentialsDecrypted,
	ICredentialTestFunctions,
	INodeCredentialTestResult,
} from 'n8n-workflow';
import { apiUrl } from '../services/hosted-service.ts';
import { ONE_PING, ONE_PING_PATHS } from '../services/one-ping.ts';
import { isFilled, refusedAsEmpty, testHosted } from './hosted-service.ts';

/** One-Ping documents one call, `POST /send`, and none that only checks a key. */
export async function testOnePing(
	this: ICredentialTestFunctions,
	{ data = {} }: ICredentialsDecrypted,
): Promise<INodeCredentialTestResult> {
	const { apiKey, webhookSecret, baseUrl } = data;
	const sendingFields = 'API key';
	return await testHosted(this, {
		service: ONE_PING,
		sendingFields,
		receivingField: 'webhook secret',
		canSend: isFilled(apiKey),
		canReceive: isFilled(webhookSecret),
		request: () => ({
			method: 'POST',
			url: apiUrl(ONE_PING, baseUrl, ONE_PING_PATHS.send),
			headers: { authorization: `Bearer ${String(apiKey)}`, 'content-type': 'application/json' },
			body: '{}',
		}),
		judge: refusedAsEmpty(ONE_PING, sendingFields),
	});
}
