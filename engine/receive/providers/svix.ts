import { z } from 'zod/v4';
import { kind, text } from '../parse/facts.ts';
import { provider } from '../provider.ts';
import { receivedEvent } from '../parse/build-event.ts';
import { readStandardWebhooks, standardWebhooksBody } from '../parse/standard-webhooks-event.ts';
import { svixHeaders, verifyStandardWebhooks } from '../verify/standard-webhooks.ts';
import type { ReceivedType } from '../../vocabulary.ts';

/**
 * Svix's own operational webhooks about messages (https://api.svix.com/docs, "Webhooks"). There the message is a webhook
 * and the recipient an endpoint: `exhausted` comes after the last attempt, `failing` after the fourth with more to come,
 * `recovered` when an attempt succeeded after one of these.
 */
const ATTEMPTS: Readonly<Record<string, ReceivedType>> = {
	'message.attempt.exhausted': 'notification.failed',
	'message.attempt.failing': 'notification.retrying',
	'message.attempt.recovered': 'notification.delivered',
	'ingest.message.attempt.exhausted': 'notification.failed',
	'ingest.message.attempt.failing': 'notification.retrying',
	'ingest.message.attempt.recovered': 'notification.delivered',
};

const attemptData = z.looseObject({
	msgId: kind,
	endpointId: kind,
	lastAttempt: z.looseObject({ responseStatusCode: text, timestamp: text }),
});

/** Its other operational webhooks are about an endpoint or a task. */
const subjectData = z.looseObject({
	endpointId: text,
	taskId: text,
});

/** Webhooks sent through Svix, and Svix's own. A secret is `whsec_` and base64, as an endpoint's page shows it. */
export const svix = provider({
	id: 'svix',
	parameter: 'svix',
	title: 'Svix',
	scheme: {
		proof:
			'svix-signature: a list of "v1," and the base64 HMAC-SHA256 of svix-id, svix-timestamp and the body, with dots between',
		secret: "the endpoint's signing secret, whsec_…",
		documentation: 'https://docs.svix.com/receiving/verifying-payloads/how-manual',
	},
	docs: {
		verifiedBy: 'HMAC, timestamp',
		events: 'by the last word; attempts: delivered, failed, retrying',
		setUp: "paste in the sender's portal",
	},
	signatureHeaders: ['svix-signature'],
	verify: (request, secrets, options) =>
		verifyStandardWebhooks(svixHeaders(request), request, secrets, options),
	read(genuine, { now }) {
		const body = standardWebhooksBody(genuine.request);
		if (!body) return undefined;
		const { payload, raw } = body;
		const type = Object.hasOwn(ATTEMPTS, payload.type) ? ATTEMPTS[payload.type] : undefined;
		const attempt = type && attemptData.safeParse(payload.data).data;
		if (!attempt) {
			const event = readStandardWebhooks('svix', payload, genuine, raw, now);
			const { endpointId, taskId } = subjectData.safeParse(payload.data).data ?? {};
			const subject = event.notificationId === genuine.id ? (endpointId ?? taskId) : undefined;
			return { events: [subject === undefined ? event : { ...event, notificationId: subject }] };
		}
		const { responseStatusCode: code, timestamp } = attempt.lastAttempt;
		const event = receivedEvent(
			'svix',
			{
				type,
				providerEvent: payload.type,
				eventId: genuine.id,
				notificationId: attempt.msgId,
				channel: 'webhook',
				recipient: attempt.endpointId,
				confirmation: type === 'notification.delivered' ? 'service' : undefined,
				error:
					type === 'notification.delivered' || code === undefined
						? undefined
						: { code, message: `The endpoint answered with status ${code}` },
				occurredAt: timestamp,
			},
			raw,
			now,
		);
		return { events: [event] };
	},
});
