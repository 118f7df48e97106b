import { z } from 'zod/v4';
import { sameSecret } from '../../signing/compare.ts';
import { fact, flag, kind, object, part, text } from '../parse/facts.ts';
import { isObject, parseJson } from '../parse/json.ts';
import { isMachine } from '../parse/machine.ts';
import { type Facts, receivedEvent } from '../parse/build-event.ts';
import { type RawRequest, refuse } from '../verify/verification.ts';
import { provider } from '../provider.ts';
import type { ReceivedType } from '../../vocabulary.ts';

interface Bounce {
	readonly type: ReceivedType;
	readonly bounceType?: 'hard' | 'soft';
}
const HARD: Bounce = { type: 'notification.bounced', bounceType: 'hard' };
/** Bounces that Postmark does not call permanent say nothing against the address. */
const SOFT: Bounce = { type: 'notification.bounced', bounceType: 'soft' };
const ANSWERED: Bounce = { type: 'unknown' };

/** Every `Type` of https://postmarkapp.com/developer/api/bounce-api#bounce-types; not all of them are bounces. */
const BOUNCES: ReadonlyMap<string, Bounce> = new Map([
	['HardBounce', HARD],
	['BadEmailAddress', HARD],
	['SoftBounce', SOFT],
	['Transient', SOFT],
	['DnsError', SOFT],
	['Blocked', SOFT],
	['SpamNotification', SOFT],
	['VirusNotification', SOFT],
	['ChallengeVerification', SOFT],
	['DMARCPolicy', SOFT],
	['OpenRelayTest', SOFT],
	['Unknown', SOFT],
	['Unsubscribe', { type: 'notification.unsubscribed' }],
	['Subscribe', { type: 'notification.subscribed' }],
	['SpamComplaint', { type: 'notification.complained' }],
	['ManuallyDeactivated', { type: 'notification.suppressed' }],
	['Unconfirmed', { type: 'notification.suppressed' }],
	['SMTPApiError', { type: 'notification.failed' }],
	['TemplateRenderingFailed', { type: 'notification.failed' }],
	// The mail was not lost: a mail program answered automatically, or our own inbound address had a problem.
	['AutoResponder', ANSWERED],
	['AddressChange', ANSWERED],
	['InboundError', ANSWERED],
]);

const TYPES: ReadonlyMap<string, ReceivedType> = new Map([
	['Delivery', 'notification.delivered'],
	['SpamComplaint', 'notification.complained'],
	['Open', 'notification.opened'],
	['Click', 'notification.clicked'],
	['Inbound', 'notification.received'],
]);

const payload = z.looseObject({
	RecordType: fact(kind),
	MessageID: text,
	Recipient: text,
	Email: text,
	Type: text,
	Name: text,
	Description: text,
	Details: text,
	DeliveredAt: text,
	BouncedAt: text,
	ReceivedAt: text,
	ChangedAt: text,
	Date: text,
	UserAgent: text,
	OriginalLink: text,
	Origin: text,
	SuppressSending: flag,
	SuppressionReason: text,
	FromFull: part({ Email: text }),
	Metadata: object,
});
type Payload = z.infer<typeof payload>;

/**
 * Postmark's webhooks, which are not signed (https://postmarkapp.com/developer/webhooks/webhooks-overview). The secret
 * is the header that the webhook's settings add: `user:password` for HTTP Basic, or a header of one's own as `Name:
 * value`, with a space after the colon. Either proves who sent a request, and nothing about its content or age: TLS
 * must do that.
 */
