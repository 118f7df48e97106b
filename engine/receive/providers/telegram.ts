import { z } from 'zod/v4';
import { number, part, text } from '../parse/facts.ts';
import { isObject, parseJson } from '../parse/json.ts';
import { type Facts, receivedEvent } from '../parse/build-event.ts';
import { provider } from '../provider.ts';
import { refuse } from '../verify/verification.ts';
import { isOneOf } from '../../signing/compare.ts';
import type { ReceivedType } from '../../vocabulary.ts';

/**
 * Telegram's Bot API: the `secret_token` of `setWebhook` in `X-Telegram-Bot-Api-Secret-Token`
 * (https://core.telegram.org/bots/api#setwebhook). It does not cover the request, which only TLS protects.
 */
export const telegram = provider({
	id: 'telegram',
	parameter: 'telegram',
	title: 'Telegram',
	scheme: {
		proof: 'X-Telegram-Bot-Api-Secret-Token: the secret itself',
		secret: 'the secret_token of setWebhook',
		documentation: 'https://core.telegram.org/bots/api#setwebhook',
	},
	docs: {
		verifiedBy: 'its secret token in a header',
		events: 'received, unsubscribed, subscribed',
		setUp: '`setWebhook`',
	},
	signatureHeaders: ['x-telegram-bot-api-secret-token'],
	verify(request, secrets) {
		const token = request.headers['x-telegram-bot-api-secret-token'];
		if (token === undefined || token === '') return refuse('missing_header');
		if (typeof token !== 'string' || !/^[\w-]{1,256}$/.test(token)) {
			return refuse('malformed_signature');
		}
		return isOneOf(secrets, token)
			? { ok: true, request, isStatic: true }
			: refuse('bad_signature');
	},
	read({ request }, { now }) {
		const raw = parseJson(request.body);
		const { data } = update.safeParse(raw);
		const facts = data && factsOf(data);
		if (!isObject(raw) || !facts) return undefined;
		return { events: [receivedEvent('telegram', facts, raw, now)] };
	},
});

/** An update has an id and one other field, which is named after what happened (https://core.telegram.org/bots/api#update). */
const update = z.looseObject({ update_id: text });

const happening = z.looseObject({
	message_id: text,
	date: number,
	edit_date: number,
	chat: part({ id: text, type: text }),
	new_chat_member: part({ status: text }),
});
type Happening = z.infer<typeof happening>;

/** Undefined where nothing happened. */
function factsOf({ update_id: id, ...fields }: z.infer<typeof update>): Facts | undefined {
	const [[name, value] = []] = Object.entries(fields);
	if (name === undefined) return undefined;
	const { data = {} } = happening.safeParse(value);
	const chatId = data.chat?.id;
	const seconds = data.edit_date ?? data.date;
	return {
		type: typeOf(name, data),
		providerEvent: name,
		eventId: id,
		// The id that `sendMessage` answered with; a change of membership is about no message.
		notificationId: data.message_id ?? chatId ?? id,
		channel: 'telegram',
		recipient: chatId,
		occurredAt: seconds === undefined ? undefined : seconds * 1000,
	};
}

/** In a private chat, a person who stops the bot kicks it, and one who starts it again makes it a member. */
const MEMBERSHIP: ReadonlyMap<string | undefined, ReceivedType> = new Map([
	['kicked', 'notification.unsubscribed'],
	['member', 'notification.subscribed'],
]);

function typeOf(
	name: string | undefined,
	{ chat, new_chat_member: member }: Happening,
): ReceivedType {
	if (name === 'message' || name === 'edited_message') return 'notification.received';
	if (name !== 'my_chat_member' || chat?.type !== 'private') return 'unknown';
	return MEMBERSHIP.get(member?.status) ?? 'unknown';
}
