import type {
	ICredentialsDecrypted,
	ICredentialTestFunctions,
	INodeCredentialTestResult,
} from 'n8n-workflow';
import { jsonObject, shownName } from '../../engine/channels/http-outcome.ts';
import { apiUrl } from '../services/hosted-service.ts';
import { PINGRAM, PINGRAM_PATHS } from '../services/pingram/answers.ts';
import { isFilled, testHosted } from './hosted-service.ts';
import { works } from './result.ts';

/** `GET /account` names the account of a key (npm pingram, `AccountGetResponse`). */
export async function testPingram(
	this: ICredentialTestFunctions,
	{ data = {} }: ICredentialsDecrypted,
): Promise<INodeCredentialTestResult> {
	const { apiKey, webhookSecret, baseUrl } = data;
	return await testHosted(this, {
		service: PINGRAM,
		sendingFields: 'API key',
		receivingField: 'webhook secret',
		canSend: isFilled(apiKey),
		canReceive: isFilled(webhookSecret),
		request: () => ({
			method: 'GET',
			url: apiUrl(PINGRAM, baseUrl, PINGRAM_PATHS.account),
			headers: { authorization: `Bearer ${String(apiKey)}` },
		}),
		judge({ status, body }) {
			const account = status === 200 ? jsonObject(body) : undefined;
			if (typeof account?.accountId !== 'string') return undefined;
			const name = shownName(account.name, String(apiKey));
			return works(name ? `Connection successful! (${name})` : 'Connection successful!');
		},
	});
}
