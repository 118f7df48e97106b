import type {
	ICredentialsDecrypted,
	ICredentialTestFunctions,
	INodeCredentialTestResult,
} from 'n8n-workflow';
import { jsonObject, shownName } from '../../engine/channels/http-outcome.ts';
import { apiUrl } from '../services/hosted-service.ts';
import { OTPIQ, OTPIQ_PATHS } from '../services/otpiq/answers.ts';
import { isFilled, testHosted } from './hosted-service.ts';
import { works } from './result.ts';

/** `GET /info` names the project of a key (docs.otpiq.com/api-reference/endpoint/get). */
export async function testOtpiq(
	this: ICredentialTestFunctions,
	{ data = {} }: ICredentialsDecrypted,
): Promise<INodeCredentialTestResult> {
	const { apiKey, webhookSecret, baseUrl } = data;
	return await testHosted(this, {
		service: OTPIQ,
		sendingFields: 'API key',
		receivingField: 'webhook secret',
		canSend: isFilled(apiKey),
		canReceive: isFilled(webhookSecret),
		request: () => ({
			method: 'GET',
			url: apiUrl(OTPIQ, baseUrl, OTPIQ_PATHS.info),
			headers: { authorization: `Bearer ${String(apiKey)}` },
		}),
		judge({ status, body }) {
			const info = status === 200 ? jsonObject(body) : undefined;
			if (typeof info?.credit !== 'number') return undefined;
			const project = shownName(info.projectName, String(apiKey));
			return works(
				`Connection successful! (${project ? `${project}, ` : ''}${info.credit} IQD left)`,
			);
		},
	});
}
