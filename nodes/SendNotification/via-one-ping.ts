import type { IExecuteFunctions } from 'n8n-workflow';
import { apiUrl } from '../services/hosted-service.ts';
import { ONE_PING, ONE_PING_PATHS } from '../services/one-ping.ts';
import { type HostedRequest, senderThrough } from './hosted-sender.ts';
import type { Sender } from './item-result.ts';
import { readSendParameters } from './send-parameters.ts';

/**
 * One-Ping's `POST /send` (one-ping.com/features/api). One-Ping retries and falls back by itself, and reports through its
 * webhooks.
 */
export async function sendViaOnePing(context: IExecuteFunctions): Promise<Sender> {
	const { baseUrl, apiKey } = await context.getCredentials(ONE_PING.credential);
	return senderThrough(context, {
		service: () => ONE_PING,
		url: apiUrl(ONE_PING, baseUrl, ONE_PING_PATHS.send),
		secret: apiKey,
		read: (itemIndex) => read(context, itemIndex),
	});
}

function read(context: IExecuteFunctions, itemIndex: number): HostedRequest {
	const parameters = readSendParameters(context, itemIndex, 'onePing');
	if (!parameters.ok) return parameters;
	const { request: body } = parameters;
	const problems = [
		...(body.message === '' ? [{ path: 'message', message: 'must not be empty' }] : []),
		...(body.channels.length === 0
			? [{ path: 'channels', message: 'must name at least one channel' }]
			: []),
		...(body.recipient === undefined
			? [{ path: 'recipient', message: 'One-Ping needs a recipient address' }]
			: []),
	];
	if (problems.length > 0) return { ok: false, problems };
	const { recipient } = body;
	return { ok: true, body, deliveries: body.channels.map((channel) => ({ channel, recipient })) };
}
