import { trimMatching } from '../../trim-matching.ts';
import type { MistakeCode } from './mistakes.ts';

export type Algorithm = 'sha1' | 'sha256' | 'sha512';

/** A digest read from a header's value, with the mistakes in its notation. */
export interface ReadDigest {
	readonly algorithm: Algorithm;
	readonly bytes: Buffer;
	readonly mistakes: readonly MistakeCode[];
}

const ALGORITHMS: readonly { algorithm: Algorithm; length: number; mistakes: MistakeCode[] }[] = [
	{ algorithm: 'sha256', length: 32, mistakes: [] },
	{ algorithm: 'sha1', length: 20, mistakes: ['signature_is_sha1'] },
	{ algorithm: 'sha512', length: 64, mistakes: ['signature_is_sha512'] },
];

/** Every digest in a signature header, however it is written: `sha256=<hex>` is how it should be. */
export function readDigests(header: string): readonly ReadDigest[] {
	const parts = header.split(/[,;\s]+/).filter((part) => part !== '');
	const whole = readDigest(header.trim(), []);
	if (parts.length < 2) return whole;
	const single = parts.flatMap((part) => readDigest(part, ['signature_is_a_list']));
	return [...whole, ...single];
}

function readDigest(text: string, before: readonly MistakeCode[]): ReadDigest[] {
	const unquoted = trimMatching(text, /["'<\s]/, /["'>\s]/).replace(/=\s+/, '=');
	const mistakes = unquoted === text ? [...before] : [...before, 'signature_has_quotes' as const];
	const [, name, marked] = /^([A-Za-z][\w-]{0,15})[=:,](.+)$/s.exec(unquoted) ?? [];
	const readings =
		name !== undefined && marked !== undefined
			? [
					{
						value: marked,
						mistakes:
							name.toLowerCase() === 'sha256' ? [] : (['signature_has_other_prefix'] as const),
					},
				]
			: [];
	return [...readings, { value: unquoted, mistakes: ['signature_lacks_prefix'] as const }].flatMap(
		(reading) =>
			decode(trimMatching(reading.value, /["'\s]/)).map((digest) => ({
				...digest,
				mistakes: [...mistakes, ...reading.mistakes, ...digest.mistakes],
			})),
	);
}

/** Hex or base64 (also its URL form), whichever gives the length of a digest. */
function decode(text: string): ReadDigest[] {
	const hex = /^(?:[0-9a-f]{2})+$/i.test(text) ? Buffer.from(text, 'hex') : undefined;
	const base64 = /^[\w+/-]+={0,2}$/.test(text) ? Buffer.from(text, 'base64') : undefined;
	return ALGORITHMS.flatMap(({ algorithm, length, mistakes }) => [
		...(hex?.length === length ? [{ algorithm, bytes: hex, mistakes }] : []),
		...(base64?.length === length
			? [{ algorithm, bytes: base64, mistakes: [...mistakes, 'signature_is_base64' as const] }]
			: []),
	]);
}

/** Describes a signature header without repeating it, since it may hold a valid signature. */
export function shapeOf(header: string): string {
	if (header.trim() === '') return 'nothing';
	const [, prefix = '', value = header] = /^([A-Za-z][\w-]{0,15}[=:,])(.+)$/s.exec(header) ?? [];
	const kind = /^[0-9a-f]+$/i.test(value)
		? 'hex digits'
		: /^[\w+/-]+={0,2}$/.test(value)
			? 'characters of base64'
			: 'characters that are neither hex nor base64';
	return `${prefix ? `"${prefix}" and ` : ''}${value.length} ${kind}`;
}
