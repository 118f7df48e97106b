import { isoTime } from '../../time.ts';
import type { RawRequest, RejectionReason } from '../verify/verification.ts';
import { DEFAULT_TOLERANCE_S } from '../verify/timestamp.ts';
import { shapeOf } from './digests.ts';
import type { Explain, Explanation, Rejected } from './explanation.ts';
import { findSignature } from './find-signature.ts';
import { type Mistake, mistake, type MistakeCode } from './mistakes.ts';
import { signatureLike, timestampLike } from './header-lines.ts';

const SIGNATURE = 'x-oneping-signature';
const TIMESTAMP = 'x-oneping-timestamp';

/** The sender of webhooks in One-Ping's form. */
export interface OnePingSender {
	readonly documentation: string;
	/** An event's members in the order in which it writes them, with spaces between; other members come after. */
	readonly memberOrder: string;
}

interface Case extends Rejected {
	readonly memberOrder: readonly string[];
	/** The two headers as far as they came; a list as its first. */
	readonly signature: string | undefined;
	readonly timestamp: string | undefined;
}

type Found = Pick<Explanation, 'rule' | 'expected' | 'received' | 'mistakes'>;

/** Explains rejections of webhooks in One-Ping's form by the common mistakes that lead to such a request. */
export function explainOnePing({ documentation, memberOrder }: OnePingSender): Explain {
	const order = memberOrder.split(' ');
	return (rejected) => {
		const first = (name: string): string | undefined =>
			[rejected.request.headers[name] ?? []].flat().at(0);
		const { rule, ...found } = EXPLAIN[rejected.reason]({
			...rejected,
			memberOrder: order,
			signature: first(SIGNATURE),
			timestamp: first(TIMESTAMP),
		});
		return { rule, documentation, ...found };
	};
}

const EXPLAIN: Readonly<Record<RejectionReason, (one: Case) => Found>> = {
	missing_header: explainMissingHeader,
	malformed_signature: explainMalformedSignature,
	bad_timestamp: explainBadTimestamp,
	stale: explainUntimely,
	future: explainUntimely,
	bad_signature: explainBadSignature,
	malformed_body: () => ({
		rule: 'The proof needs nothing of the body but its bytes',
		expected: 'any body',
		received: 'one that was not accepted',
		mistakes: [],
	}),
	replayed: () => ({
		rule: 'A request is taken once',
		expected: 'an event id that was not seen before',
		received: 'one that was',
		mistakes: [],
	}),
};

function explainMissingHeader(one: Case): Found {
	const missing = [SIGNATURE, TIMESTAMP].filter((name) => one.request.headers[name] === undefined);
	const mistakes = otherNames(one);
	const { otherSender } = one;
	if (mistakes.length === 0 && otherSender) {
		mistakes.push(mistake('webhook_of_another', otherSender));
	}
	if (mistakes.length === 0 && signatureLike(one.request).length === 0) {
		mistakes.push(mistake('not_signed'));
	}
	return {
		rule: 'X-OnePing-Signature and X-OnePing-Timestamp both come with every webhook',
		expected: 'both headers',
		received: `no ${missing.map(titled).join(' and no ')}; the headers are ${names(one.request)}`,
		mistakes,
	};
}

/** Headers under other names with which the signature is right. */
function otherNames(one: Case): Mistake[] {
	const { request, secrets, memberOrder } = one;
	const signatures =
		one.signature === undefined
			? signatureLike(request)
			: [{ name: SIGNATURE, value: one.signature }];
	const timestamps =
		one.timestamp === undefined
			? [...timestampLike(request), { name: '', value: '' }]
			: [{ name: TIMESTAMP, value: one.timestamp }];
	for (const signature of signatures) {
		for (const timestamp of timestamps) {
			const claim = { signature: signature.value, timestamp: timestamp.value };
			const codes = findSignature(claim, request, secrets, memberOrder);
			if (!codes) continue;
			const moved = [signature, timestamp].filter(
				({ name }) => name !== '' && name !== SIGNATURE && name !== TIMESTAMP,
			);
			return [
				...(moved.length > 0
					? [mistake('header_has_other_name', moved.map(({ name }) => titled(name)).join(', '))]
					: []),
				...codes.map((code) => mistake(code)),
			];
		}
	}
	return [];
}

