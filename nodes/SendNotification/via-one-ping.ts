import type { IExecuteFunctions } from 'n8n-workflow';
import { z } from 'zod/v4';
import { withoutTrailingSlash } from '../http/base-url.ts';
import { explainStatus } from '../services/explain.ts';
import { type HostedRequest, senderThrough } from './hosted-sender.ts';
import type { Sender } from './item-result.ts';
import { readSendParameters } from './send-parameters.ts';

const ONE_PING = {
	title: 'One-Ping',
	credential: 'onePingApi',
	credentialTitle: 'One-Ping API',
} as const;

/** One-Ping documents its request, not its answer: an id is taken from where its webhooks have it. */
const acceptedSchema = z
	.object({ notification_id: z.string(), id: z.string(), status: z.string() })
	.partial();

/**
 * One-Ping's `POST /send` (one-ping.com/features/api). It retries and falls back by itself, and reports through its
 * webhooks. It publishes no error table, so its own words are passed on.
 */
export async function sendViaOnePing(context: IExecuteFunctions): Promise<Sender> {
	const { baseUrl } = await context.getCredentials(ONE_PING.credential);
	return senderThrough(context, {
		...ONE_PING,
		url: `${withoutTrailingSlash(baseUrl)}/send`,
		read: (itemIndex) => read(context, itemIndex),
		accepted(body) {
			const { notification_id, id, status } = acceptedSchema.safeParse(body).data ?? {};
			return { notificationId: notification_id ?? id, status };
		},
		explain: (reply) => explainStatus(ONE_PING, reply),
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
			? [{ path: 'recipient', message: 'is needed: give an address' }]
			: []),
	];
	if (problems.length > 0) return { ok: false, problems };
	const { recipient } = body;
	return { ok: true, body, deliveries: body.channels.map((channel) => ({ channel, recipient })) };
}
