import { createHash } from 'node:crypto';
import type { ReceivedEvent } from '../received-event.ts';
import type { ReceiveOptions } from './options.ts';
import { derivedId, receivedEvent } from './parse/build-event.ts';
import { formObject } from './parse/form.ts';
import { parseJson } from './parse/json.ts';
import { queryOf } from './parse/query.ts';
import type { Draft, Unread } from './provider.ts';
import type { Genuine, RawRequest } from './verify/verification.ts';

/** The events of a genuine request, and the answer that the host has to give. */
export interface Reading extends Omit<Draft, 'events'> {
	/** Parts that could not be read are among them, as `unreadable`. */
	readonly events: readonly ReceivedEvent[];
	/**
	 * Milliseconds within which an identical unreadable event counts as a repeat. Undefined where the proof covers the
	 * body: then it always does.
	 */
	readonly unreadableRepeatsAfterMs?: number;
}

/** Where the proof is a static secret, the same body may soon mean a new event. */
const REPEATS_AFTER_MS = 10 * 60_000;

/**
 * Completes the draft of a genuine request: its unreadable parts become events of type `unknown`, word for word. No
 * signed fact is lost because of its form.
 */
export function completeReading(
	provider: string,
	genuine: Genuine,
	draft: Draft | undefined,
	options: ReceiveOptions,
): Reading {
	const { events: parts, ...rest } = draft ?? { events: [{ unread: rawOf(genuine) }] };
	const isOnly = parts.length === 1;
	// Computed once, since a body can hold many parts.
	const said = parts.some((part) => 'unread' in part) ? identityOf(genuine) : [];
	const events = parts.map((part, i) =>
		'unread' in part
			? unreadable(provider, genuine, said, part, isOnly ? undefined : i, options)
			: part,
	);
	return {
		...rest,
		events,
		...(genuine.isStatic ? { unreadableRepeatsAfterMs: REPEATS_AFTER_MS } : {}),
	};
}

/** `place` is where in a list it was. A signature and its time are no part of the id: a resend has others. */
function unreadable(
	provider: string,
	{ id, signedAt }: Genuine,
	said: readonly unknown[],
	{ unread: raw, identity = said }: Unread,
	place: number | undefined,
	{ entry, now }: ReceiveOptions,
): ReceivedEvent {
	const isWhole = place === undefined && identity === said;
	const eventId =
		isWhole && id !== undefined
			? id
			: derivedId(provider, ['unreadable', entry, ...identity, place]);
	const facts = { type: 'unknown', eventId, notificationId: undefined, unreadable: true } as const;
	return receivedEvent(provider, { ...facts, occurredAt: signedAt }, raw, now);
}

/** The facts that tell one genuine request from another. */
const identityOf = ({ id, signed, request }: Genuine): readonly unknown[] => [
	id,
	signed ?? digestOf(request),
];

/** The body as JSON or text; for a GET, its query. */
function rawOf({ request, payload = parseJson(request.body) }: Genuine): unknown {
	if (request.method === 'GET') return formObject([...(queryOf(request) ?? [])]);
	return payload === undefined ? new TextDecoder().decode(request.body) : payload;
}

function digestOf(request: RawRequest): string {
	const hash = createHash('sha256');
	if (request.method === 'GET') hash.update(queryOf(request)?.toString() ?? '');
	return hash.update(request.body).digest('hex');
}
