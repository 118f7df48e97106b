import { sameSecret } from '../../../signing/compare.ts';
import { isHmacOfOne } from '../../../signing/hmac.ts';
import { parseJson } from '../../parse/json.ts';
import { queryOf } from '../../parse/query.ts';
import { type RawRequest, refuse, type Verification } from '../../verify/verification.ts';
import { provider } from '../../provider.ts';
import { readEntries } from './entries.ts';

const SIGNATURE = /^sha256=([0-9a-f]{64})$/i;

/**
 * Meta's WhatsApp Business Platform, Cloud API: `X-Hub-Signature-256: sha256=<hex>` over the raw body. Secrets: the app
 * secret, as text. A request has no timestamp. Meta sets a webhook up with a GET that repeats `verifyToken`
 * (https://developers.facebook.com/documentation/business-messaging/whatsapp/webhooks/create-webhook-endpoint).
 */
export const whatsapp = provider({
	id: 'whatsapp',
	parameter: 'whatsapp',
	title: 'WhatsApp (Meta)',
	scheme: {
		proof: 'X-Hub-Signature-256: "sha256=" and the hex HMAC-SHA256 of the body',
		secret: "the Meta app's app secret",
		documentation: 'https://developers.facebook.com/docs/graph-api/webhooks/getting-started',
	},
	docs: {
		verifiedBy: 'HMAC',
		events: 'sent, delivered, read, failed, received',
		setUp: 'paste in the Meta app, with a verify token',
	},
	callsWithGet: true,
	signatureHeaders: ['x-hub-signature', 'x-hub-signature-256'],
	verify(request, secrets, { verifyToken }) {
		if (request.method === 'GET') return verifySetup(request, verifyToken);
		const header = request.headers['x-hub-signature-256'];
		if (!header) return refuse('missing_header');
		const hex = typeof header === 'string' ? SIGNATURE.exec(header.trim())?.[1] : undefined;
		if (hex === undefined) return refuse('malformed_signature');
		return isHmacOfOne(secrets, hex, request.body)
			? { ok: true, request }
			: refuse('bad_signature');
	},
	read({ request }, { now }) {
		if (request.method === 'GET') {
			return {
				events: [],
				answer: { contentType: 'text/plain', body: challengeOf(request) ?? '' },
			};
		}
		return readEntries(parseJson(request.body), now);
	},
});

function verifySetup(request: RawRequest, verifyToken: string | undefined): Verification {
	const genuine =
		onlyOne(request, 'hub.mode') === 'subscribe' &&
		sameSecret(onlyOne(request, 'hub.verify_token') ?? '', verifyToken ?? '');
	if (!genuine) return refuse('bad_signature');
	return challengeOf(request) === undefined ? refuse('malformed_body') : { ok: true, request };
}

/** The challenge is repeated to any caller, so it must not hold markup. */
function challengeOf(request: RawRequest): string | undefined {
	const challenge = onlyOne(request, 'hub.challenge') ?? '';
	return /^[\w.-]{1,200}$/.test(challenge) ? challenge : undefined;
}

function onlyOne(request: RawRequest, name: string): string | undefined {
	const values = queryOf(request)?.getAll(name) ?? [];
	return values.length === 1 ? values[0] : undefined;
}
