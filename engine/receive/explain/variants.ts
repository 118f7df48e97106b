import { isObject } from '../parse/json.ts';
import { pythonJson } from '../../signing/python-json.ts';
import type { MistakeCode } from './mistakes.ts';

/** A value as it would be if these mistakes had been made; none for the value as it should be. */
export interface Variant<T> {
	readonly value: T;
	readonly mistakes: readonly MistakeCode[];
}

const as = <T>(value: T, ...mistakes: MistakeCode[]): Variant<T> => ({ value, mistakes });

const PREFIX = 'whsec_';

/** Bytes. A text that decodes to fewer counts as not encoded. */
const SHORTEST_KEY = 8;

/** The keys that a sender with this secret may have signed with by mistake. */
export function secretVariants(secret: string): readonly Variant<Buffer>[] {
	const bare = secret.trim().replace(/^(["'`])(.*)\1$/s, '$2');
	const tail = bare.startsWith(PREFIX) ? bare.slice(PREFIX.length) : bare;
	const text = (value: string, ...codes: MistakeCode[]): Variant<Buffer> =>
		as(Buffer.from(value, 'utf8'), ...codes);
	return [
		text(secret),
		text(secret.trim(), 'secret_has_white_space'),
		text(bare, 'secret_has_quotes'),
		text(tail, 'signed_without_prefix'),
		text(PREFIX + tail, 'secret_lacks_prefix'),
		...['=', '=='].map((padding) => text(bare + padding, 'secret_lacks_padding')),
		...(['base64', 'hex'] as const)
			.map((encoding) => Buffer.from(tail, encoding))
			.filter(({ length }) => length >= SHORTEST_KEY)
			.map((key) => as(key, 'signed_with_decoded_secret')),
		text(`${secret}\n`, 'signed_with_line_break'),
		text(`${secret}\r\n`, 'signed_with_line_break'),
		...['', 'undefined', 'null', 'None'].map((unset) => text(unset, 'signed_with_unset_secret')),
	];
}

/** The bytes that may have been signed when this body arrives. */
export function bodyVariants(
	body: Uint8Array,
	memberOrder: readonly string[],
): readonly Variant<Uint8Array>[] {
	const found: Variant<Uint8Array>[] = [as(body)];
	const text = new TextDecoder('utf-8', { ignoreBOM: true }).decode(body);
	const add = (value: string, ...codes: MistakeCode[]): void =>
		void found.push(as(Buffer.from(value, 'utf8'), ...codes));
	if (text.startsWith('\uFEFF')) add(text.slice(1), 'body_has_byte_order_mark');
	add(withoutLineEnds(text), 'body_has_added_line_break');
	for (const end of ['\n', '\r\n']) add(text + end, 'body_lost_line_break');
	add(text.replaceAll('\r\n', '\n'), 'body_line_ends_changed');
	add(text.replace(/\r?\n/g, '\r\n'), 'body_line_ends_changed');
	for (const { value, mistakes } of rewritten(text, memberOrder)) add(value, ...mistakes);
	return found;
}

/** From the end, since a regular expression would begin anew at each of many line breaks elsewhere. */
function withoutLineEnds(text: string): string {
	let end = text.length;
	while (text[end - 1] === '\n') end -= text[end - 2] === '\r' ? 2 : 1;
	return text.slice(0, end);
}

/** The payload as other programs write it. Empty where the body is not JSON, or nests deeper than the stack. */
function rewritten(text: string, memberOrder: readonly string[]): readonly Variant<string>[] {
	try {
		const payload: unknown = JSON.parse(text.replace(/^\uFEFF/, ''));
		const compact = JSON.stringify(payload);
		const orders = [reorder(payload, memberOrder), reorder(payload, []), sorted(payload)];
		return [
			...[undefined, 2, 4, '\t'].map((indent) =>
				as(JSON.stringify(payload, null, indent), 'body_reserialised'),
			),
			as(spaced(compact), 'body_reserialised'),
			as(pythonJson(payload), 'body_written_by_python'),
			// PHP's json_encode escapes slashes and characters outside ASCII, Go's encoding/json <, > and &.
			as(escaped(compact, /[^ -~]/g), 'body_escaped_otherwise'),
			as(escaped(compact, /[^ -~]/g).replaceAll('/', '\\/'), 'body_escaped_otherwise'),
			as(compact.replaceAll('/', '\\/'), 'body_escaped_otherwise'),
			as(escaped(compact, /[<>&\u2028\u2029]/g), 'body_escaped_otherwise'),
			...orders.flatMap((value) => [
				as(JSON.stringify(value), 'body_keys_reordered'),
				as(pythonJson(value), 'body_keys_reordered', 'body_written_by_python'),
			]),
		];
	} catch {
		return [];
	}
}

/** With a space after each colon and comma, as Python writes JSON, but without escaping characters outside ASCII. */
function spaced(compact: string): string {
	return compact.replace(
		/("(?:[^"\\]|\\.)*"?)|([:,])/g,
		(_, text?: string, mark?: string) => text ?? `${mark} `,
	);
}

function escaped(text: string, units: RegExp): string {
	return text.replace(units, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

/** The named members first, in that order, then the others as they are. Without names, all members backwards. */
function reorder(value: unknown, first: readonly string[]): unknown {
	if (!isObject(value)) return value;
	const entries = Object.entries(value);
	if (first.length === 0) return Object.fromEntries(entries.reverse());
	const rank = (name: string): number => {
		const at = first.indexOf(name);
		return at < 0 ? first.length : at;
	};
	return Object.fromEntries(entries.sort(([a], [b]) => rank(a) - rank(b)));
}

function sorted(value: unknown): unknown {
	if (Array.isArray(value)) return value.map(sorted);
	if (!isObject(value)) return value;
	const entries = Object.entries(value).map(([name, member]) => [name, sorted(member)] as const);
	return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** Prefixes that a sender may have put before the body, made of the timestamp and, in Standard Webhooks, the id. */
export function prefixVariants(
	timestamp: string,
	id: string | undefined,
): readonly Variant<string>[] {
	const seconds = /^\d{13}$/.test(timestamp) ? timestamp.slice(0, 10) : timestamp;
	return [
		as(`${timestamp}.`),
		...(seconds === timestamp ? [] : [as(`${seconds}.`)]),
		as('', 'signed_body_only'),
		as(timestamp, 'signed_with_other_separator'),
		...[':', ',', '|', '\n', ' . '].map((mark) =>
			as(timestamp + mark, 'signed_with_other_separator'),
		),
		as(`v0:${timestamp}:`, 'signed_with_other_separator'),
		...(id === undefined ? [] : [as(`${id}.${timestamp}.`, 'signed_as_standard_webhooks')]),
	];
}
