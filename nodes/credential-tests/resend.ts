import type {
	ICredentialsDecrypted,
	ICredentialTestFunctions,
	INodeCredentialTestResult,
} from 'n8n-workflow';
import { jsonObject } from '../../engine/channels/http-outcome.ts';
import { baseUrlOr, fails, probe, works } from './probe.ts';

/**
 * `GET /domains` mails nothing. A key that may only send is answered 401 `restricted_api_key`, which proves it as well
 * (resend.com/docs/api-reference/errors).
 */
export async function testResend(
	this: ICredentialTestFunctions,
	{ data = {} }: ICredentialsDecrypted,
): Promise<INodeCredentialTestResult> {
	if (typeof data.apiKey !== 'string' || data.apiKey === '') return fails('Enter the API key');
	if (typeof data.from !== 'string' || !data.from.includes('@')) {
		return fails('Enter the sender in From, such as "Ops <ops@example.com>"');
	}
	const reply = await probe(this, 'Resend', {
		method: 'GET',
		url: `${baseUrlOr(data.baseUrl, 'https://api.resend.com')}/domains`,
		headers: { authorization: `Bearer ${data.apiKey}` },
	});
	if (typeof reply.status === 'string') return reply;
	const answer = jsonObject(reply.body);
	if (reply.status === 200 && Array.isArray(answer?.data)) return works();
	if (reply.status === 401 && answer?.name === 'restricted_api_key') {
		return works('Connection successful! This key may send and nothing else.');
	}
	const word = typeof answer?.name === 'string' ? answer.name : `status ${reply.status}`;
	return fails(`Resend does not accept this key (${word})`);
}
