import { z } from 'zod/v4';
import { withRestAsOne } from '../../parse/batch.ts';
import { fact, kind as word, list, object, part, text } from '../../parse/facts.ts';
import { isObject } from '../../parse/json.ts';
import { type Facts, receivedEvent } from '../../parse/build-event.ts';
import type { ReceivedEvent } from '../../../received-event.ts';
import type { ReceivedType } from '../../../vocabulary.ts';
import type { Draft } from '../../provider.ts';

/** Unix seconds, as a text. */
const seconds = fact(
	z
		.union([z.string().regex(/^\d{1,12}$/), z.int().nonnegative()])
		.transform((time) => Number(time) * 1000),
);

/** Entries and changes are read one by one, so that an unreadable one does not lose the others. */
const body = z.looseObject({ entry: list });

const entry = z.looseObject({ id: text, time: seconds, changes: z.array(z.unknown()) });

const change = z.looseObject({
	value: part({ metadata: object, statuses: list, messages: list }),
});

/** Reads the statuses, messages and changes in a payload; undefined when it has none. */
export function readEntries(payload: unknown, now: number): Draft | undefined {
	const { entry: entries = [] } = body.safeParse(payload).data ?? {};
	const parts = withRestAsOne(entries).flatMap(partsOfEntry);
	if (parts.length === 0) return undefined;
	return { events: parts.map((one) => readPart(one, now) ?? { unread: one.raw }) };
}

/** One item of a request: a status, a message, a change of another kind, or anything else. */
interface Part {
	readonly kind: 'status' | 'message' | 'other' | 'unknown';
	readonly raw: unknown;
	/** The business's number that it is about. */
	readonly metadata: Record<string, unknown>;
	readonly accountId: string | undefined;
	/** Time at which Meta noticed it; milliseconds since 1970. */
	readonly time: number | undefined;
}

const unknownPart = (raw: unknown): Part => ({
	kind: 'unknown',
	raw,
	metadata: {},
	accountId: undefined,
	time: undefined,
});

function partsOfEntry(raw: unknown): readonly Part[] {
	const { data } = entry.safeParse(raw);
	if (!data || data.changes.length === 0) return [unknownPart(raw)];
	return withRestAsOne(data.changes).flatMap((one) => partsOf(one, data));
}

function partsOf(raw: unknown, { id, time }: z.infer<typeof entry>): readonly Part[] {
	const { data } = change.safeParse(raw);
	if (!data) return [unknownPart(raw)];
	const { metadata = {}, statuses = [], messages = [] } = data.value ?? {};
	const partOf = (kind: Part['kind'], one: unknown): Part => ({
		kind,
		raw: one,
		metadata,
		accountId: id,
		time,
	});
	const parts = [
		...withRestAsOne(statuses).map((one) => partOf('status', one)),
		...withRestAsOne(messages).map((one) => partOf('message', one)),
	];
	return parts.length > 0 ? parts : [partOf('other', raw)];
}

function readPart(part: Part, now: number): ReceivedEvent | undefined {
	const { kind, raw, metadata } = part;
	if (!isObject(raw) || kind === 'unknown') return undefined;
	const facts =
		kind === 'status'
			? statusFacts(raw, metadata)
			: kind === 'message'
				? messageFacts(raw, metadata)
				: otherFacts(raw, part);
	return facts && receivedEvent('whatsapp', { channel: 'whatsapp', ...facts }, raw, now);
}

const status = z.looseObject({
	id: text,
	status: word,
	timestamp: seconds,
	recipient_id: text,
	recipient_participant_id: text,
	recipient_user_id: text,
	biz_opaque_callback_data: text,
	errors: fact(
		z.array(
			z.looseObject({
				code: text,
				title: text,
				message: text,
				error_data: part({ details: text }),
			}),
		),
	),
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
	// To a group, the recipient is one of its members. A person with a username shows no number, but an id for this
	// business (…/whatsapp/business-scoped-user-ids).
	const recipient = data.recipient_participant_id ?? data.recipient_id ?? data.recipient_user_id;
	const type = STATUSES.get(data.status) ?? 'unknown';
	const { biz_opaque_callback_data: opaque } = data;
	const [error] = data.errors ?? [];
	return {
		type,
		providerEvent: data.status,
		notificationId: data.id,
		identity: data.id === undefined ? [raw] : [data.id, data.status, recipient, data.timestamp],
		recipient,
		// Two check marks: it is on the recipient's device.
		confirmation: type === 'notification.delivered' ? 'device' : undefined,
		error: error && {
			code: error.code ?? 'UNKNOWN',
			message: error.error_data?.details ?? error.message ?? error.title ?? error.code ?? 'UNKNOWN',
		},
		occurredAt: data.timestamp,
		metadata: opaque === undefined ? metadata : { ...metadata, biz_opaque_callback_data: opaque },
	};
}

const message = z.looseObject({
	id: text,
	from: text,
	from_user_id: text,
	timestamp: seconds,
	type: text,
});

function messageFacts(
	raw: Record<string, unknown>,
	metadata: Record<string, unknown>,
): Facts | undefined {
	const { data } = message.safeParse(raw);
	if (!data || (data.id === undefined && data.type === undefined)) return undefined;
	return {
		// WhatsApp itself tells of a changed number; no person wrote.
		type: data.type === 'system' ? 'unknown' : 'notification.received',
		providerEvent: data.type,
		notificationId: data.id,
		identity: data.id === undefined ? [raw] : ['message', data.id],
		recipient: data.from ?? data.from_user_id,
		occurredAt: data.timestamp,
		metadata,
	};
}

/** Changes of the account, of templates, of preferences, and errors of no single message. */
function otherFacts(raw: Record<string, unknown>, { accountId, time }: Part): Facts {
	const { field } = raw;
	return {
		type: 'unknown',
		providerEvent: typeof field === 'string' ? field : undefined,
		notificationId: accountId,
		// The same change can happen again: a template is approved, paused, and approved.
		identity: [accountId, time, raw],
		occurredAt: time,
	};
}
