import { z } from 'zod/v4';
import { gathered } from './batch.ts';
import { sameSecret } from './compare.ts';
import { isJsonType } from './headers.ts';
import { isHmacOfOne } from './hmac.ts';
import { anyObject } from '../any-object.ts';
import { isObject, parseJson } from './json.ts';
import { queryOf } from './query.ts';
import { type Facts, receivedEvent } from './received-event.ts';
import {
	type RawRequest,
	type ReceivedEvent,
	type Receiver,
	refuse,
	type Verification,
} from './received.ts';
import type { ReceivedType } from './vocabulary.ts';

const SIGNATURE = /^sha256=([0-9a-f]{64})$/i;

/**
 * Meta's WhatsApp Business Platform, Cloud API: `X-Hub-Signature-256: sha256=<hex>` over the raw body. Secrets: the app
 * secret, as text. Nothing tells how old a request is. Meta sets a webhook up with a GET that repeats `verifyToken`
 * (https://developers.facebook.com/documentation/business-messaging/whatsapp/webhooks/create-webhook-endpoint).
 */
export const whatsapp: Receiver = {
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
			const challenge = onlyOne(request, 'hub.challenge');
			// It is repeated to whoever asks, so it must not be a page.
			if (!/^[\w.-]{1,200}$/.test(challenge ?? '')) return undefined;
			return { events: [], answer: { contentType: 'text/plain', body: challenge ?? '' } };
		}
		const payload = isJsonType(request) ? parseJson(request.body) : undefined;
		const parts = (body.safeParse(payload).data?.entry ?? []).flatMap(partsOfEntry);
		return gathered(parts.map((part) => part && readPart(part, now)));
	},
};

function verifySetup(request: RawRequest, verifyToken: string | undefined): Verification {
	const genuine =
		onlyOne(request, 'hub.mode') === 'subscribe' &&
		sameSecret(onlyOne(request, 'hub.verify_token') ?? '', verifyToken ?? '');
	return genuine ? { ok: true, request } : refuse('bad_signature');
}

function onlyOne(request: RawRequest, name: string): string | undefined {
	const values = queryOf(request)?.getAll(name) ?? [];
	return values.length === 1 ? values[0] : undefined;
}

/** Unix seconds, as a text. */
const seconds = z
	.union([z.string().regex(/^\d{1,12}$/), z.int().nonnegative()])
	.transform((text) => Number(text) * 1000)
	.optional();
/** A fact of another form is taken for absent: a genuine event is not lost for it. */
const text = z.string().optional().catch(undefined);
const list = z.array(z.unknown()).optional().catch(undefined);

/** Entries and changes are read one by one, for the same reason. */
const body = z.looseObject({ entry: z.array(z.unknown()) });

const entry = z.looseObject({
	id: z.string().min(1),
	time: seconds.catch(undefined),
	changes: z.array(z.unknown()),
});

const change = z.looseObject({
	value: z
		.looseObject({
			metadata: anyObject.optional().catch(undefined),
			statuses: list,
			messages: list,
		})
		.optional()
		.catch(undefined),
});

/** Of what one request says: one status, one message, or one change of another kind. */
interface Part {
	readonly kind: 'status' | 'message' | 'other';
	readonly raw: unknown;
	/** Which of the business's numbers it is about. */
	readonly metadata: Record<string, unknown>;
	readonly accountId: string;
	/** When Meta noticed; milliseconds since 1970. */
	readonly time: number | undefined;
}

/** Undefined for each that is none. */
function partsOfEntry(raw: unknown): (Part | undefined)[] {
	const { data } = entry.safeParse(raw);
	return data ? data.changes.flatMap((one) => partsOf(one, data)) : [undefined];
}

function partsOf(raw: unknown, { id, time }: z.infer<typeof entry>): (Part | undefined)[] {
	const { data } = change.safeParse(raw);
	if (!data) return [undefined];
	const { metadata = {}, statuses = [], messages = [] } = data.value ?? {};
	const part = (kind: Part['kind'], one: unknown): Part => ({
		kind,
		raw: one,
		metadata,
		accountId: id,
		time,
	});
	const parts = [
		...statuses.map((one) => part('status', one)),
		...messages.map((one) => part('message', one)),
	];
	return parts.length > 0 ? parts : [part('other', raw)];
}

function readPart(part: Part, now: number): ReceivedEvent | undefined {
	const { kind, raw, metadata } = part;
	if (!isObject(raw)) return undefined;
	const facts =
		kind === 'status'
			? statusFacts(raw, metadata)
			: kind === 'message'
				? messageFacts(raw, metadata)
				: otherFacts(raw, part);
	return facts && receivedEvent('whatsapp', { channel: 'whatsapp', ...facts }, raw, now);
}

const status = z.looseObject({
	id: z.string().min(1),
	status: z.string().min(1),
	timestamp: seconds,
	recipient_id: text,
	recipient_participant_id: text,
	biz_opaque_callback_data: text,
	errors: z
		.array(
			z.looseObject({
				code: z.union([z.string(), z.number()]),
				title: text,
				message: text,
				error_data: z.looseObject({ details: text }).optional().catch(undefined),
			}),
		)
		.optional()
		.catch(undefined),
});

/** https://developers.facebook.com/documentation/business-messaging/whatsapp/webhooks/reference/messages/status */
const STATUSES: ReadonlyMap<string, ReceivedType> = new Map([
	['sent', 'notification.sent'],
	['delivered', 'notification.delivered'],
	['read', 'notification.read'],
	// A voice message, which is read by listening.
	['played', 'notification.read'],
	['failed', 'notification.failed'],
]);

function statusFacts(
	raw: Record<string, unknown>,
	metadata: Record<string, unknown>,
): Facts | undefined {
	const { data } = status.safeParse(raw);
	if (!data) return undefined;
	// To a group, the recipient is one of its members.
	const recipient = data.recipient_participant_id ?? data.recipient_id;
	const type = STATUSES.get(data.status) ?? 'unknown';
	const { biz_opaque_callback_data: opaque } = data;
	const [error] = data.errors ?? [];
	return {
		type,
		providerEvent: data.status,
		notificationId: data.id,
		identity: [data.id, data.status, recipient, data.timestamp],
		recipient,
		// Two check marks: it is on the recipient's device.
		confirmation: type === 'notification.delivered' ? 'device' : undefined,
		error: error && {
			code: String(error.code),
			message: error.error_data?.details ?? error.message ?? error.title ?? String(error.code),
		},
		occurredAt: data.timestamp,
		metadata: opaque === undefined ? metadata : { ...metadata, biz_opaque_callback_data: opaque },
	};
}

const message = z.looseObject({
	id: z.string().min(1),
	from: text,
	timestamp: seconds,
	type: text,
});

function messageFacts(
	raw: Record<string, unknown>,
	metadata: Record<string, unknown>,
): Facts | undefined {
	const { data } = message.safeParse(raw);
	return (
		data && {
			type: 'notification.received',
			providerEvent: data.type,
			notificationId: data.id,
			identity: ['message', data.id],
			recipient: data.from,
			occurredAt: data.timestamp,
			metadata,
		}
	);
}

/** Changes of the account, of templates, of preferences, and errors of no single message. */
function otherFacts(raw: Record<string, unknown>, { accountId, time }: Part): Facts {
	const { field } = raw;
	return {
		type: 'unknown',
		providerEvent: typeof field === 'string' ? field : undefined,
		notificationId: accountId,
		// The same can happen again: a template is approved, paused, and approved.
		identity: [accountId, time, raw],
		occurredAt: time,
	};
}
