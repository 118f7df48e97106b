import { z } from 'zod/v4';
import { kind, number, part, text } from '../parse/facts.ts';
import { formObject, parseForm } from '../parse/form.ts';
import { isHmacOfOne } from '../../signing/hmac.ts';
import { isObject, parseJson, textOf } from '../parse/json.ts';
import { type Draft, provider } from '../provider.ts';
import { type RawRequest, refuse } from '../verify/verification.ts';
import { type Facts, receivedEvent } from '../parse/build-event.ts';
import { refuseTimestamp } from '../verify/timestamp.ts';

/** The Events API (https://docs.slack.dev/apis/events-api). */
const eventsPayload = z.looseObject({
	type: kind,
	challenge: text,
	event_id: text,
	event_time: number,
	event: part({
		type: kind,
		user: text,
		ts: text,
		channel_type: text,
		subtype: text,
		bot_id: text,
		item: part({ ts: text }),
	}),
});
type EventsPayload = z.infer<typeof eventsPayload>;

/** Interactivity (https://docs.slack.dev/reference/interaction-payloads). */
const interactionPayload = z.looseObject({
	type: kind,
	trigger_id: text,
	user: part({ id: text }),
	container: part({ message_ts: text }),
	message: part({ ts: text }),
});

/** A slash command (https://docs.slack.dev/interactivity/implementing-slash-commands). */
const commandPayload = z.looseObject({
	command: kind,
	trigger_id: text,
	user_id: text,
});

const SIGNATURE = /^v0=([0-9a-f]{64})$/i;

/**
 * Slack's requests to an app (https://docs.slack.dev/authentication/verifying-requests-from-slack):
 * `X-Slack-Signature: v0=<hex>` over `v0:{timestamp}:{raw body}`. A secret is the app's signing secret. Slack reports no
 * deliveries: what people write to the app is `notification.received`, all else `unknown`. An event about a message has the
 * message's `ts` as its notification, which is what `chat.postMessage` answered when it was sent.
 */
export const slack = provider({
	id: 'slack',
	parameter: 'slack',
	title: 'Slack',
	scheme: {
		proof:
			'X-Slack-Signature: "v0=" and the hex HMAC-SHA256 of "v0", X-Slack-Request-Timestamp and the body, with colons between',
		secret: "the app's signing secret",
		documentation: 'https://docs.slack.dev/authentication/verifying-requests-from-slack',
	},
	docs: {
		verifiedBy: 'HMAC, timestamp',
		events: 'received',
		setUp: "paste in the app's settings",
	},
	signatureHeaders: ['x-slack-signature'],
	verify(request, secrets, { now, toleranceS }) {
		const signature = request.headers['x-slack-signature'];
		const timestamp = request.headers['x-slack-request-timestamp'];
		if (!signature || !timestamp) return refuse('missing_header');
		const hex = typeof signature === 'string' ? SIGNATURE.exec(signature)?.[1] : undefined;
		if (hex === undefined) return refuse('malformed_signature');
		if (typeof timestamp !== 'string') return refuse('bad_timestamp');
		const untimely = refuseTimestamp(timestamp, now, toleranceS);
		if (untimely) return refuse(untimely);
		return isHmacOfOne(secrets, hex, `v0:${timestamp}:`, request.body)
			? { ok: true, request, signedAt: Number(timestamp) * 1000 }
			: refuse('bad_signature');
	},
	read({ request, signedAt }, { now }) {
		const raw = parseJson(request.body);
		// A body that parses as JSON is never read as a form: the content type is not signed.
		if (raw === undefined) return readForm(request, signedAt, now);
		const parsed = eventsPayload.safeParse(raw);
		if (!isObject(raw) || !parsed.success) return undefined;
		const { type, challenge } = parsed.data;
		// Slack waits for this text when the request URL is entered (https://docs.slack.dev/reference/events/url_verification).
		if (type === 'url_verification' && challenge !== undefined) {
			return { events: [], answer: { contentType: 'text/plain', body: challenge } };
		}
		return one(request, eventFacts(parsed.data, signedAt), raw, now);
	},
});

type SlackFacts = Pick<
	Facts,
	'type' | 'providerEvent' | 'eventId' | 'notificationId' | 'recipient' | 'occurredAt'
>;

/** A reading of one event. Without an id of its own, its body identifies it: it holds a trigger id and times. */
function one(
	request: RawRequest,
	facts: SlackFacts,
	raw: Record<string, unknown>,
	now: number,
): Draft {
	const identity = [textOf(request.body)];
	return {
		events: [receivedEvent('slack', { ...facts, channel: 'slack', identity }, raw, now)],
	};
}

function eventFacts(
	{ type, event_id: eventId, event_time: time, event }: EventsPayload,
	signedAt: number | undefined,
): SlackFacts {
	const occurredAt = time === undefined ? signedAt : time * 1000;
	if (!event) {
		return { type: 'unknown', providerEvent: type, eventId, notificationId: undefined, occurredAt };
	}
	// Channels talk among themselves; a direct message or a mention is to the app.
	const direct = event.type === 'message' && event.channel_type === 'im';
	const byPerson = event.bot_id === undefined && event.subtype === undefined;
	const received = byPerson && (direct || event.type === 'app_mention');
	return {
		type: received ? 'notification.received' : 'unknown',
		providerEvent: event.type,
		eventId,
		notificationId: event.item?.ts ?? event.ts,
		recipient: event.user,
		occurredAt,
	};
}

/** Interactivity comes as JSON in the field `payload`, a slash command as the form itself. */
function readForm(
	request: RawRequest,
	occurredAt: number | undefined,
	now: number,
): Draft | undefined {
	const pairs = parseForm(request.body);
	if (!pairs) return undefined;
	const form = formObject(pairs);
	// Slack looks now and then whether the URL of a command has a valid certificate; nothing happened.
	if (form.ssl_check === '1') return { events: [] };
	const { payload } = form;
	const raw: unknown = typeof payload === 'string' ? parseJson(Buffer.from(payload)) : form;
	if (!isObject(raw)) return undefined;
	const interaction = raw === form ? undefined : interactionPayload.safeParse(raw).data;
	if (interaction) {
		const { type, trigger_id: trigger, user, container, message } = interaction;
		const facts = {
			type: 'unknown',
			providerEvent: type,
			notificationId: message?.ts ?? container?.message_ts ?? trigger,
			recipient: user?.id,
			occurredAt,
		} as const;
		return one(request, facts, raw, now);
	}
	const command = commandPayload.safeParse(raw).data;
	if (!command) return undefined;
	const facts = {
		type: 'unknown',
		providerEvent: command.command,
		notificationId: command.trigger_id,
		recipient: command.user_id,
		occurredAt,
	} as const;
	return one(request, facts, raw, now);
}
