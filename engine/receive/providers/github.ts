import { z } from 'zod/v4';
import { text } from '../parse/facts.ts';
import { jsonOrForm } from '../parse/form.ts';
import { oneHeader } from '../verify/headers.ts';
import { isHmacOfOne } from '../../signing/hmac.ts';
import { isObject, parseJson, textOf } from '../parse/json.ts';
import { type RawRequest, refuse } from '../verify/verification.ts';
import { provider } from '../provider.ts';
import { derivedId, receivedEvent } from '../parse/build-event.ts';

const githubPayload = z.looseObject({ action: text });

const SIGNATURE = /^sha256=([0-9a-f]{64})$/i;

/**
 * GitHub's webhooks (https://docs.github.com/en/webhooks/using-webhooks/validating-webhook-deliveries):
 * `X-Hub-Signature-256: sha256=<hex>` over the raw body. A request has no timestamp. A secret is the text that the
 * webhook was given.
 *
 * Neither `X-GitHub-Delivery` nor `X-GitHub-Event` is signed. So the event's id is derived from the body, which GitHub
 * sends unchanged when it delivers again: replaying a request under another delivery or event name makes no second
 * event. No event of GitHub is about a notification, so each is `unknown`; the `ping` after a webhook was set up is one
 * of them.
 */
export const github = provider({
	id: 'github',
	parameter: 'github',
	title: 'GitHub',
	scheme: {
		proof: 'X-Hub-Signature-256: "sha256=" and the hex HMAC-SHA256 of the body',
		secret: "the webhook's secret",
		documentation: 'https://docs.github.com/webhooks/using-webhooks/validating-webhook-deliveries',
	},
	docs: {
		verifiedBy: 'HMAC',
		events: 'unknown: its own names',
		setUp: 'paste in Webhooks',
	},
	signatureHeaders: ['x-hub-signature', 'x-hub-signature-256'],
	verify(request, secrets) {
		const header = request.headers['x-hub-signature-256'];
		if (!header) return refuse('missing_header');
		const hex = typeof header === 'string' ? SIGNATURE.exec(header)?.[1] : undefined;
		if (hex === undefined) return refuse('malformed_signature');
		return isHmacOfOne(secrets, hex, request.body)
			? { ok: true, request }
			: refuse('bad_signature');
	},
	read({ request }, { now }) {
		const raw = payloadOf(request);
		const parsed = githubPayload.safeParse(raw);
		if (!isObject(raw) || !parsed.success) return undefined;
		const eventId = derivedId('github', [textOf(request.body)]);
		const words = [oneHeader(request, 'x-github-event'), parsed.data.action];
		const facts = {
			type: 'unknown',
			providerEvent: words.filter(Boolean).join('.') || undefined,
			eventId,
			notificationId: eventId,
		} as const;
		return { events: [receivedEvent('github', facts, raw, now)] };
	},
});

/** JSON, or a form whose field `payload` is JSON: a webhook's "Content type" setting. */
function payloadOf(request: RawRequest): unknown {
	const json = parseJson(request.body);
	if (json !== undefined) return json;
	const form = jsonOrForm(request.body);
	const payload = isObject(form) ? form.payload : undefined;
	return typeof payload === 'string' ? parseJson(Buffer.from(payload)) : undefined;
}
