import type {
	ICredentialsDecrypted,
	ICredentialTestFunctions,
	INodeCredentialTestResult,
} from 'n8n-workflow';
import { withoutTrailingSlash } from '../http/base-url.ts';
import { fails, works } from './result.ts';
import { testPort } from './test-port.ts';

const TIMEOUT_MS = 10_000;

/**
 * One-Ping documents one call, `POST /send`, and no way to ask about a key. So this sends an empty request, which lacks
 * everything that is required: 400 or 422 can only come after the key was accepted, 401 or 403 refuse it, and
 * anything else is not taken as proof. The webhook secret is only ever proven by a webhook.
 */
export async function testOnePing(
	this: ICredentialTestFunctions,
	{ data = {} }: ICredentialsDecrypted,
): Promise<INodeCredentialTestResult> {
	const { apiKey, webhookSecret, baseUrl } = data;
	const hasSecret = typeof webhookSecret === 'string' && webhookSecret !== '';
	if (typeof apiKey !== 'string' || apiKey === '') {
		return hasSecret
			? works(
					'Ready to receive; the first webhook will prove the secret. Sending needs an API key.',
				)
			: fails('Enter the API key to send, the webhook secret to receive, or both');
	}
	const reply = await testPort(this)({
		method: 'POST',
		url: `${withoutTrailingSlash(baseUrl) || 'https://api.one-ping.com'}/send`,
		headers: { authorization: `Bearer ${apiKey}`, 'content-type': 'application/json' },
		body: '{}',
		timeoutMs: TIMEOUT_MS,
	});
	if ('failure' in reply) return fails(`One-Ping: ${reply.detail}`);
	if (reply.status === 400 || reply.status === 422) {
		return works('One-Ping accepted the key and refused an empty request, as it should');
	}
	if (reply.status === 401 || reply.status === 403) {
		return fails('One-Ping does not accept this API key');
	}
	return fails(
		`One-Ping answered ${reply.status} to an empty request, which neither proves nor refuses the key`,
	);
}
