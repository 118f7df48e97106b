import { z } from 'zod/v4';
import { kind, text } from '../parse/facts.ts';
import { isObject, parseJson } from '../parse/json.ts';
import { pingramFacts, pingramIdentity } from '../parse/pingram-event.ts';
import { receivedEvent } from '../parse/build-event.ts';
import { provider } from '../provider.ts';
import { refuse } from '../verify/verification.ts';
import { isOneOf } from '../../signing/compare.ts';
import { urlToken } from '../verify/url-token.ts';

/** The fields of documented events. Their `notificationId` is the type of the notification, not the message. */
const eventPayload = z.looseObject({
	eventType: kind,
	trackingId: text,
	channel: text,
	userId: text,
	failureCode: text,
	clickedLink: text,
});

/**
 * NotificationAPI's events webhook as it was before the service became Pingram: unsigned
 * (https://github.com/notificationapi-com/docs/blob/main/docs/features/events-webhook.md), so its secret is a token in
 * the URL that the dashboard was given: `?token=…`, or the last segment of the path.
 */
export const notificationApi = provider({
	id: 'notificationapi',
	parameter: 'notificationApi',
	title: 'NotificationAPI',
	scheme: {
		proof: 'a secret token in the URL; NotificationAPI does not sign its webhooks',
		secret: 'a token of your own, added to the URL as ?token=…',
		documentation: 'https://docs.notificationapi.com (Events Webhook)',
	},
	docs: {
		verifiedBy: '**it does not sign**: a token in the URL',
		events: 'failed, opened, clicked',
		setUp: 'paste with `?token=…` in its dashboard',
	},
	verify(request, secrets) {
		const token = urlToken(request);
		if (!token) return refuse('missing_header');
		return isOneOf(secrets, token.value)
			? { ok: true, request, isStatic: true }
			: refuse('bad_signature');
	},
	read({ request }, { now }) {
		const raw = parseJson(request.body);
		const parsed = eventPayload.safeParse(raw);
		if (!isObject(raw) || !parsed.success) return undefined;
		const facts = {
			...pingramFacts(parsed.data),
			notificationId: parsed.data.trackingId,
			identity: pingramIdentity(parsed.data, raw, now),
		};
		return { events: [receivedEvent('notificationapi', facts, raw, now)] };
	},
});
