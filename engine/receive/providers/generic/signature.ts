import { decodeSignatures, isSignedByRules } from '../../../signing/by-rules.ts';
import { claimOf } from './claim.ts';
import {
	bodyAdjoins,
	genericRules,
	refuseGenericRules,
	signedPieces,
	type SignedPlace,
	textBehind,
} from './rules.ts';
import { parseJson } from '../../parse/json.ts';
import {
	type RawRequest,
	refuse,
	type Rejection,
	type Verification,
} from '../../verify/verification.ts';
import type { ReceiveOptions } from '../../options.ts';
import { refuseMilliseconds, refuseTimestamp } from '../../verify/timestamp.ts';
import { isOneOf } from '../../../signing/compare.ts';

const TIMESTAMP = /^\d{1,15}$/;

/** Verifies a request by rules. Without rules, or by rules with a mistake, nothing is genuine. */
export function verifyByRules(
	request: RawRequest,
	secrets: readonly string[],
	options: ReceiveOptions,
): Verification {
	if (refuseGenericRules(options.generic) !== undefined) return refuse('bad_signature');
	const rules = genericRules.parse(options.generic);
	const claim = claimOf(request, rules);
	if (!claim.ok) return claim;
	const { algorithm, encoding, secretEncoding } = rules;
	if (algorithm === 'none') {
		return claim.signatures.some((claimed) => isOneOf(secrets, claimed))
			? { ok: true, request, isStatic: true }
			: refuse('bad_signature');
	}
	const scheme = { algorithm, encoding, secretEncoding };
	const signatures = decodeSignatures(claim.signatures, scheme);
	if (!signatures) return refuse('malformed_signature');
	const timestamp =
		claim.timestamp === undefined
			? signedHeader(request, rules.timestampHeader, TIMESTAMP, 'bad_timestamp')
			: inForm(claim.timestamp, TIMESTAMP, 'bad_timestamp');
	if (!timestamp.ok) return timestamp;
	const signedAt = timestamp.value === undefined ? undefined : timeOf(timestamp.value, options);
	if (signedAt && !signedAt.ok) return signedAt;
	const id = signedHeader(request, rules.idHeader, /^[\x21-\x7e]{1,256}$/, 'malformed_signature');
	if (!id.ok) return id;

	const values: Record<SignedPlace, string | Uint8Array> = {
		body: request.body,
		timestamp: timestamp.value ?? '',
		id: id.value ?? '',
		url: request.url,
		method: request.method,
	};
	const pieces = signedPieces(rules.signedContent);
	const separator = textBehind(pieces, 'id');
	// An id with the separator in it could end sooner or later than it did.
	if (separator !== '' && id.value?.includes(separator)) return refuse('malformed_signature');
	const content = pieces.map((piece) => ('text' in piece ? piece.text : values[piece.place]));
	if (!isSignedByRules(scheme, secrets, signatures, content)) return refuse('bad_signature');
	const payload = bodyAdjoins(pieces) ? parseJson(request.body) : undefined;
	if (bodyAdjoins(pieces) && (typeof payload !== 'object' || payload === null)) {
		return refuse('malformed_body');
	}
	const idIsSigned = pieces.some((piece) => 'place' in piece && piece.place === 'id');
	return {
		ok: true,
		request,
		...(signedAt ? { signedAt: signedAt.ms } : {}),
		...(payload === undefined ? {} : { payload }),
		...(idIsSigned && id.value !== undefined ? { id: id.value } : {}),
	};
}

type Named = { readonly ok: true; readonly value?: string };

/** A header that the rules name; its value is undefined where they name none. */
function signedHeader(
	{ headers }: RawRequest,
	name: string | undefined,
	form: RegExp,
	reason: Rejection['reason'],
): Named | Rejection {
	if (name === undefined) return { ok: true };
	const value = headers[name];
	if (value === undefined || value === '') return refuse('missing_header');
	return typeof value === 'string' ? inForm(value, form, reason) : refuse(reason);
}

function inForm(value: string, form: RegExp, reason: Rejection['reason']): Named | Rejection {
	return form.test(value) ? { ok: true, value } : refuse(reason);
}

/** Twelve digits of seconds are beyond the year 5000, and of milliseconds before 2002: so the length tells them apart. */
function timeOf(
	timestamp: string,
	{ now, toleranceS }: ReceiveOptions,
): { readonly ok: true; readonly ms: number } | Rejection {
	const inSeconds = timestamp.length < 12;
	const refuseAge = inSeconds ? refuseTimestamp : refuseMilliseconds;
	const untimely = refuseAge(timestamp, now, toleranceS);
	return untimely
		? refuse(untimely)
		: { ok: true, ms: inSeconds ? Number(timestamp) * 1000 : Number(timestamp) };
}
