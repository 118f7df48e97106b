import { z } from 'zod/v4';
import { signOnePing } from '../signing/one-ping.ts';
import { signingKey } from '../signing/keys.ts';
import type { HttpReply, TransportFailure } from '../ports.ts';
import { readAnswer, type Vendor } from './answer.ts';
import { type Channel, type Outcome, type OutgoingMessage, service } from './channel.ts';
import { optionalBaseUrl, moveToServer } from './base-url.ts';

/**
 * Posts the message as JSON to the connection's URL. With a `secret` it is signed as our delivery webhooks are, so
 * that a receiver verifies both in one way. `Idempotency-Key` is the delivery's id on every attempt
 * (draft-ietf-httpapi-idempotency-key-header), so that a receiver can drop a repeat.
 */
const httpPost = service({
	key: 'url',
	title: 'HTTP POST',
	needs: 'http',
	settings: z.strictObject({
		url: z.url('must be an absolute URL').meta({
			description: 'URL that notifications are posted to.',
			examples: ['https://example.com/notify'],
		}),
		secret: z
			.string()
			.min(1)
			.optional()
			.meta({
				description: 'Secret that signs the requests. Default: none; they are not signed.',
				examples: ['${HOOK_SECRET}'],
			}),
		headers: z
			.record(z.string(), z.string())
			.optional()
			.meta({
				description: 'Headers of every request. Default: none.',
				examples: [{ 'X-Source': 'sureping' }],
			}),
		base_url: optionalBaseUrl.describe(
			'Server to send to in place of that of `url`, such as a proxy or a stand-in for tests. Default: the server of `url`.',
		),
	}),
	open({ url, secret, headers = {}, base_url }, name) {
		const key = secret ? signingKey(secret) : undefined;
		const own = Object.entries(headers).map(([header, value]) => [header.toLowerCase(), value]);
		return {
			defaultRecipient: name,
			refuseRecipient: () => undefined,
			refuseMessage: () => undefined,
			prepare(message) {
				const body = JSON.stringify(payloadOf(message));
				return {
					via: 'http',
					request: {
						method: 'POST',
						url: moveToServer(url, base_url),
						headers: {
							...Object.fromEntries(own),
							'content-type': 'application/json',
							'idempotency-key': message.deliveryId,
							...(key ? signOnePing(key, body, message.now) : {}),
						},
						body,
						timeoutMs: message.timeoutMs,
					},
					classify,
				};
			},
			// Any POST would be a message to somebody, and few receivers answer HEAD or OPTIONS usefully.
			check: () => ({
				via: 'none',
				found: {
					result: 'unknown',
					reason: 'only a message would tell whether the receiver takes it',
				},
			}),
		};
	},
});

function payloadOf(message: OutgoingMessage): Record<string, unknown> {
	return {
		notification_id: message.notificationId,
		delivery_id: message.deliveryId,
		recipient: message.recipient,
		...(message.subject ? { subject: message.subject } : {}),
		message: message.text,
		metadata: message.metadata,
	};
}

/** An unknown receiver: only its status counts, and an `ok: false` in its body. */
const RECEIVER: Vendor = { service: 'The webhook', errors: {}, read: () => ({}) };

const classify = (reply: HttpReply | TransportFailure, now: number): Outcome =>
	readAnswer(RECEIVER, reply, now);

export const webhook: Channel = {
	id: 'webhook',
	title: 'Webhook',
	docs: {
		needs: '`url`; `secret` to have it signed',
		recipient: 'any text, repeated in the body; by default the name of the connection',
		limits: 'none',
		delivered: 'the receiver answered 2xx, without `"ok": false` or `"success": false` in the body',
	},
	services: [httpPost],
};
