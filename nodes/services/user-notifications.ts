import type { ApiReply } from '../http/call-api.ts';
import { type Acceptance, objectOf } from './hosted-service.ts';

/**
 * The warning in an answer of NotificationAPI or Pingram: 202 is an acceptance with one (npm
 * notificationapi-node-server-sdk logs it).
 */
export function warningOf(reply: ApiReply): Acceptance {
	if (reply.status !== 202) return {};
	const messages = objectOf(reply)?.messages;
	const listed = Array.isArray(messages) ? messages.filter((one) => typeof one === 'string') : [];
	const warning = listed.join('; ') || (typeof reply.body === 'string' ? reply.body : '');
	return warning ? { warning } : {};
}
