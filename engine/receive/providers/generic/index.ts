import { readBatch } from '../../parse/batch.ts';
import { jsonOrForm } from '../../parse/form.ts';
import type { GenericRules } from './rules.ts';
import { verifyByRules } from './signature.ts';
import { isObject } from '../../parse/json.ts';
import { receivedEvent } from '../../parse/build-event.ts';
import type { Genuine } from '../../verify/verification.ts';
import type { ReceivedEvent } from '../../../received-event.ts';
import { provider } from '../../provider.ts';
import { isReceivedType, type ReceivedType } from '../../../vocabulary.ts';

/** A provider that is not built in, by the user's rules. Secrets: in the form that the rules name. */
export const generic = provider({
	id: 'generic',
	parameter: 'generic',
	title: 'Generic',
	scheme: {
		proof: 'a signature as you describe it',
		secret: 'the secret that the sender signs with',
		documentation: 'Sureping, docs/reference/providers.md, "Generic"',
	},
	docs: {
		verifiedBy: 'as you describe it',
		events: 'as you map them',
		setUp: 'give it to the sender',
	},
	verify: verifyByRules,
	read(genuine, { now, generic: rules }) {
		if (!rules) return undefined;
		// A body that had to be JSON for the proof is not read in another form.
		const payload = genuine.payload ?? jsonOrForm(genuine.request.body);
		if (payload === undefined) return undefined;
		const { events } = rules.fields;
		const found = events === undefined ? payload : valueAt(payload, events);
		if (found === undefined) return undefined;
		const list: readonly unknown[] = Array.isArray(found) ? found : [found];
		const single = list.length === 1;
		return readBatch(list, (raw) => readEvent(raw, rules, single ? genuine : undefined, now));
	},
});

/** `genuine` is the request where it has one event only, so that its signed id is the event's. */
function readEvent(
	raw: Record<string, unknown>,
	{ fields, types, bounceTypes }: GenericRules,
	genuine: Genuine | undefined,
	now: number,
): ReceivedEvent | undefined {
	const at = (path: string | undefined): string | undefined =>
		path === undefined ? undefined : textOf(valueAt(raw, path));
	const wordAt = (path: string | undefined): string | undefined =>
		path === undefined ? undefined : wordOf(valueAt(raw, path));
	const [word, subtype] = [wordAt(fields.type), wordAt(fields.subtype)];
	const notificationId = at(fields.notificationId);
	if (word === undefined) return undefined;
	const [channel, recipient] = [at(fields.channel), at(fields.recipient)];
	const occurredAt = at(fields.occurredAt);
	const [code, message] = [at(fields.errorCode), at(fields.errorMessage)];
	const type = typeOf(word, subtype, types);
	const facts = {
		type,
		providerEvent: word,
		notificationId,
		eventId: at(fields.eventId) ?? genuine?.id,
		// Without a time, two equal reports on a message may be two events, so only the same entry counts as the same
		// event.
		identity:
			occurredAt === undefined || notificationId === undefined
				? [raw]
				: [notificationId, word, channel, recipient, occurredAt, code, ...optional(subtype)],
		channel,
		recipient,
		bounceType:
			type === 'notification.bounced'
				? bounceTypeOf(wordAt(fields.bounceType), bounceTypes)
				: undefined,
		error:
			code === undefined && message === undefined
				? undefined
				: { code: code ?? word, message: message ?? code ?? word },
		occurredAt: occurredAt === undefined ? genuine?.signedAt : timeOf(occurredAt),
	};
	return receivedEvent('generic', facts, raw, now);
}

/** A part of an id; left out where the rules name no such fact, so that earlier ids stay the same. */
function optional<Fact>(fact: Fact | undefined): readonly Fact[] {
	return fact === undefined ? [] : [fact];
}

/** The meaning of type and subtype together, else of the type alone. */
function typeOf(
	word: string,
	subtype: string | undefined,
	types: GenericRules['types'],
): ReceivedType {
	const words = [...optional(subtype).map((more) => `${word}/${more}`), word];
	const known = words.find((one) => Object.hasOwn(types, one));
	const type = known === undefined ? word : (types[known] ?? word);
	return isReceivedType(type) ? type : 'unknown';
}

function bounceTypeOf(
	word: string | undefined,
	bounceTypes: GenericRules['bounceTypes'] = {},
): 'hard' | 'soft' | undefined {
	if (word === undefined) return undefined;
	if (Object.hasOwn(bounceTypes, word)) return bounceTypes[word];
	return word === 'hard' || word === 'soft' ? word : undefined;
}

/** The value at a path such as `data.items.0.status`; own members only, nothing inherited. */
function valueAt(payload: unknown, path: string): unknown {
	return path.split('.').reduce((value: unknown, name) => {
		if (Array.isArray(value)) return /^\d{1,9}$/.test(name) ? value[Number(name)] : undefined;
		if (!isObject(value)) return undefined;
		if (Object.hasOwn(value, name)) return value[name];
		return name === '*' ? onlyMember(value) : undefined;
	}, payload);
}

/** With several members it is not clear which one is meant. */
function onlyMember(value: Record<string, unknown>): unknown {
	const members = Object.values(value);
	return members.length === 1 ? members[0] : undefined;
}

/** A boolean counts as the word `true` or `false`. */
function wordOf(value: unknown): string | undefined {
	return typeof value === 'boolean' ? String(value) : textOf(value);
}

function textOf(value: unknown): string | undefined {
	if (typeof value === 'number' && Number.isFinite(value)) return String(value);
	return typeof value === 'string' && value !== '' ? value : undefined;
}

/** Seconds or milliseconds since 1970, told apart by their size, or a text that `Date` reads. */
function timeOf(text: string): number | string {
	if (!/^\d+(\.\d+)?$/.test(text)) return text;
	const number = Number(text);
	return number < 1e11 ? number * 1000 : number;
}