export const postmark = provider({
	id: 'postmark',
	parameter: 'postmark',
	title: 'Postmark',
	scheme: {
		proof:
			'the user and password in the URL (HTTP Basic), or a header of your own; Postmark does not sign its webhooks',
		secret: '"user:password", or "Header-Name: value"',
		documentation: 'https://postmarkapp.com/developer/webhooks/webhooks-overview',
	},
	docs: {
		verifiedBy: '**it does not sign**: user and password, or a header',
		events:
			'delivered, bounced, failed, suppressed, opened, clicked, complained, unsubscribed, subscribed, received',
		setUp: 'paste in the message stream',
	},
	verify(request, secrets) {
		const proofs = secrets.filter((secret) => secret !== '').map(proofOf);
		if (proofs.length === 0) return refuse('bad_signature');
		const claims = proofs.map(({ header }) => request.headers[header]);
		if (claims.every((claim) => claim === undefined)) return refuse('missing_header');
		if (!claims.some((claim) => typeof claim === 'string')) return refuse('malformed_signature');
		// Compares with every secret, for constant time.
		const fits = proofs.filter((proof) => proof.fits(request));
		return fits.length > 0 ? { ok: true, request, isStatic: true } : refuse('bad_signature');
	},
	read({ request }, { now }) {
		const raw = parseJson(request.body);
		const parsed = payload.safeParse(raw);
		const facts = parsed.success ? factsOf(parsed.data) : undefined;
		return isObject(raw) && facts
			? { events: [receivedEvent('postmark', facts, raw, now)] }
			: undefined;
	},
});

interface Proof {
	readonly header: string;
	fits(request: RawRequest): boolean;
}

function proofOf(secret: string): Proof {
	// A field name is a token (RFC 9110 §5.1).
	const [, name, value] = /^([\w!#$%&'*+.^`|~-]+): (.+)$/s.exec(secret) ?? [];
	const header = name?.toLowerCase() ?? 'authorization';
	return {
		header,
		fits({ headers: { [header]: claim } }) {
			if (typeof claim !== 'string') return false;
			if (value !== undefined) return sameSecret(claim, value);
			// RFC 7617 §2
			const base64 = /^Basic +([A-Za-z0-9+/]+={0,2})$/i.exec(claim)?.[1];
			return base64 !== undefined && sameSecret(Buffer.from(base64, 'base64').toString(), secret);
		},
	};
}

function factsOf(event: Payload): Facts | undefined {
	// An inbound message is recognised by its sender.
	const kind = event.RecordType ?? (event.FromFull ? 'Inbound' : undefined);
	if (!kind) return undefined;
	const { type, bounceType } = meaningOf(kind, event);
	const recipient = kind === 'Inbound' ? event.FromFull?.Email : (event.Recipient ?? event.Email);
	const occurredAt =
		event.DeliveredAt ?? event.BouncedAt ?? event.ReceivedAt ?? event.ChangedAt ?? event.Date;
	const link = event.OriginalLink;
	return {
		type,
		providerEvent: kind === 'Bounce' && event.Type ? `Bounce ${event.Type}` : kind,
		// None for a suppression by hand, which no message caused.
		notificationId: event.MessageID,
		// A bounce's ID exceeds what a JSON number holds in JavaScript, and other events have none.
		identity: [
			kind,
			event.Type,
			event.MessageID,
			recipient,
			occurredAt,
			link,
			event.SuppressSending,
		],
		channel: 'email',
		recipient,
		confirmation: type === 'notification.delivered' ? 'service' : undefined,
		bounceType,
		error: kind === 'Bounce' ? errorOf(event) : undefined,
		link,
		machine: (kind === 'Open' || kind === 'Click') && isMachine(event.UserAgent) ? true : undefined,
		occurredAt,
		metadata: event.Metadata,
	};
}

function meaningOf(kind: string, event: Payload): Bounce {
	if (kind === 'Bounce') {
		return BOUNCES.get(event.Type ?? '') ?? { type: 'notification.bounced' };
	}
	if (kind === 'SubscriptionChange') return { type: subscriptionType(event) };
	return { type: TYPES.get(kind) ?? 'unknown' };
}

/** The origin of a suppression distinguishes a recipient's wish from a bounce, a complaint or an entry by hand. */
function subscriptionType({ SuppressSending, SuppressionReason, Origin }: Payload): ReceivedType {
	if (SuppressSending === false) return 'notification.subscribed';
	if (SuppressSending !== true) return 'unknown';
	return SuppressionReason === 'ManualSuppression' && Origin === 'Recipient'
		? 'notification.unsubscribed'
		: 'notification.suppressed';
}

function errorOf({ Type, Name, Description, Details }: Payload): Facts['error'] {
	const code = Type || 'Unknown';
	return { code, message: Details || Description || Name || code };
}