function explainMalformedSignature(one: Case): Found {
	const { signature = '' } = one;
	const lists = Array.isArray(one.request.headers[SIGNATURE]);
	const codes = search(one);
	const mistakes = (codes ?? []).map((code) => mistake(code));
	if (lists) mistakes.unshift(mistake('header_came_twice', titled(SIGNATURE)));
	const digits = /^sha256=([0-9a-f]*)$/i.exec(signature.trim())?.[1];
	if (digits !== undefined && digits.length < 64) {
		mistakes.push(mistake('signature_is_cut', `${digits.length} of 64 digits`));
	}
	return {
		rule: 'X-OnePing-Signature is "sha256=" and the HMAC-SHA256 in hex',
		expected: '"sha256=" and 64 hex digits',
		received: lists ? 'several values' : shapeOf(signature),
		mistakes,
	};
}

function explainBadTimestamp(one: Case): Found {
	const { timestamp = '' } = one;
	const mistakes: Mistake[] = [];
	if (Array.isArray(one.request.headers[TIMESTAMP])) {
		mistakes.push(mistake('header_came_twice', titled(TIMESTAMP)));
	} else if (/^\d{13}$/.test(timestamp)) {
		mistakes.push(mistake('timestamp_in_milliseconds'));
	} else if (/^\d+\.\d+$/.test(timestamp)) {
		mistakes.push(mistake('timestamp_has_a_fraction'));
	} else if (/^[\s+-]*\d+\s*$/.test(timestamp)) {
		mistakes.push(mistake('timestamp_has_white_space'));
	} else if (!Number.isNaN(Date.parse(timestamp))) {
		mistakes.push(mistake('timestamp_is_a_date'));
	}
	return {
		rule: 'X-OnePing-Timestamp is the time of signing in unix seconds',
		expected: 'digits alone, such as 1705312200',
		received: JSON.stringify(timestamp.slice(0, 64)),
		mistakes: [...mistakes, ...(search(one) ?? []).map((code) => mistake(code))],
	};
}

function explainUntimely(one: Case): Found {
	const { now, toleranceS = DEFAULT_TOLERANCE_S } = one.options;
	const seconds = Number(one.timestamp);
	const age = Math.floor(now / 1000) - seconds;
	const codes = search(one);
	const distance = `${Math.abs(age)} s ${age < 0 ? 'after' : 'before'} ${isoTime(now)}`;
	return {
		rule: `A request is taken within ${toleranceS} s of its signing, either way`,
		expected: `a timestamp within ${toleranceS} s of ${isoTime(now)}`,
		received: `${seconds}, ${distance}`,
		mistakes: codes
			? [
					...(codes.length === 0 ? [mistake('clock_is_off', `by ${Math.abs(age)} s`)] : []),
					...codes.map((code) => mistake(code)),
				]
			: [],
	};
}

function explainBadSignature(one: Case): Found {
	const { body, headers } = one.request;
	const codes = search(one);
	const mistakes = (codes ?? []).map((code) => mistake(code));
	const said = Number(headers['content-length']);
	if (Number.isInteger(said) && said !== body.length) {
		const detail = `${body.length} bytes of ${said}`;
		mistakes.push(mistake(body.length < said ? 'body_is_cut' : 'body_is_longer', detail));
	}
	if (body[0] === 0x1f && body[1] === 0x8b) mistakes.push(mistake('body_is_compressed', 'gzip'));
	return {
		rule: 'The signature is the HMAC-SHA256 of timestamp, a dot and the raw body, with all of the secret as the key',
		expected: 'the signature that this secret, this timestamp and these bytes have',
		received: `another one, over a body of ${body.length} bytes that ${isJson(body) ? 'is' : 'is not'} JSON${codes ? '' : '. No common mistake leads to it: the secret is another one, or what was signed was changed'}`,
		mistakes,
	};
}

/** The mistakes with which the signature is right; none at all when only something else is wrong. */
function search(one: Case): readonly MistakeCode[] | undefined {
	const { signature, timestamp, request, secrets, memberOrder } = one;
	if (signature === undefined || timestamp === undefined) return undefined;
	return findSignature({ signature, timestamp }, request, secrets, memberOrder);
}

function isJson(body: Uint8Array): boolean {
	try {
		JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body));
		return true;
	} catch {
		return false;
	}
}

/** `X-OnePing-Signature` for `x-oneping-signature`. */
function titled(name: string): string {
	return name.replace(/(^|-)[a-z]/g, (start) => start.toUpperCase()).replace('Oneping', 'OnePing');
}

function names({ headers }: RawRequest): string {
	return Object.keys(headers).slice(0, 30).map(titled).join(', ') || 'none';
}
